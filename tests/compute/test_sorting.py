"""Sorts and searches of the kernels, and what kernels must not use."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sklearn_certify
from sklearn_certify._compute.sorting import n_at_most, stable_order

SOURCES = sorted(Path(sklearn_certify.__file__).parent.rglob("*.py"))
# their implementations in numba are closures that cached kernels can confuse
CLOSURES = {
    "argpartition",
    "argsort",
    "digitize",
    "interp",
    "median",
    "nanmedian",
    "partition",
    "percentile",
    "quantile",
    "searchsorted",
    "sort",
    "sorted",
    "unique",
}


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 9), max_size=200))
def test_equal_keys_keep_their_order(keys):
    for dtype in (np.int64, np.int32, np.float64):
        array = np.array(keys, dtype=dtype)
        np.testing.assert_array_equal(stable_order(array), np.argsort(array, kind="stable"))


@pytest.mark.parametrize("n_keys", [0, 1, 15, 16, 17, 32, 33, 1000, 4097])
def test_orders_of_every_length(n_keys):
    keys = np.random.RandomState(0).permutation(n_keys).astype(float)
    np.testing.assert_array_equal(keys[stable_order(keys)], np.arange(n_keys))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 9), max_size=30), st.integers(-1, 11), st.data())
def test_how_many_are_at_most(keys, limit, data):
    keys = np.sort(np.array(keys, dtype=np.int64))
    start = data.draw(st.integers(0, len(keys)))
    stop = data.draw(st.integers(start, len(keys)))
    assert n_at_most(keys, start, stop, limit) == (keys[start:stop] <= limit).sum()


def kernels(path):
    """The compiled functions of a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            decorators = {
                name.id
                for d in node.decorator_list
                for name in ast.walk(d)
                if isinstance(name, ast.Name)
            }
            if decorators & {"njit", "jit"}:
                yield node


def called(kernel):
    """The names of all functions and methods that a kernel calls."""
    for node in ast.walk(kernel):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id


def test_kernels_do_not_sort_by_closures():
    found = {
        f"{path.name}:{kernel.name}": set(called(kernel))
        for path in SOURCES
        for kernel in kernels(path)
    }
    assert len(found) > 40
    assert {name: calls & CLOSURES for name, calls in found.items() if calls & CLOSURES} == {}
