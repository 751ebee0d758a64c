"""What a report on regressors says, whatever it looks like."""

import numpy as np

from ...threat import find_threat_model
from .._words import counted, example

__all__ = ["lead", "points", "rounded", "summary", "title_of_shares", "title_of_widths", "width"]


def width(number):
    """Return the width of an interval in words.

    Parameters
    ----------
    number : float
        In units of the targets.

    Returns
    -------
    str
    """
    return rounded(number) if np.isfinite(number) else "unbounded"


def rounded(number):
    """Return a finite number to four digits, without an exponent as long as it is readable.

    Parameters
    ----------
    number : float
        Any.

    Returns
    -------
    str

    Examples
    --------
    >>> from sklearn_certify.report._regression._words import rounded
    >>> rounded(45.3847), rounded(1234567), rounded(1.5e-9)
    ('45.38', '1235000', '1.5e-09')
    """
    short = f"{number:.4g}"
    return f"{float(short):.12g}" if abs(number) < 1e9 else short


def title_of_shares(report):
    """Return what the numbers of the first table are."""
    by = ", by the number of poisoned contributors" if report.grouped else ""
    return (
        f"Share in % of the {counted(report.facts['n_test'], 'test row')} certified within "
        f"{report.facts['tolerance']:.12g} of the truth{by}"
    )


def title_of_widths():
    """Return what the numbers of the second table are."""
    return "Median width of the certified intervals, in units of the targets"


def summary(report):
    """Return what there is to say about each result in a word, by what it is about.

    Parameters
    ----------
    report : RegressionReport
        The report.

    Returns
    -------
    dict of str to list of str
    """
    results = report.results.values()
    radii = [result.median_radius() for result in results]
    return {
        "mean absolute error": [rounded(result.mean_absolute_error) for result in results],
        "median certified radius": ["none" if radius < 0 else str(radius) for radius in radii],
        "seconds to fit": [f"{result.fit_seconds:.1f}" for result in results],
        "seconds to certify": [f"{result.certify_seconds:.1f}" for result in results],
    }


def lead(report):
    """Return two sentences that say the most important.

    Parameters
    ----------
    report : RegressionReport
        The report.

    Returns
    -------
    list of str
    """
    accurate = min(report.results.values(), key=lambda result: result.mean_absolute_error)
    best, size = example(report)
    tolerance = f"{report.facts['tolerance']:.12g}"
    return [
        f"{accurate.name} is nearest to the truth while nobody poisons anything: "
        f"{rounded(accurate.mean_absolute_error)} from it on average, and "
        f"{100 * accurate.accuracies(0):.1f} % of the test rows within {tolerance}.",
        f"{best.name} proves most at poison size {size}: {100 * best.accuracies(size):.1f} % stay "
        f"within {tolerance} of the truth whatever an attack of that size does.",
    ]


def points(report):
    """Explain the tables by some of their own numbers.

    Parameters
    ----------
    report : RegressionReport
        The report.

    Returns
    -------
    list of str
        Paragraphs.
    """
    result, size = example(report)
    words = find_threat_model(report.facts["threat_model"]).words(grouped=report.grouped)
    median = result.median_widths()[report.poison_sizes.index(size)]
    half = (
        f"half of the predictions stay within intervals no wider than {width(median)}"
        if np.isfinite(median)
        else "nothing bounds half of the predictions"
    )
    return [
        f"A poison size counts {words.meaning}.",
        f"{100 * result.accuracies(size):.1f} at poison size {size} ({result.name}): for that "
        f"share of the test rows the prediction is within {report.facts['tolerance']:.12g} of the "
        f"truth and provably stays there whatever an attack of size {size} does, by someone who "
        "knows all data and code, and the seeds. The other rows are off already, or unproven; they "
        "need not be broken.",
        f"At the same size {half}, wherever the truth is. Such an interval bounds the attacker, "
        "not the error: it is no prediction interval of statistics.",
        "Each test row is taken to be clean, and judged as if the whole attack were aimed at it "
        "alone.",
        "The proof holds for fixed settings: tolerance, columns and their types, base estimator, "
        "number of partitions or neighbours, all other parameters. Choosing them by looking at "
        "poisoned rows is outside it. So is whatever is learned from all rows at once, such as a "
        "scaler of rows or of targets in front of the regressor, and so are changes to the rows to "
        "be predicted.",
    ]
