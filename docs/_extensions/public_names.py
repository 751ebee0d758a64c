"""A public name alone is a link to its page, wherever it is written."""

import re
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from numpydoc.xref import DEFAULT_LINKS
from sphinx import addnodes
from sphinx.util.docutils import ReferenceRole
from sphinx.util.nodes import make_refnode

PACKAGE = "sklearn_certify"
# pages of other packages: a build needs no network, so their names stay text
OTHERS = re.compile(r"(joblib|matplotlib|numba|numpy|pandas|scipy|skimage|sklearn|skorch|torch)\.")


@lru_cache
def documented_names(source):
    """Return the full names that ``api.md`` lists or documents, by the last part of each."""
    reference = (Path(source) / "api.md").read_text()
    listed = re.findall(r"^   ([\w.]+)$", reference, re.MULTILINE)
    listed += re.findall(rf"autoclass:: {PACKAGE}\.([\w.]+)$", reference, re.MULTILINE)
    return {name.rpartition(".")[2]: f"{PACKAGE}.{name}" for name in listed}


class PublicName(ReferenceRole):
    """The role of single backquotes in docstrings: a link if a name is public, else a parameter."""

    def run(self):
        """Return the node of the word or words between the quotes."""
        first = self.text.removeprefix(f"{PACKAGE}.").partition(".")[0]
        if first not in documented_names(self.env.srcdir):
            return [nodes.emphasis(self.rawtext, self.text)], []
        return self.env.domains.python_domain.role("obj")(
            "py:obj", self.rawtext, self.text, self.lineno, self.inliner
        )


def link_types(app, config):
    """Let the types of parameters link to the pages of public names, and to no other pages."""
    config.numpydoc_xref_aliases = {
        **{word: word for word in DEFAULT_LINKS},
        **documented_names(app.srcdir),
    }


def link_code(app, doctree):
    """Let the names of classes link that stand as code in pages, but for those in headings."""
    names = documented_names(app.srcdir)
    for node in list(doctree.findall(nodes.literal)):
        text = node.astext()
        is_class = text.rpartition(".")[2] in names and text.rpartition(".")[2][0].isupper()
        linked = isinstance(node.parent, (nodes.title, nodes.reference, addnodes.pending_xref))
        if is_class and not linked:
            link = addnodes.pending_xref(
                "", refdomain="py", reftype="obj", reftarget=text, refdoc=app.env.docname
            )
            node.replace_self(link)
            link += node


def resolve(app, env, node, contnode):
    """Find what was named without its room, or in another room than the one that documents it."""
    if node.get("refdomain") != "py":
        return None
    if OTHERS.match(node["reftarget"]):
        return contnode
    parts = node["reftarget"].split(".")
    objects = env.domains.python_domain.objects
    names = documented_names(app.srcdir)
    for start, part in enumerate(parts):
        in_its_room = f"{PACKAGE}.{'.'.join(parts[: start + 1])}" == names.get(part)
        if part in names and (start == 0 or parts[0] == PACKAGE or in_its_room):
            name = ".".join([names[part], *parts[start + 1 :]])
            if name in objects:
                place = objects[name]
                return make_refnode(
                    app.builder, node["refdoc"], place.docname, place.node_id, contnode, name
                )
    return None


def skip_foreign(app, what, name, member, skip, options):
    """Leave out what base classes of other packages bring, such as ``get_params``."""
    owner = getattr(member, "__module__", None) or PACKAGE
    builtin = what in ("class", "exception") and hasattr(BaseException, name)
    return True if owner.split(".")[0] != PACKAGE or builtin else None


def setup(app):
    """Connect it with Sphinx."""
    app.add_role("public_name", PublicName())
    app.connect("config-inited", link_types, priority=100)  # before numpydoc adds its own
    app.connect("doctree-read", link_code)
    app.connect("missing-reference", resolve)
    app.connect("autodoc-skip-member", skip_foreign)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
