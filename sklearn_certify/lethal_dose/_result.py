"""What a few voters tell of a task: a table, words, and what they rest on."""

from dataclasses import dataclass
from html import escape

import numpy as np
from scipy.stats import norm

from .._rows import data_frame
from ..threat import find_threat_model

__all__ = ["LethalDoseCurve"]

_N_SHOWN = 8  # poison sizes, in what is printed


@dataclass(frozen=True, repr=False, eq=False)
class LethalDoseCurve:
    """Forecasts of certified accuracy, and the lethal dose that the conjecture would have.

    `lethal_dose_curve` makes it. **Nothing in it is a certificate**: the certified accuracy is
    what to expect of ensembles that were not fitted, and the lethal dose is a conjecture, with a
    constant that nobody knows.

    Attributes
    ----------
    partition_counts : ndarray of int64, of shape (n_counts,)
        Numbers of partitions, ascending.
    poison_sizes : ndarray of int64, of shape (n_sizes,)
        Poison sizes, ascending.
    n_rows, n_units : int
        Number of training rows, and of what poison counts: rows, or groups.
    rows_per_voter : ndarray of float64, of shape (n_counts,)
        Rows in a partition, on average.
    n_fitted_voters, n_queries : ndarray of int64, of shape (n_counts,)
        How many voters were fitted, and how many rows they were asked about.
    held_out : bool
        Whether those are training rows that no fitted voter learned from.
    voter_accuracy, voter_accuracy_error : ndarray of float64, of shape (n_counts,)
        How often one voter is right, and its standard error.
    margin : ndarray of float64, of shape (n_counts,)
        Mean over queries of the share of votes for the true label less that for its strongest
        rival.
    agreement : ndarray of float64, of shape (n_counts,)
        How often two voters give the same label; NaN where one voter was fitted.
    certified_accuracy, certified_accuracy_error : ndarray of float64, of shape (n_counts, n_sizes)
        Expected certified accuracy of the whole ensemble on rows like those asked about, and its
        standard error: what other voters and other queries would have changed.
    required_accuracy : float
        When the task counts as learned (tau in the paper).
    threat_model : str
        What one unit of poison may do.
    grouped : bool
        Whether a unit is a whole group (a contributor).
    cost : int
        Partitions that one unit corrupts.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn_certify.lethal_dose import lethal_dose_curve
    >>> X, y = load_iris(return_X_y=True)
    >>> curve = lethal_dose_curve(None, X, y, partition_counts=[5, 15], poison_sizes=[0, 1, 2])
    >>> low, high = curve.band()
    >>> bool((low <= curve.certified_accuracy).all() and (curve.certified_accuracy <= high).all())
    True
    >>> print(curve.assumptions[-1])
    The lethal dose is a conjecture, and so is every figure derived from it.
    """

    partition_counts: np.ndarray
    poison_sizes: np.ndarray
    n_rows: int
    n_units: int
    rows_per_voter: np.ndarray
    n_fitted_voters: np.ndarray
    n_queries: np.ndarray
    held_out: bool
    voter_accuracy: np.ndarray
    voter_accuracy_error: np.ndarray
    margin: np.ndarray
    agreement: np.ndarray
    certified_accuracy: np.ndarray
    certified_accuracy_error: np.ndarray
    required_accuracy: float
    threat_model: str
    grouped: bool
    cost: int

    def band(self, confidence=0.95):
        """Return an interval around each expected certified accuracy.

        It counts what the choice of voters and of queries moves, not whether the assumptions hold.

        Parameters
        ----------
        confidence : float, default=0.95
            How often an interval shall hold the certified accuracy, one at a time.

        Returns
        -------
        low, high : ndarray of float64, of shape (n_counts, n_sizes)
        """
        width = norm.ppf((1 + confidence) / 2) * self.certified_accuracy_error
        return (
            np.clip(self.certified_accuracy - width, 0, 1),
            np.clip(self.certified_accuracy + width, 0, 1),
        )

    @property
    def rows_needed(self):
        """How many rows the learner needs to be right as often as is required (n in the paper).

        Read off the learning curve, straight lines over the logarithm of the rows. Where the curve
        ends before, its end: see `lethal_dose_is`.
        """
        needed, _ = self._crossing()
        return needed

    @property
    def lethal_dose(self):
        """The dose that no defence survives, if the conjecture is true: N / n, up to a constant.

        In units of poison: all of them, divided by the part of them that the learner needs. **A
        conjecture, not a bound**: the constant before N / n is unknown, a learner that needs fewer
        rows raises the dose, and single queries have doses of their own. An ensemble with N / n
        partitions certifies less than half of it.
        """
        return self.n_rows / self.rows_needed / self.cost

    @property
    def lethal_dose_is(self):
        """How `lethal_dose` is meant: "about", or "at least" or "at most" where the curve ends."""
        _, meant = self._crossing()
        return meant

    def _crossing(self):
        enough = self.voter_accuracy >= self.required_accuracy
        rows = self.rows_per_voter
        if enough[-1]:
            return float(rows[-1]), "at least"
        if not enough.any():
            return float(rows[0]), "at most"
        last = np.flatnonzero(enough)[-1]
        accuracy = self.voter_accuracy[[last + 1, last]]
        logs = np.log(rows[[last + 1, last]])
        return float(np.exp(np.interp(self.required_accuracy, accuracy, logs))), "about"

    @property
    def assumptions(self):
        """What the figures rest on, a list of sentences."""
        asked = (
            "training rows that no fitted voter learned from"
            if self.held_out
            else "the test rows that were given"
        )
        return [
            "This is a forecast, not a certificate: what an ensemble certifies is known once it is "
            "fitted.",
            "Rows are alike: partitions by content are like random samples, and rows to come are "
            f"like those asked about ({asked}).",
            f"At most {self.n_fitted_voters.max()} voters were fitted for each number of "
            "partitions, and the votes of the others were filled in as those of more such voters, "
            "with the help of class means where rows are numbers.",
            "If training rows are poisoned already, the forecast is about the poisoned rows; and a "
            "number of partitions chosen by it is outside the certificate.",
            f"A task counts as learned where {self.required_accuracy:.0%} of the votes are right; "
            "the lethal dose is all units of poison over those needed for that, up to a constant "
            "that nobody knows, for this learner and not for the best there is.",
            "The lethal dose is a conjecture, and so is every figure derived from it.",
        ]

    def to_frame(self):
        """Return the figures as a table: a row for each number of partitions and poison size.

        Returns
        -------
        pandas.DataFrame
            With the columns ``n_partitions``, ``rows_per_voter``, ``n_fitted_voters``,
            ``n_queries``, ``voter_accuracy``, ``margin``, ``agreement``, ``poison_size``,
            ``expected_certified_accuracy``, and ``low`` and ``high``, its interval of 95 %.

        Raises
        ------
        MissingExtraError
            If pandas is missing.
        """
        n_sizes = len(self.poison_sizes)
        low, high = self.band()
        by_count = {
            "n_partitions": self.partition_counts,
            "rows_per_voter": self.rows_per_voter,
            "n_fitted_voters": self.n_fitted_voters,
            "n_queries": self.n_queries,
            "voter_accuracy": self.voter_accuracy,
            "margin": self.margin,
            "agreement": self.agreement,
        }
        return data_frame(
            {
                **{name: np.repeat(values, n_sizes) for name, values in by_count.items()},
                "poison_size": np.tile(self.poison_sizes, len(self.partition_counts)),
                "expected_certified_accuracy": self.certified_accuracy.ravel(),
                "low": low.ravel(),
                "high": high.ravel(),
            }
        )

    def _about_the_dose(self):
        """Say the conjecture in a sentence."""
        words = find_threat_model(self.threat_model).words(grouped=self.grouped)
        return (
            "The Lethal Dose Conjecture puts the dose that no defence survives at "
            f"{self.lethal_dose_is} {_rounded(self.lethal_dose)} {words.many}, up to a constant: "
            f"of {self.n_rows:,} rows the learner needs {_turned(self.lethal_dose_is)} "
            f"{_rounded(self.rows_needed)} to be right with {self.required_accuracy:.0%} of its "
            "votes."
        )

    def _table(self):
        """Return the heads of columns and the lines, as texts, for some of the poison sizes."""
        shown = np.unique(np.linspace(0, len(self.poison_sizes) - 1, _N_SHOWN).round().astype(int))
        heads = ["partitions", "rows each", "voter right", "margin", "agreement"]
        heads += [f"at {size}" for size in self.poison_sizes[shown].tolist()]
        low, high = self.band()
        lines = []
        for i, count in enumerate(self.partition_counts):
            cells = [f"{count}", f"{self.rows_per_voter[i]:.1f}"]
            cells += [f"{value:.3f}" for value in (self.voter_accuracy[i], self.margin[i])] + [
                f"{self.agreement[i]:.3f}"
            ]
            for j in shown:
                cells.append(
                    f"{100 * self.certified_accuracy[i, j]:.1f} "
                    f"±{50 * (high[i, j] - low[i, j]):.1f}"
                )
            lines.append(cells)
        return heads, lines

    def __repr__(self):
        heads, lines = self._table()
        widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
        texts = [
            "  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
            for cells in [heads, *lines]
        ]
        return "\n".join([_TITLE, *texts, self._about_the_dose(), _NO_CERTIFICATE])

    def _repr_html_(self):
        heads, lines = self._table()
        head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads)
        body = "\n".join(
            f'<tr><th scope="row">{cells[0]}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells[1:])
            + "</tr>"
            for cells in lines
        )
        points = "\n".join(f"<li>{escape(point)}</li>" for point in self.assumptions)
        return (
            f'<div class="lethal-dose-curve">\n<table>\n<caption>{escape(_TITLE)}</caption>\n'
            f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"
            f"<p>{escape(self._about_the_dose())}</p>\n<p><strong>{escape(_NO_CERTIFICATE)}"
            f"</strong></p>\n<details>\n<summary>What this rests on</summary>\n<ul>\n{points}\n"
            "</ul>\n</details>\n</div>"
        )


_TITLE = "Expected certified accuracy of DPAClassifier in %, with intervals of 95 %, by poison size"
_NO_CERTIFICATE = "A forecast and a conjecture; nothing here is a certificate."


def _rounded(number):
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _turned(meant):
    """The more rows are needed, the smaller the dose."""
    return {"at least": "at most", "at most": "at least"}.get(meant, meant)
