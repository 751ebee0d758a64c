"""Voters that fail: what is said of them, one by one and together."""

from dataclasses import dataclass

from .._user_warnings import warn_user
from ..exceptions import VoterError, VoterWarning
from ._advice import advice_for

__all__ = ["VoterFailure", "describe_error", "refuse_if_all_failed", "warn_of_failures"]


@dataclass(frozen=True)
class VoterFailure:
    """One voter that failed."""

    voter: int
    estimator: str  # the name of its class
    problem: str
    n_rows: int | None = None  # that it was to be fitted on; None: it was to predict
    everywhere: bool = False  # whether it answered nothing on any of the rows

    def __str__(self):
        if self.n_rows is None:
            return f"{self.estimator} of voter {self.voter} failed to predict ({self.problem})."
        return (
            f"{self.estimator} failed to fit voter {self.voter} on its {self.n_rows} rows "
            f"({self.problem})."
        )

    def error(self):
        """Return the error that names the voter and says what to do."""
        return VoterError(
            f"{self}{advice_for(self.problem)} With on_voter_error='abstain' such voters abstain."
        )


def describe_error(error):
    """Return type and message of an error on one line."""
    return f"{type(error).__name__}: {error}"


def refuse_if_all_failed(failures, n_left):
    """Raise if voters failed and none is left that could vote.

    Parameters
    ----------
    failures : list of VoterFailure
        One for each voter that failed altogether.
    n_left : int
        Number of voters that have rows and did not fail.

    Raises
    ------
    VoterError
        If there are failures and no voter is left.
    """
    if failures and n_left == 0:
        first = failures[0]
        they = f"All {len(failures)} voters" if len(failures) > 1 else "The only voter"
        raise VoterError(f"{they} failed; the first: {first}{advice_for(first.problem)}")


def warn_of_failures(failures, n_voters):
    """Warn once of the voters that failed, if there are any.

    Parameters
    ----------
    failures : list of VoterFailure
        Several may be of one voter.
    n_voters : int
        Number of voters.
    """
    n_failed = len({failure.voter for failure in failures})
    if n_failed:
        first = failures[0]
        abstain = "abstain where they did" if n_failed > 1 else "abstains where it did"
        warn_user(
            f"{n_failed} of {n_voters} voters failed and {abstain}; the first: "
            f"{first}{advice_for(first.problem)}",
            VoterWarning,
        )
