"""Formulas as MathML, which browsers draw by themselves: no script, no fonts, no network."""

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

logger = logging.getLogger(__name__)


def to_mathml(node, *, as_block):
    """Return the formula of a node as MathML; one that cannot be read warns and stays LaTeX."""
    try:
        return tex2mathml(node.astext(), as_block)
    except MathError as error:
        logger.warning("formula %r: %s", node.astext(), error, location=node)
        return f"<code>{nodes.unescape(node.astext())}</code>"


def visit_math(translator, node):
    """Write a formula within a line."""
    translator.body.append(to_mathml(node, as_block=False))
    raise nodes.SkipNode


def visit_math_block(translator, node):
    """Write a formula that stands alone; a wide one scrolls on a narrow screen."""
    opening = translator.starttag(node, "div", CLASS="formula")
    translator.body.append(f"{opening}{to_mathml(node, as_block=True)}</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Make it the renderer of formulas in HTML."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
