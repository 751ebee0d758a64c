"""
A defence of your own in thirty lines
=====================================

What if two thirds of the voters have to agree, or else nothing is done? A filter for mail should throw away
only what it is sure of. The certificate of that vote is three lines of arithmetic; the mixin makes a classifier
of it that displays, searches and attacks know. The contributing guide has it in full.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from sklearn_certify import DPAClassifier
from sklearn_certify.base import CertifiedClassifierMixin, all_or_nothing
from sklearn_certify.partition import (
    ExactContent,
    canonical_order,
    hash_labels,
    hash_rows,
    rows_of_voters,
    split,
)
from sklearn_certify.plotting import CertifiedAccuracyDisplay
from sklearn_certify.testing import check_soundness
