"""Exact counts of the training rows near a query, and of their labels: a map.

`TrainingRows` is what the classifiers see. It chooses how to search by the metric and the rows:

=================  ============  ======================================  ===============
metric             rows          module                                  its kernels
=================  ============  ======================================  ===============
Manhattan          most          coded_rows: 16-bit codes on a `grid`    coded_kernels
Euclidean          most          product_rows: products of matrices,     product_kernels
                                 of rows in a `frame`
these two          the others    dense_rows: exact distances             dense_kernels
Chebyshev          all           dense_rows                              dense_kernels
these three, in    very many     tree_of_rows goes first, and leaves     its own
few features                     queries with many rows near to those
                                 above
any other          all           measured_rows: distances by             dense_kernels
                                 scikit-learn, or by the user's function
these three        few, asked    numpy_rows                              none
                   little
=================  ============  ======================================  ===============

The last are the first, small questions of a process, for which nothing is compiled.

Rows of all kinds answer the same questions, for a chunk of queries: ``count_within(radius, queries,
counts)``, ``count_nearest(n_nearest, queries, counts)``, ``write_nearest(n_nearest, queries,
labels)`` and ``certify_nearest(vote, queries, predicted, radii)``. There are two families:

filtered_rows  of the first two kinds: whole numbers, whose `bounds` decide most pairs, and exact
               distances of the others (filter_kernels, certify_kernels)
ranked_rows    of all others: exact distances of all pairs

Which rows vote, and how far away they are, is listed by listed_rows, from the same distances.
Regressors ask for the nearest alone: their ordered_rows pass over the first two kinds.

The kernels stand on

metrics    which metrics there are, and which have kernels
selection  the nearest, without sorting all
batches    how many queries at a time

and on what voters use too, in `_compute`: the `lanes` in which quick kernels read rows, and
`distances` of two rows, or of one and a block of lanes.

All give the same votes to the last bit, on any number of threads, for any batch of queries.
"""

from .listed_rows import list_nearest, list_within
from .metrics import METRICS
from .ordered_rows import OrderedRows
from .training_rows import TrainingRows

__all__ = ["METRICS", "OrderedRows", "TrainingRows", "list_nearest", "list_within"]
