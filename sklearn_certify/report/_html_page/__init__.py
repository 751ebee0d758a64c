"""A report as a page of its own, for people who were not there: one file, no scripts, no network.

_assembling    what is shown: words, numbers, tables; the templates lay it out
_drawings      where curves and bars are
_attackers     those who want one label, and those who poison some periods
_least_robust  the rows that fall first; _contributors, whose removal changes most predictions
"""

from ...exceptions import MissingExtraError

__all__ = ["check_page_extra", "html_page", "render"]


def check_page_extra():
    """Raise one line that says what to install if jinja2 or matplotlib is missing."""
    try:
        import jinja2
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            'Pages need jinja2 and matplotlib: pip install "sklearn-certify[report]"'
        ) from error
    return jinja2


def html_page(report):
    """Return a report as a page that needs nothing beside it.

    Parameters
    ----------
    report : CertificationReport
        A report with at least one result.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    MissingExtraError
        If jinja2 or matplotlib is missing.
    """

    def of_report():
        from ._assembling import content

        return content(report)

    return render("page.html", of_report)


def render(template, content):
    """Lay out a page.

    Parameters
    ----------
    template : str
        Its template.
    content : callable
        Returns what the template shows; called only if all that pages need is there.

    Returns
    -------
    str
        HTML.

    Raises
    ------
    MissingExtraError
        If jinja2 or matplotlib is missing.
    """
    jinja2 = check_page_extra()
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__package__),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # a line does not end between a number and its sign
    environment.filters["unbroken"] = lambda text: text.replace(" %", "\N{NO-BREAK SPACE}%")
    return environment.get_template(template).render(content())
