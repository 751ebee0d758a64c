"""Values as they were: hashes, votes and radii that no rearrangement of the code may change.

Only what the package makes public is used here, so that modules may move. `hashes`, `certificates`,
`targets`, `medians`, `joint`, `ensembles`, `learners` and `neighbors` hold the cases, `values.json`
what they gave.

Where a value is meant to change, ``python -m tests.fixed_values.record`` in the repository root
records all of them anew and says which ones differ.
"""
