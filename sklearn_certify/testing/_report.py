"""The verdict on a classifier: what was tried, and the smallest counterexample."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Counterexample", "SoundnessReport"]


@dataclass(frozen=True, eq=False)
class Counterexample:
    """An attack that did what a certificate, or the way certificates are proven, rules out.

    Attributes
    ----------
    kind : {"prediction", "target", "voter", "votes", "partition", "error"}
        A certified prediction changed; it became a label that it was certified not to become; a
        voter changed that the poison does not reach; the counts of votes changed without poison; a
        row changed its partition that the poison does not touch; an exception was raised that is
        no refusal.
    attack : str
        What was done, in words.
    threat_model : str
        What one unit of poison may do.
    size : int
        Units of poison. 0: no poison at all, only another order, memory layout, process or fit.
    removed : list of int
        Row numbers in X of the rows that were removed or changed.
    added : list of array-like
        Rows that were added, or that changed rows became; one array-like per unit of poison.
    added_labels : list
        The labels of these rows.
    query : array-like of shape (1, ...) or None
        The row whose prediction or vote changed.
    radius : int or None
        Its certified radius; of a "target" that toward the label `after`.
    before, after : object
        The prediction, vote, votes or partition before and after the attack.
    voter : int or None
        The voter that moved.
    error : Exception or None
        What was raised.
    """

    kind: str
    attack: str
    threat_model: str
    size: int
    removed: list = field(default_factory=list)
    added: list = field(default_factory=list)
    added_labels: list = field(default_factory=list)
    query: Any = None
    radius: Any = None
    before: Any = None
    after: Any = None
    voter: Any = None
    error: Any = None

    def __str__(self):
        return f"{self._what_changed()}\n{self._what_was_done()}"

    def _what_changed(self):
        if self.kind == "error":
            return f"{type(self.error).__name__}: {_short(self.error)}"
        if self.kind == "partition":
            return f"A row that nobody touched moved from partition {self.before} to {self.after}."
        if self.kind == "voter":
            return (
                f"Voter {self.voter}, which the poison does not reach, voted {self.before!r} and "
                f"then {self.after!r}."
                if self.before != self.after
                else f"The scores of voter {self.voter}, which the poison does not reach, changed."
            )
        if self.kind == "votes":
            return f"The votes changed from {self.before} to {self.after}."
        toward = f" toward {self.after!r}" if self.kind == "target" else ""
        return (
            f"A prediction with a certified radius of {self.radius}{toward} changed from "
            f"{self.before!r} to {self.after!r}."
        )

    def _what_was_done(self):
        if self.size == 0:
            return f"Without any poison: {self.attack}."
        units = "1 unit" if self.size == 1 else f"{self.size} units"
        parts = [f"By {units} of poison under {self.threat_model!r}: {self.attack}."]
        if self.removed:
            parts.append(f"Rows removed or changed: {_short(self.removed)}.")
        if self.added:
            parts.append(
                f"Rows that came, labelled {_short(self.added_labels)}: {_short(self.added[0])}"
            )
        return "\n".join(parts)

    __repr__ = __str__


@dataclass(frozen=True, eq=False)
class SoundnessReport:
    """What `check_soundness` tried on a classifier, and what it found.

    Attributes
    ----------
    sound : bool
        Whether no counterexample was found, which is no proof that there is none. A report is
        true in a boolean context if this is.
    counterexample : Counterexample or None
        The smallest that was found.
    classifier : estimator
        What was attacked, unfitted.
    threat_model : str
        What one unit of poison may do.
    sizes : dict of int to int
        The number of attacks that were tried of each size, those that were refused included.
    n_attacks : int
        The number of all attacks, those of size 0 included.
    n_refused : int
        The number of training sets that the classifier refused to learn from.
    n_queries : int
        The number of rows whose predictions were watched.
    radii : ndarray of int64, of shape (n_queries,)
        Their certified radii. An attack that is larger than all of them can break nothing.
    """

    sound: bool
    counterexample: Counterexample | None
    classifier: Any
    threat_model: str
    sizes: Counter
    n_refused: int
    radii: Any

    @property
    def n_attacks(self):
        return sum(self.sizes.values())

    @property
    def n_queries(self):
        return len(self.radii)

    def __bool__(self):
        return self.sound

    def __str__(self):
        kind = type(self.classifier).__name__
        largest = max(self.sizes, default=0)
        tried = (
            f"{self.n_attacks} attacks under {self.threat_model!r} ({self.sizes[0]} of size 0, "
            f"{self.sizes[1]} of size 1, up to {largest} units; {self.n_refused} refused) on "
            f"{self.n_queries} predictions with radii up to {max(self.radii)}"
        )
        if self.sound:
            caution = "This was a search, and finding nothing is no proof."
            if max(self.radii) < 1:
                caution = "No prediction has a radius of 1 or more: there was little to break."
            return f"{kind}: no counterexample in {tried}.\n{caution}"
        return f"{kind} is not sound; {tried}.\n{self.counterexample}"

    __repr__ = __str__


def _short(value):
    text = " ".join(str(value).split())
    return text if len(text) <= 200 else f"{text[:197]}..."
