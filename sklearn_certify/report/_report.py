"""What a report holds."""

from .._rows import data_frame
from ..exceptions import InvalidInputError
from ._base_report import BaseReport
from ._files import check_output, records, records_of_periods, write_output
from ._joint import joint_accuracies
from ._page import page
from ._rows import columns_of, row_records
from ._text import findings

__all__ = ["CertificationReport"]


class CertificationReport(BaseReport):
    """What certified classifiers have proved about the same test rows.

    `certification_report` makes it. Printed, it is the text that the command line prints; a
    notebook shows a table.

    Parameters
    ----------
    about : dict of str to str
        What the report is about, in words: ``"Rows"``, ``"Split"``, ``"Base estimator"`` where
        names have one, ``"Threat model"``.
    facts : dict
        What all classifiers share: ``"source"``, ``"n_train"``, ``"n_test"``, ``"threat_model"``,
        ``"poison_unit"`` and the like.
    notes : list of str
        What a reader has to know about the rows and about settings that follow from them.
    results : dict of str to Result
        What each classifier proved, by its name. A result has the fitted `estimator`, `y_true`,
        `y_pred`, `radii`, `fit_seconds`, `certify_seconds` and `warnings`.
    failures : dict of str to Exception
        What the classifiers that failed have raised, by their names.
    poison_sizes : list of int
        The sizes of the table.
    limits : list, default=()
        What the reader of a file decided by a vote of its rows, and how much poison turns it.
    material : Material, default=None
        The rows and estimators that a page shows more of; without it a page has the numbers alone.
    temporal : TemporalResult, default=None
        What temporal aggregation proved, where rows have periods: a result with `earliness`, whose
        `radii` are durations.
    attack_target : label, default=None
        What attackers may want rows to be taken for: results have `targeted_radii` then.
    joint : bool, default=False
        Whether one attack on all test rows together is told of, too, beside one on each.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify.report import certification_report
    >>> report = certification_report("knn", *load_iris(return_X_y=True), poison_sizes=[2, 4])
    >>> report.results["knn"].accuracies([0, 2, 4]).round(2)
    array([1.  , 0.97, 0.87])
    """

    def __init__(
        self,
        about,
        facts,
        notes,
        results,
        failures,
        poison_sizes,
        limits=(),
        material=None,
        *,
        temporal=None,
        attack_target=None,
        joint=False,
    ):
        super().__init__(about, facts, notes, results, failures, poison_sizes, limits, material)
        self.temporal = temporal
        self.attack_target = attack_target
        self.joint = joint
        self._joint_accuracies = {}

    def joint_accuracies(self):
        """Return certified accuracy under one attack on all test rows together.

        Returns
        -------
        dict of str to ndarray of float64, of shape (n_sizes,)
            At each of `poison_sizes`, by the names of those results for which a joint certificate
            is known.
        """
        sizes = tuple(self.poison_sizes)
        if sizes not in self._joint_accuracies:
            self._joint_accuracies = {sizes: joint_accuracies(self)}
        return self._joint_accuracies[sizes]

    def _findings(self):
        return findings(self)

    def _repr_html_(self):
        return page(self)

    def to_frame(self):
        """Return the numbers as a table: a row for each classifier and poison size.

        Returns
        -------
        pandas.DataFrame
            With the columns ``classifier``, ``poison_size``, ``certified_accuracy``,
            ``median_certified_radius`` (-1 = none), ``n_voters`` (missing where there are none),
            ``fit_seconds``, ``certify_seconds`` and ``description``; before these
            ``attack_success_rate``, the most that attacks achieve, if they want a label, and
            ``joint_certified_accuracy`` under one attack on all rows, if that was asked for
            (missing where none is known).

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        frame = data_frame(records(self)).astype({"n_voters": "Int64"})
        first = ["classifier", "poison_size", "certified_accuracy", "median_certified_radius"]
        if self.attack_target is not None:
            first.append("attack_success_rate")
        if self.joint:
            first.append("joint_certified_accuracy")
        return frame[[*first, "n_voters", "fit_seconds", "certify_seconds", "description"]]

    def periods_frame(self):
        """Return what is proven by the number of poisoned periods as a table.

        Returns
        -------
        pandas.DataFrame
            With the columns ``classifier``, ``periods``; ``accuracy_by_duration``, certified
            accuracy where so many consecutive periods are poisoned; ``accuracy_by_earliness``, that
            where these are the last ones; ``joint_accuracy_by_duration``, that where they are the
            same for all test rows, if one attack on all rows was asked for; ``n_voters``,
            ``fit_seconds``, ``certify_seconds`` and ``description``.

        Raises
        ------
        InvalidInputError
            If the rows have no periods, or temporal aggregation has failed on them.
        MissingExtraError
            If pandas is missing.
        """
        if self.temporal is None:
            raise InvalidInputError(
                "There is nothing about periods: give certification_report the periods of the "
                "rows, and see whether temporal aggregation has failed."
            )
        first = ["classifier", "periods", "accuracy_by_duration", "accuracy_by_earliness"]
        if self.joint:
            first.append("joint_accuracy_by_duration")
        last = ["n_voters", "fit_seconds", "certify_seconds", "description"]
        return data_frame(records_of_periods(self))[[*first, *last]]

    def rows_frame(self):
        """Return what each classifier says of each test row as a table.

        Returns
        -------
        pandas.DataFrame
            One row for each classifier and test row, with the columns ``row``, its number among
            all rows, from 0; ``label``, the true one; ``classifier``; ``prediction``; ``radius``,
            the certified one (-1 = abstains); ``votes`` for the prediction; ``runner_up``, the
            other label with most votes, and ``runner_up_votes``, missing where nobody else has
            any; ``n_votes``, all that were cast. Of a run-off election these are the votes of its
            first round. If attacks want a label, there is ``targeted_radius``, that toward it. If
            rows have periods, those of ``"temporal"`` come last: with ``duration`` and
            ``earliness``, how many consecutive and how many last periods may be poisoned, and
            without radii.

        Raises
        ------
        MissingExtraError
            If pandas is missing.

        Examples
        --------
        >>> from sklearn.datasets import load_iris
        >>> from sklearn_certify.report import certification_report
        >>> report = certification_report("knn", *load_iris(return_X_y=True), poison_sizes=[2])
        >>> frame = report.rows_frame()
        >>> frame.loc[0, ["row", "label", "prediction", "radius", "votes", "n_votes"]].tolist()
        [39, 0, 0, 4, 9, 9]
        """
        columns = columns_of(self)
        frame = data_frame(row_records(self), columns=columns)
        counts = {"votes", "runner_up_votes", "n_votes"}
        if self.temporal is not None:  # radii of others are missing there, and the other way round
            counts |= {"radius", "targeted_radius", "duration", "earliness"}
        return frame.astype({name: "Int64" for name in columns if name in counts})

    def save(self, path):
        """Write the numbers, the curves or a page with all there is to say to a file.

        Parameters
        ----------
        path : str or Path
            Path that ends in .csv or .json, for the numbers, in .png, for the curves, or in .html,
            for a page that needs nothing beside it: curves and tables, radii, joint certificates,
            the least robust rows, the contributors who matter most, and how to get it again.

        Raises
        ------
        InvalidInputError
            If the suffix is another, or the file cannot be written to.
        MissingExtraError
            If a picture is asked for and matplotlib is missing, or a page and jinja2 is.
        """
        check_output(path)
        write_output(path, self)
