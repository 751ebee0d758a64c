"""Units of poison."""

import numpy as np
import pytest

from sklearn_certify.exceptions import InvalidInputError
from sklearn_certify.threat import (
    THREAT_MODELS,
    check_poison_sizes,
    check_threat_model,
    find_threat_model,
    partitions_per_unit,
)


def test_partitions_per_unit():
    costs = {t: partitions_per_unit(t) for t in THREAT_MODELS}
    assert costs == {"insert": 1, "delete": 1, "insert_delete": 1, "modify": 2, "label_flip": 1}
    assert partitions_per_unit("label_flip", partition_sees_labels=True) == 2
    assert partitions_per_unit("insert", partition_sees_labels=True) == 1
    for threat_model in THREAT_MODELS:
        assert partitions_per_unit(threat_model, partition_sees_labels=True, grouped=True) == 1


def test_unknown_threat_models_are_named():
    with pytest.raises(InvalidInputError, match="must be one of 'insert'.*got 'flip'"):
        check_threat_model("flip")
    with pytest.raises(InvalidInputError):
        partitions_per_unit("flip", grouped=True)


@pytest.mark.parametrize("size", [3, np.int8(3), np.uint64(3), np.array(3)])
def test_one_size(size):
    assert check_poison_sizes(size) == 3
    assert check_poison_sizes(size).ndim == 0
    assert check_poison_sizes(size).dtype == np.int64


def test_many_sizes():
    assert check_poison_sizes([]).shape == (0,)
    np.testing.assert_array_equal(check_poison_sizes(range(3)), [0, 1, 2])
    assert check_poison_sizes(np.array([2**64 - 1], dtype=np.uint64)) == [2**63 - 1]


@pytest.mark.parametrize("size", [-1, 1.0, 0.5, True, "1", None, [[1]], [1, -1], [1.5]])
def test_sizes_that_are_none(size):
    with pytest.raises(InvalidInputError, match="poison_size must"):
        check_poison_sizes(size)


@pytest.mark.parametrize("name", THREAT_MODELS)
def test_every_model_says_what_its_units_are_called(name):
    model = find_threat_model(name)
    for grouped in (False, True):
        words = model.words(grouped=grouped)
        assert words.one.startswith("one ")
        assert words.many and not words.many.startswith("one ")
        assert words.meaning and not words.meaning.endswith(".")
        assert all(("contributor" in text) == grouped for text in (words.one, words.many))


@pytest.mark.parametrize(
    ("name", "gives", "takes", "labels_alone"),
    [
        ("insert", True, False, False),
        ("delete", False, True, False),
        ("insert_delete", True, True, False),
        ("modify", True, True, False),
        ("label_flip", True, True, True),
    ],
)
def test_what_an_attacker_can_do_to_labels(name, gives, takes, labels_alone):
    model = find_threat_model(name)
    assert (model.gives_labels, model.takes_labels) == (gives, takes)
    assert model.labels_alone == labels_alone


@pytest.mark.parametrize("name", ["flip", None, 3, ["insert"]])
def test_names_that_are_none(name):
    with pytest.raises(InvalidInputError, match="threat_model must be one of"):
        find_threat_model(name)
