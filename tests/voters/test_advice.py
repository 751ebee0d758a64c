"""What is advised to do about a voter that failed follows from its error, or nothing is."""

import pytest

from sklearn_certify.voters._advice import advice_for


@pytest.mark.parametrize(
    ("problem", "advice"),
    [
        ("ValueError: n_splits=5 cannot be greater than the number of members in", "more rows"),
        ("ValueError: Expected n_neighbors <= n_samples_fit, but n_neighbors = 9", "more rows"),
        ("ValueError: The least populated classes in y have only 1 member", "more rows"),
        ("ValueError: Expected more than 1 value per channel when training", "more rows"),
        ("ValueError: n_components=5 must be between 0 and min(n_samples, n_f", "more rows"),
        ("IndexError: Target 7 is out of bounds.", "one output per label"),
        ("RuntimeError: CUDA error: device-side assert triggered", "one output per label"),
        ("ValueError: Invalid classes inferred from unique values of `y`", "labels of this kind"),
        ("TypeError: can't convert np.ndarray of type numpy.str_. The only", "labels of this"),
        ("RuntimeError: mat1 and mat2 must have the same dtype, but got Double", "another type"),
        ("RuntimeError: expected scalar type Long but found Float", "another type"),
        ("OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "fewer voters work"),
        ("RuntimeError: CUDA error: no kernel image is available", "The GPU failed"),
        ("ValueError: Input X contains NaN.", "missing values"),
        ("ValueError: could not convert string to float: 'red'", "OneHotEncoder"),
        ("TypeError: Sparse data was passed for X, but dense data is required", "dense ones"),
        ("AttributeError: it has neither predict_proba nor decision_function", "plurality"),
        ("ZeroDivisionError: division by zero", None),
        ("RuntimeError: a bad day", None),
        ("KeyError: 'colour'", None),
        ("ValueError: y should be a 1d array, got an array of shape (n_samples, 3)", None),
    ],
)
def test_advice_fits_the_failure_or_there_is_none(problem, advice):
    found = advice_for(problem)
    assert found == "" if advice is None else advice in found
