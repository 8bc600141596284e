# SPDX-License-Identifier: GPL-2.0
"""
Makes literals that name a page into links, and checks that every path and every link exists.

``Documentation/NAME.rst`` becomes a reference to a page of this project, or a link to a page of the
kernel at docs.kernel.org. Any other path must exist in the project or in the kernel's source, the
directory in $KERNEL_SOURCE. Without it, only paths of the project are checked. External links must
lead to a site in conf.py.
"""

import glob
import os
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging

logger = logging.getLogger(__name__)
TOP = os.path.join(os.path.dirname(__file__), "..", "..")
KERNEL = os.environ.get("KERNEL_SOURCE")


def there(top, path):
    return bool(top) and bool(glob.glob(os.path.join(top, path)))


def is_path(text):
    """Returns whether a text is a path or a pattern from the top of a source tree."""
    first = text.split("/")[0]
    return re.fullmatch(r"[\w.*+-]+(/[\w.*+-]+)+/?", text) and (there(TOP, first) or there(KERNEL, first))


def link(literal, text, docname):
    """Replaces a literal that names a page by a link."""
    page = re.fullmatch(r"Documentation/(.+)\.rst", text)
    if not page or isinstance(literal.parent, (nodes.reference, nodes.title, addnodes.pending_xref)):
        return
    if there(TOP, text):
        to = addnodes.pending_xref("", refdomain="std", reftype="doc", reftarget=f"/{page[1]}",
                                   refdoc=docname, refexplicit=True, refwarn=True)
    else:
        to = nodes.reference("", "", refuri=f"https://docs.kernel.org/{page[1]}.html")
    literal.replace_self(to)
    to += literal


def break_after_slashes(literal, text):
    """Permits line breaks after slashes: browsers do not break a line there by themselves."""
    literal.clear()
    for part in re.findall(r"[^/]*/|[^/]+$", text):
        literal += [nodes.Text(part), nodes.raw("", "<wbr>", format="html")]


def doctree_read(app, doctree):
    docname = app.env.docname
    for literal in list(doctree.findall(nodes.literal)):
        text = literal.astext()
        if "/" in text and isinstance(literal.parent.parent, nodes.entry):
            break_after_slashes(literal, text)
        if not is_path(text):
            continue
        if there(TOP, text) or there(KERNEL, text):
            link(literal, text, docname)
        elif KERNEL:
            logger.warning("there is no %s, neither here nor in the kernel", text, location=literal)
    for reference in doctree.findall(nodes.reference):
        to = reference.get("refuri", "")
        if ":" in to and not to.startswith(tuple(app.config.known_sites)):
            logger.warning("%s is at no site that conf.py knows", to, location=reference)


def setup(app):
    app.add_config_value("known_sites", [], "env")
    app.connect("doctree-read", doctree_read)
    return {"parallel_read_safe": True}
