"""Meta-estimators whose estimators learn from copies, or with several seeds."""

from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify.augmentation import AugmentedCopies, ColumnNoise, GaussianNoise, RandomAffine
from sklearn_certify.learners import (
    AugmentedClassifier,
    CopiesClassifier,
    SeedEnsembleClassifier,
    StackedRidgeClassifier,
)

AFFINE = RandomAffine(image_shape=(8, 8))
COPIES = AugmentedCopies(AFFINE, n_copies=2)
RIDGE = StackedRidgeClassifier(alpha=50)

# with the transformer that stands in front of the voters
STACKED = {
    "augmented": (AugmentedClassifier(RIDGE, AFFINE, n_copies=2), None),
    "copies-alone": (AugmentedClassifier(RIDGE, AFFINE, keep_original=False), None),
    "copies": (CopiesClassifier(RIDGE), COPIES),
    "copies-averaged": (CopiesClassifier(RIDGE, test_time_augmentation=True), COPIES),
    "seeds": (SeedEnsembleClassifier(AugmentedClassifier(RIDGE, AFFINE), n_seeds=3), None),
    "seeds-in-copies": (CopiesClassifier(SeedEnsembleClassifier(RIDGE, n_seeds=2)), COPIES),
}
PLAIN = {
    "neighbors": (AugmentedClassifier(KNeighborsClassifier(1), AFFINE), None),
    "noise": (
        AugmentedClassifier(LogisticRegression(max_iter=50), ColumnNoise(), n_copies=1),
        None,
    ),
    "averaged": (
        AugmentedClassifier(RIDGE, GaussianNoise(), n_copies=2, test_time_augmentation=True),
        None,
    ),
    "trees": (SeedEnsembleClassifier(DecisionTreeClassifier(max_features=8), n_seeds=3), None),
}
EVERY = {**STACKED, **PLAIN}
