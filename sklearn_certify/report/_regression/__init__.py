"""What certified regressors prove about a data set: how far poison moves their numbers.

_making, _results  fits, radii within a tolerance of the truth, intervals by poison size
_target_dataset    rows with targets; _split, which are learned from; _settings, what suits them
_report            what was found, in _words, _tables and _files, and on an _html_page
_contributors      whose removal brings predictions into the tolerance, or out of it
"""

from ._making import regression_report
from ._report import RegressionReport

__all__ = ["RegressionReport", "regression_report"]
