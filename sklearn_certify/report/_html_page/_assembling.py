"""Put together what a page shows, and lay it out."""

import platform
from importlib.metadata import PackageNotFoundError, version

from markupsafe import Markup

from ... import __version__
from ...audit import find_unsound_steps, split_pipeline
from ...exceptions import CertifyError
from ...threat import find_threat_model
from .._page import accuracy_table
from .._words import (
    counted,
    example,
    how_to_plan,
    how_to_read,
    legend,
    no_joint_certificate,
    on_limits,
    title,
    troubles,
    unit_of,
)
from ._attackers import other_attackers
from ._contributors import most_influential
from ._drawings import curves, histograms
from ._least_robust import least_robust_rows

__all__ = ["audits", "content", "versions"]

_PACKAGES = ("numpy", "scipy", "scikit-learn", "joblib", "numba")


def content(report):
    """Return what the template of the page shows.

    Parameters
    ----------
    report : CertificationReport
        A report with at least one result.

    Returns
    -------
    dict
    """
    best, size = example(report)
    words = find_threat_model(report.facts["threat_model"]).words(grouped=report.grouped)
    n_test = len(best.radii)
    return {
        "kind": "classifier",
        "source": report.facts["source"],
        "lead": _lead(report, best, size, n_test),
        "words": words,
        "about": report.about,
        "notes": report.notes,
        "troubles": troubles(report),
        "limits": on_limits(report),
        "plan": how_to_plan(report),
        "how_to_read": how_to_read(report),
        "legend": legend(report),
        "names": list(report.results),
        "title": title(report),
        "table": Markup(accuracy_table(report)),
        "attackers": other_attackers(report),
        "curves": curves(report),
        "histograms": histograms(report),
        "n_test": n_test,
        "unit": unit_of(report),  # of an axis
        "size": "number of contributors" if report.grouped else "poison size",  # in a sentence
        "example": best.name,
        "joint": _joint(report),
        "rows": least_robust_rows(report, best.name) if report.material else [],
        "influence": most_influential(report, best.name),
        "audit": audits(report),
        "versions": versions(),
        "origin": report.material.origin if report.material else None,
    }


def _lead(report, best, size, n_test):
    accurate = max(report.results.values(), key=lambda result: result.accuracies(0))
    share = 100 * best.accuracies(size)
    return [
        f"{accurate.name} predicts most of the {counted(n_test, 'test row')} right while nobody "
        f"poisons anything: {100 * accurate.accuracies(0):.1f} %.",
        f"{best.name} proves most at poison size {size}: {share:.1f} % are predicted right and "
        "stay right whatever an attack of that size does.",
    ]


def _joint(report):
    """Return a table of accuracies with one attacker for each row, and with one for all."""
    if not report.material:
        return None
    found = report.joint_accuracies()
    pointwise = {name: report.results[name].accuracies(report.poison_sizes) for name in found}
    rows = [
        (
            size,
            [
                (f"{100 * pointwise[name][place]:.1f}", f"{100 * found[name][place]:.1f}")
                for name in found
            ],
        )
        for place, size in enumerate(report.poison_sizes)
    ]
    unknown = [name for name in report.results if name not in found]
    return {
        "names": list(found),
        "rows": rows,
        "unknown": no_joint_certificate(unknown) if unknown else None,
    }


def audits(report):
    """Return, for each estimator, the steps in front of it and what is wrong with them."""
    found = []
    for name, estimator in (report.material.estimators if report.material else {}).items():
        try:
            steps, findings = split_pipeline(estimator)[0], find_unsound_steps(estimator)
        except (CertifyError, ValueError):  # a search that was never fitted, among others
            steps, findings = None, []
        found.append({"name": name, "steps": steps, "findings": findings})
    return found


def versions():
    """Return the versions of what has a part in the numbers."""
    found = {"sklearn-certify": __version__, "Python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not known"
    found["Platform"] = f"{platform.system()} {platform.machine()}"
    return found
