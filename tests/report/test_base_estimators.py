"""What every voter is, from what was typed."""

import pytest
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.report._base_estimators import (
    BASE_ESTIMATORS,
    for_dataset,
    parse_base_estimator,
)
from sklearn_certify.report._dataset import make_dataset


def test_base_estimators():
    assert parse_base_estimator("tree") is BASE_ESTIMATORS["tree"]
    tree = parse_base_estimator("sklearn.tree.DecisionTreeClassifier(max_depth=3, ccp_alpha=-0.5)")
    assert isinstance(tree, DecisionTreeClassifier)
    assert (tree.max_depth, tree.ccp_alpha) == (3, -0.5)
    with pytest.raises(InvalidInputError):
        parse_base_estimator("__import__('os').getcwd()")


@pytest.mark.parametrize("base", BASE_ESTIMATORS)
def test_every_base_estimator_bears_a_table(mixed, base):
    dataset = make_dataset(*mixed, None, "mixed", None)
    assert dataset.text_columns == [1, 2]
    voter = for_dataset(parse_base_estimator(base), dataset)
    classifier = DPAClassifier(voter, n_partitions=3).fit(dataset.X, dataset.y)
    assert classifier.score(dataset.X, dataset.y) > 0.8


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_tables_of_other_libraries(mixed, library):
    frame, y = mixed
    pytest.importorskip(library)
    if library == "polars":
        import polars

        table = polars.from_pandas(frame)
    else:
        import pyarrow

        table = pyarrow.Table.from_pandas(frame)
    dataset = make_dataset(table, y, None, "mixed", None)
    assert dataset.text_columns == [1, 2]
    voter = for_dataset(BASE_ESTIMATORS["logistic"], dataset)
    classifier = DPAClassifier(voter, n_partitions=3).fit(dataset.X, dataset.y)
    assert classifier.score(dataset.X, dataset.y) > 0.8
