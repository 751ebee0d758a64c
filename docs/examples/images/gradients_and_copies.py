"""
Features and altered copies for voters with few images
======================================================

A hundred voters for 1,347 images have 13 images each. From pixels they would have to learn what a
stroke is. Histograms of oriented gradients know it, and turned, moved and scaled copies of each
image add what a few images lack. Neither learns from any row.
"""

import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

from sklearn_certify import DPAClassifier
from sklearn_certify.augmentation import AugmentedCopies, RandomAffine
from sklearn_certify.image import HOG, FlatPixels
from sklearn_certify.learners import CopiesClassifier, StackedRidgeClassifier
from sklearn_certify.plotting import CertifiedAccuracyDisplay

digits = load_digits()
images, test_images, y, y_test = train_test_split(
    digits.images, digits.target, random_state=0, stratify=digits.target
)

# %%
# Copies of the first image, with the image itself on the left.

copies = AugmentedCopies(RandomAffine(), n_copies=7).fit(images)
figure, axes = plt.subplots(1, 8, figsize=(7.2, 1.3), layout="constrained")
for ax, image in zip(axes, copies.transform(images[:1])[0], strict=True):
    ax.imshow(image.reshape(8, 8), cmap="gray_r")
    ax.set_axis_off()
plt.show()

# %%
# The three classifiers have the same number of voters. A poisoned image takes its copies along to
# the one voter that it reaches.

gradients = HOG(cell_sizes=(2, 3), signed=True, interpolate=True)
ridge = StackedRidgeClassifier()
models = {
    "pixels": make_pipeline(FlatPixels(), DPAClassifier(ridge, n_partitions=100)),
    "gradients": make_pipeline(gradients, DPAClassifier(ridge, n_partitions=100)),
    "gradients of images and copies": make_pipeline(
        AugmentedCopies(RandomAffine(), gradients, n_copies=9),
        DPAClassifier(CopiesClassifier(ridge, test_time_augmentation=True), n_partitions=100),
    ),
}

# sphinx_gallery_thumbnail_number = 2
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
for name, model in models.items():
    model.fit(images, y)
    CertifiedAccuracyDisplay.from_estimator(model, test_images, y_test, name=name, ax=ax)
plt.show()

# %%
# Gradients gain most here; copies add a point or so for small amounts of poison.
#
# **To take home:** what a voter need not learn from its few rows leaves room for more voters, and
# more voters bear more poison. Look for features before you look for better voters.
