"""
A table of mixed columns, with gaps
===================================

Numbers that are missing, categories that are written out: what fills gaps and encodes categories
learns from rows, and so does what scales. All of it goes into the voter, and the table goes to the
classifier as it is.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_breast_cancer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from sklearn_certify import DPAClassifier, audit_estimator
from sklearn_certify.plotting import CertifiedAccuracyDisplay

data = load_breast_cancer(as_frame=True)
y = data.target_names[data.target]
table = data.data[["mean radius", "mean texture", "mean smoothness", "mean concavity"]].copy()

# %%
# The size becomes a category with borders that are fixed beforehand, and a tenth of the numbers is
# missing.

sizes = ["small", "medium", "large"]
table["mean radius"] = np.select(
    [table["mean radius"] < 12, table["mean radius"] < 16], sizes[:2], default=sizes[2]
)
numbers = table.columns[1:]
table[numbers] = table[numbers].mask(np.random.default_rng(0).random((len(table), 3)) < 0.1)
table["mean radius"] = pd.Categorical(table["mean radius"], categories=sizes)
table.head()

# %%
# ``fit`` of every voter sees its own rows of the table, with names and types.

prepare = make_column_transformer(
    (
        make_pipeline(SimpleImputer(), StandardScaler()),
        make_column_selector(dtype_include="number"),
    ),
    (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
)
X, X_test, y, y_test = train_test_split(table, y, random_state=0, stratify=y)
model = DPAClassifier(make_pipeline(prepare, LogisticRegression()), n_partitions=30).fit(X, y)
print(audit_estimator(model))

# %%
figure, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
CertifiedAccuracyDisplay.from_estimator(model, X_test, y_test, ax=ax)
ax.axhline(np.mean(y_test == "benign"), color="0.6", linestyle=":")
ax.annotate("all called benign", (0.3, np.mean(y_test == "benign") + 0.01), color="0.4")
plt.show()

# %%
# **To take home:** pass the table, put what prepares it into ``estimator``, and fix the types and
# categories of columns beforehand: a file that one odd cell turns into another type is read
# differently by all voters.
