"""How things are computed: on which threads, in which blocks, with which seeds.

blocks             kernels over blocks of rows, on several threads
first_work         small work, for which no kernel is compiled
lanes              the order in which quick kernels read rows
distances          of two rows, which depend on these alone
sorting            sorts and searches for kernels
native_threads     one thread of linear algebra for each voter
settings           what a piece of work sets ends with it
seeds              clones whose work is fixed by a seed, one or many
global_generators  those of Python, NumPy, numba and torch, seeded and restored
torch_generators   those of torch, in memory and on accelerators
progress           what is told of long work
draws              which thread draws from them
"""
