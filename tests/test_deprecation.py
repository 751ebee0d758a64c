"""Old names warn, at the line that uses them, and work."""

import pytest

import sklearn_certify
from sklearn_certify import metrics


@pytest.mark.parametrize("name", ["certified_accuracy", "certified_radius", "certify"])
def test_what_has_moved_is_found_and_told(name):
    with pytest.warns(FutureWarning, match=f"sklearn_certify.pipelines.{name} now") as caught:
        found = getattr(metrics, name)
    assert found is getattr(sklearn_certify, name)
    assert caught[0].filename == __file__


def test_other_names_are_missing():
    with pytest.raises(AttributeError, match="no attribute 'certainty'"):
        metrics.certainty  # noqa: B018
