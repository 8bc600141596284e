# SPDX-License-Identifier: GPL-2.0
"""
Literals that name a file are links where they can be, and must name one that there is.

``Documentation/NAME.rst`` is a reference to a page of this project, or a link to one of the kernel's
at docs.kernel.org. Any other path must be one in the project or in the kernel's source, which
$KERNEL_SOURCE names: without it, only the project is looked at. Links out of here must lead to a site
that conf.py knows.
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
    """Whether it is one, from the top of a source tree, or a pattern of some."""
    first = text.split("/")[0]
    return re.fullmatch(r"[\w.*+-]+(/[\w.*+-]+)+/?", text) and (there(TOP, first) or there(KERNEL, first))


def link(literal, text, docname):
    """Makes the literal a link if it names a page."""
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


def doctree_read(app, doctree):
    docname = app.env.docname
    for literal in list(doctree.findall(nodes.literal)):
        text = literal.astext()
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
