"""An example that warns is broken: its page would show the warning, and the paths of a machine."""

import warnings

from sklearn.exceptions import ConvergenceWarning

from sklearn_certify.exceptions import CertifyWarning


def reset(gallery_conf, file_name):
    """Turn the warnings that examples may cause into errors, before each of them."""
    for category in (CertifyWarning, ConvergenceWarning):
        warnings.simplefilter("error", category)
