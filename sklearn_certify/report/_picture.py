"""Curves of a report in panels below each other, as a picture in a file."""

__all__ = ["write_picture"]

# the palette of Okabe and Ito, which stays distinct for the colour-blind; dashes for print
_LINE_STYLES = [
    {"color": "#0072B2", "linestyle": "-"},
    {"color": "#D55E00", "linestyle": "--"},
    {"color": "#009E73", "linestyle": "-."},
    {"color": "#CC79A7", "linestyle": (0, (1, 1))},
    {"color": "#000000", "linestyle": (0, (5, 1, 1, 1, 1, 1))},
    {"color": "#E69F00", "linestyle": (0, (8, 2))},
]


def write_picture(path, report, title, panels, *, sharex=False):
    """Draw panels below each other, and under them a legend of what the report compares.

    Parameters
    ----------
    path : str or Path
        Path of the picture.
    report : CertificationReport or RegressionReport
        What was found.
    title : str
        Stands above.
    panels : list of callable
        Each draws one, and is called with the report, axes, and the style of each result. The
        labels in the first one are those of the legend.
    sharex : bool, default=False
        Whether all panels have one axis of poison sizes.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    # not pyplot: it would start the user's graphical environment
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 2 + 3 * len(panels)), dpi=150, layout="constrained")
    axes = figure.subplots(len(panels), sharex=sharex, squeeze=False).ravel()
    styles = [
        {"linewidth": 2, **_LINE_STYLES[number % len(_LINE_STYLES)]}
        for number in range(len(report.results))
    ]
    for ax, draw in zip(axes, panels, strict=True):
        draw(report, ax, styles)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(alpha=0.3)
    axes[0].set_title(title, wrap=True)
    handles, names = axes[0].get_legend_handles_labels()
    # outside of the axes, where it covers no curve
    figure.legend(
        handles, names, loc="outside lower center", ncols=min(len(names), 5), frameon=False
    )
    figure.savefig(path)
