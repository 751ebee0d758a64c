"""What a report on regressors holds."""

from ..._rows import data_frame
from .._base_report import BaseReport
from ._files import ROW_COLUMNS, check_output, records, row_records, write_output
from ._tables import findings, notebook_page

__all__ = ["RegressionReport"]


class RegressionReport(BaseReport):
    """What certified regressors have proved about the same test rows.

    `certification_report` makes it, if it is given a tolerance. Printed, it is the text that the
    command line prints; a notebook shows tables.

    Parameters
    ----------
    about : dict of str to str
        What the report is about, in words.
    facts : dict
        What all regressors share: ``"source"``, ``"tolerance"``, ``"n_train"``, ``"n_test"``,
        ``"threat_model"``, ``"poison_unit"`` and the like.
    notes : list of str
        What a reader has to know about the rows and about settings that follow from them.
    results : dict of str to RegressionResult
        What each regressor proved, by its name. A result has the fitted `estimator`, `y_true`,
        `y_pred`, `radii`, `intervals`, `fit_seconds`, `certify_seconds` and `warnings`.
    failures : dict of str to Exception
        What the regressors that failed have raised, by their names.
    poison_sizes : list of int
        The sizes of the tables.
    limits : list, default=()
        What the reader of a file decided by a vote of its rows, and how much poison turns it.
    material : Material, default=None
        The rows and estimators that a page tells more of.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> from sklearn_certify.report import certification_report
    >>> X, y = load_diabetes(return_X_y=True, scaled=False)
    >>> report = certification_report("knn", X, y, tolerance=60, poison_sizes=[4, 10])
    >>> report.results["knn"].accuracies([0, 4, 10]).round(2)
    array([0.74, 0.61, 0.26])
    >>> report.results["knn"].median_widths()
    array([ 0., 32., 79.])
    """

    def _findings(self):
        return findings(self)

    def _repr_html_(self):
        return notebook_page(self)

    def to_frame(self):
        """Return the numbers as a table: a row for each regressor and poison size.

        Returns
        -------
        pandas.DataFrame
            With the columns ``regressor``, ``poison_size``, ``certified_share``: that of the test
            rows within the tolerance, ``median_interval_width``, ``mean_absolute_error`` (without
            poison), ``median_certified_radius`` (-1 = none), ``n_voters`` (missing where there are
            none), ``fit_seconds``, ``certify_seconds`` and ``description``.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        return data_frame(records(self)).astype({"n_voters": "Int64"})

    def rows_frame(self):
        """Return what each regressor says of each test row as a table.

        Returns
        -------
        pandas.DataFrame
            One row for each regressor, test row and poison size, with the columns ``row``, its
            number among all rows, from 0; ``target``, the true one; ``regressor``; ``prediction``;
            ``radius``, the largest poison size that keeps it within the tolerance (-1 = none);
            ``poison_size``; ``low`` and ``high``, the ends of the certified interval.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        return data_frame(row_records(self), columns=ROW_COLUMNS)

    def save(self, path):
        """Write the numbers, the curves or a page with all there is to say to a file.

        Parameters
        ----------
        path : str or Path
            Path that ends in .csv or .json, for the numbers, in .png, for the curves, or in .html,
            for a page that needs nothing beside it.

        Raises
        ------
        InvalidInputError
            If the suffix is another, or the file cannot be written to.
        MissingExtraError
            If a picture is asked for and matplotlib is missing, or a page and jinja2 is.
        """
        check_output(path)
        write_output(path, self)
