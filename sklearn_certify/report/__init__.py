"""What certified classifiers prove about a data set, side by side: a table, words, files.

_certification_report  the way in from a notebook; the command line has its own
_dataset, _split       the rows, and which of them are learned from
_choice                what is compared: classes that go by name, and estimators as they are
_settings              their parameters: asked for, or such as suit the rows; _base_estimators
_making, _results      fits and certificates, one estimator after the other; _observer, _progress
_regression            the same for regressors, whose predictions are numbers
_temporal, _white_box  poison in time, label flips inside the voters; _joint, one attack on all rows
_report, _base_report  what was found, as _words, as a _page of a notebook, in _files, of _rows
_panels, _picture      its curves; _calls, how to get it again, and how to plan
"""

from ._certification_report import certification_report
from ._planning import DefencePlan, plan
from ._regression import RegressionReport
from ._report import CertificationReport

__all__ = [
    "CertificationReport",
    "DefencePlan",
    "RegressionReport",
    "certification_report",
    "plan",
]
