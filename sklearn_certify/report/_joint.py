"""Accuracy under one attack on all test rows, beside that with an attacker for each row."""

import warnings

import numpy as np

from ..audit import transform_queries
from ..exceptions import JointCertificateWarning

__all__ = ["joint_accuracies"]


def joint_accuracies(report):
    """Return joint certified accuracy at the poison sizes of the table.

    Parameters
    ----------
    report : CertificationReport
        A report.

    Returns
    -------
    dict of str to ndarray of float64
        By the names of those results for which a joint certificate is known.
    """
    sizes = np.array(report.poison_sizes)
    limit = min((limit.units for limit in report.limits), default=np.inf)
    found = {}
    for name, result in report.results.items():
        classifier, X = transform_queries(result.estimator, result.X_test)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the report has told already
            warnings.simplefilter("error", JointCertificateWarning)
            try:
                accuracies = classifier.certified_accuracy(X, result.y_true, sizes, joint=True)
            except JointCertificateWarning:
                continue
        # beyond the limit poison may turn how all rows are read
        found[name] = np.where(sizes > limit, 0.0, accuracies)
    return found
