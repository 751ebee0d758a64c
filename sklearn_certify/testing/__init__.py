"""Attack certified classifiers: a search for counterexamples to their certificates."""

from ._check_soundness import check_soundness
from ._report import Counterexample, SoundnessReport

__all__ = ["Counterexample", "SoundnessReport", "check_soundness"]
