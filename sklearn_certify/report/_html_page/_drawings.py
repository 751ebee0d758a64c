"""Where curves and bars are, in shares of the room they are drawn in; their words and numbers."""

import numpy as np

from ...plotting._common import radius_bins

__all__ = ["curves", "drawing", "histograms", "ticks"]

_MOST_TICKS = 6  # as many as a narrow screen has room for
_UNITS = 1000  # of a path along each axis
_FEW_STEPS = 400  # lines of a table that somebody may still want to read


def curves(report):
    """Return the curves of certified accuracy, and a table of all their steps.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    dict
        ``"ticks"`` along the axis of poison sizes, ``"marks"`` along the other one,
        ``"series"`` with a path and points each, ``"steps"``: rows of a poison size and the
        accuracies from it on, and ``"thinned"``: whether some steps were left out.
    """
    results = report.results.values()
    end = max(1, *(int(result.curve()[0][-1]) for result in results))
    starts = np.unique(np.concatenate([result.curve()[0] for result in results]))
    shown = starts[np.unique(np.linspace(0, len(starts) - 1, _FEW_STEPS).round().astype(int))]
    accuracies = [result.accuracies(shown) for result in results]
    return {
        **_in_percent(end),
        "series": [
            _series(result.name, result.curve(), report.poison_sizes, end) for result in results
        ],
        "steps": [
            (int(size), [_percent(column[row]) for column in accuracies])
            for row, size in enumerate(shown)
        ],
        "thinned": len(shown) < len(starts),
    }


def drawing(steps, shown, words):
    """Return curves of shares.

    Parameters
    ----------
    steps : dict of str to (ndarray of int64, ndarray of float64)
        The first size of each step and its share, by the name of the curve.
    shown : list of int
        Sizes that a mouse finds.
    words : str
        Follows a share, with {} for the size.

    Returns
    -------
    dict
        As `curves` does, without rows of steps.
    """
    end = max(1, *(int(sizes[-1]) for sizes, _ in steps.values()))
    series = [_series(name, of_name, shown, end, words) for name, of_name in steps.items()]
    return {**_in_percent(end), "series": series}


def _in_percent(end):
    """Return where numbers stand along both axes."""
    marks = [(100 - percent, f"{percent}\N{HAIR SPACE}%") for percent in (0, 25, 50, 75, 100)]
    return {"ticks": ticks(end, end), "marks": marks}


def _series(name, steps, shown, end, words="at poison size {}"):
    """Return the path of a staircase, and points at the sizes of a table."""
    sizes, shares = steps
    # a step ends half a unit after its poison size, so that the curve is level at whole sizes
    ends = np.append(np.minimum(sizes[1:] - 0.5, end), end)
    y = [round(_UNITS * (1 - share), 1) for share in shares]
    path = f"M0 {y[0]:g}" + "".join(
        f"V{height:g}H{round(_UNITS * stop / end, 1):g}"
        for height, stop in zip(y, ends, strict=True)
    )
    points = [
        {
            "x": f"{100 * size / end:.2f}",
            "y": f"{100 * (1 - shares[place]):.2f}",
            "title": f"{name}: {_percent(shares[place])} % {words.format(size)}",
        }
        for size, place in zip(shown, np.searchsorted(sizes, shown, "right") - 1, strict=True)
        if size <= end
    ]
    return {"name": name, "path": path, "points": points}


def _percent(share):
    return f"{100 * share:.1f}"


def ticks(last, span, start=0.0):
    """Return whole numbers from 0 to the last one, with their places in percent of a span.

    Parameters
    ----------
    last : int
        The last one.
    span : float
        How much the whole axis is.
    start : float, default=0.0
        Where it begins.

    Returns
    -------
    list of dict
        With ``"label"`` and ``"x"``; few.
    """
    return [
        {"label": f"{size}", "x": f"{100 * (size - start) / span:.2f}"}
        for size in range(0, last + 1, _stride(last))
    ]


def _stride(last):
    """Return the least of 1, 2, 5, 10, ... that leaves few ticks."""
    power = 1
    while True:
        for digit in (1, 2, 5):
            if digit * power * (_MOST_TICKS - 1) >= last:
                return digit * power
        power *= 10


def histograms(report):
    """Return a histogram of radii for each classifier: right predictions up, wrong ones down.

    Parameters
    ----------
    report : CertificationReport
        The report.

    Returns
    -------
    list of dict
        With ``"bars"``, ``"ticks"``, ``"zero"``: where the line between right and wrong is, and
        ``"rows"``: radii in words, right and wrong predictions of each bar.
    """
    return [_histogram(result) for result in report.results.values()]


def _histogram(result):
    radii, right = np.asarray(result.radii), result.y_pred == result.y_true
    left, width, edges = radius_bins(radii)
    up, down = (np.histogram(radii[chosen], edges)[0] for chosen in (right, ~right))
    height = max(up.max() + down.max(), 1)
    zero, span = 100 * up.max() / height, edges[-1] - edges[0]
    bars, rows = [], []
    for start, n_right, n_wrong in zip(left, up, down, strict=True):
        words = _radii_in_words(start, width)
        x, share = 100 * (start - edges[0]) / span, 100 * width / span
        for count, kind in ((n_right, "right"), (n_wrong, "wrong")):
            if count:
                tall = 100 * count / height
                bars.append(
                    {
                        "kind": kind,
                        "x": f"{x:.3f}",
                        "width": f"{share:.3f}",
                        "y": f"{zero - tall if kind == 'right' else zero:.3f}",
                        "height": f"{tall:.3f}",
                        "title": f"{words}: {count} {kind}",
                    }
                )
        if n_right or n_wrong:
            rows.append((words, int(n_right), int(n_wrong)))
    return {
        "name": result.name,
        "bars": bars,
        "ticks": ticks(max(int(radii.max()), 0), span, edges[0]),
        "zero": f"{zero:.3f}",
        "most_right": int(up.max()),
        "most_wrong": int(down.max()),
        "rows": rows,
        "n_right": int(right.sum()),
        "n_wrong": int((~right).sum()),
    }


def _radii_in_words(start, width):
    first = int(start + 0.5)
    if first < 0:
        return "abstains"
    return f"radius {first}" if width == 1 else f"radius {first} to {first + int(width) - 1}"
