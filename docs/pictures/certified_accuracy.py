"""Draw the picture of the README: ``python docs/pictures/certified_accuracy.py``.

Certified accuracy of five classifiers on handwritten digits, which come with scikit-learn.
"""

from pathlib import Path

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from sklearn_certify import (
    BaggingCertifiedClassifier,
    CertifiedKNN,
    CertifiedRNN,
    DPAClassifier,
    FiniteAggregationClassifier,
)
from sklearn_certify.plotting import CertifiedAccuracyDisplay

PICTURE = Path(__file__).with_name("certified_accuracy.png")
CLASSIFIERS = {
    "rNN: rows within a radius": CertifiedRNN(radius=170),
    "kNN: 100 nearest rows": CertifiedKNN(n_neighbors=100),
    "Bagging: random subsamples": BaggingCertifiedClassifier(
        n_estimators=500, max_samples=30, random_state=0
    ),
    "Finite Aggregation: overlapping parts": FiniteAggregationClassifier(n_partitions=100),
    "DPA: disjoint parts": DPAClassifier(n_partitions=100),
}


def draw(path):
    """Fit, certify and draw; write the picture to `path`."""
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, random_state=0, stratify=y)
    with plt.rc_context({"font.size": 11}):
        figure, ax = plt.subplots(figsize=(8, 3.8), layout="constrained")
        for name, classifier in CLASSIFIERS.items():
            classifier.fit(X, y)
            CertifiedAccuracyDisplay.from_estimator(classifier, X_test, y_test, name=name, ax=ax)
        ax.set(
            xlabel="Training rows that an attacker adds or removes (there are 1,347)",
            ylabel="Accuracy that is certain",
            xlim=(0, 100),
        )
        ax.yaxis.set_major_formatter("{x:.0%}")
        ax.grid(alpha=0.3)
        ax.spines[["top", "right"]].set_visible(False)
        ax.legend(frameon=False, fontsize=10)
        figure.savefig(path, dpi=110, metadata={"Software": None}, pil_kwargs={"optimize": True})
        plt.close(figure)


if __name__ == "__main__":
    draw(PICTURE)
