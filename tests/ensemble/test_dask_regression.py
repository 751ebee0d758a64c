"""Dask DataFrames and arrays as rows of a regression: voters are those of the computed ones."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder
from sklearn.tree import DecisionTreeRegressor

from sklearn_certify import DPARegressor, FiniteAggregationRegressor
from sklearn_certify.exceptions import CertifyWarning, InvalidInputError
from sklearn_certify.partition import PartitionedDataset

from .test_dask_collections import GROUPS, SAID, TABLE, X, da, dd

Y = np.round(X @ [1.0, -2.0, 0.5, 0.0, 3.0], 1) + 0.25
ENCODED = make_pipeline(
    OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), DecisionTreeRegressor()
)


def regressors(estimator, **parameters):
    yield DPARegressor(estimator, n_partitions=6, **parameters)
    yield FiniteAggregationRegressor(estimator, n_partitions=3, spreading_degree=2, **parameters)


def arrays(y=Y):
    return da.from_array(X, chunks=(50, 2)), da.from_array(y, chunks=35)


def frames(y=Y):
    table = dd.from_pandas(TABLE, npartitions=4)
    return table, dd.from_pandas(pd.Series(y, index=TABLE.index), npartitions=4)


def assert_same(fitted, expected, queries):
    np.testing.assert_array_equal(fitted.values(queries), expected.values(queries))
    intervals = [one.predict_interval(queries, [0, 1, 2]) for one in (fitted, expected)]
    np.testing.assert_array_equal(*intervals)
    assert fitted.poison_unit_ == expected.poison_unit_


@SAID
@pytest.mark.parametrize("memory", [False, True])
@pytest.mark.parametrize("targets", ["collection", "memory"])
def test_answers_are_those_of_computed_rows(targets, memory, tmp_path):
    memory = tmp_path / "voters" if memory else None
    tree = DecisionTreeRegressor(max_features=2)
    for make, computed, estimator in ((arrays, X, tree), (frames, TABLE, ENCODED)):
        rows, y = make()
        for regressor in regressors(estimator, random_state=3):
            expected = clone(regressor).fit(computed, Y)
            fitted = regressor.set_params(memory=memory)
            fitted.fit(rows, y if targets == "collection" else Y)
            assert_same(fitted, expected, computed)
    assert memory is None or not list(memory.rglob("*rows*"))


@SAID
@pytest.mark.parametrize("dtype", ["f4", "i8", "u1", "bool"])
def test_targets_of_any_type(dtype):
    y = np.abs(Y * 3).astype(dtype)
    for make, computed in ((arrays, X), (frames, TABLE)):
        for regressor in regressors(ENCODED):
            if computed is X:
                regressor.set_params(estimator=Ridge())
            assert_same(clone(regressor).fit(*make(y)), regressor.fit(computed, y), computed)


@SAID
def test_groups_and_settings_mean_the_same():
    rows, y = arrays()
    for groups in (None, GROUPS, da.from_array(GROUPS, chunks=40)):
        for regressor in regressors(Ridge(), partition_by="sample"):
            in_memory = None if groups is None else GROUPS
            expected = clone(regressor).fit(X, Y, in_memory)
            assert_same(regressor.fit(rows, y, groups), expected, X)


def test_the_folder_of_rows_is_named():
    with pytest.warns(CertifyWarning, match="rows are written to .* for this fit") as said:
        DPARegressor(Ridge(), n_partitions=6).fit(*arrays())
    assert [warning.filename for warning in said] == [__file__]


@SAID
def test_what_is_no_finite_number_is_refused(tmp_path):
    regressor = DPARegressor(Ridge(), n_partitions=6, memory=tmp_path)
    missing = np.where(np.arange(len(Y)) == 7, np.nan, Y)
    for make in (arrays, frames):
        for rows, y in (make(missing), make(Y.astype(str).astype(object))):
            with pytest.raises(InvalidInputError, match="After 0 rows: "):
                regressor.fit(rows, y)
    with pytest.raises(InvalidInputError, match="Dask without numbers; pass y"):
        regressor.fit(arrays()[0])
    assert not list(tmp_path.rglob("*rows*"))


def test_a_table_of_dask_is_written_with_its_targets(tmp_path):
    table = dd.from_pandas(TABLE.assign(price=Y), npartitions=4)
    dataset = PartitionedDataset.write(tmp_path, table, 6, target="price", target_type="numbers")
    for regressor in regressors(ENCODED):
        assert_same(clone(regressor).fit(dataset), regressor.fit(TABLE, Y), TABLE)
