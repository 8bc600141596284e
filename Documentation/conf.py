# SPDX-License-Identifier: GPL-2.0
"""The configuration of Sphinx for these pages. Run by tools/testing/static/docs."""

import os
import sys

sys.path.insert(0, os.path.abspath("sphinx"))

project = "rust_commoncap"
extensions = ["sphinx.ext.graphviz", "paths"]
# Included in other pages.
exclude_patterns = ["userspace-api/*-operations.rst", "userspace-api/*-losses.rst"]
nitpicky = True
highlight_language = "none"
smartquotes = False

html_theme = "furo"
html_title = "rust_commoncap"
html_theme_options = {"top_of_page_buttons": []}
html_show_copyright = False
html_show_sphinx = False
html_static_path = ["sphinx-static"]
html_css_files = ["custom.css"]
html_copy_source = False
graphviz_output_format = "svg"
manpages_url = "https://man7.org/linux/man-pages/man{section}/{page}.{section}.html"

# The sites that pages may link to.
known_sites = [
    "https://docs.kernel.org/",
    "https://git.kernel.org/linus/",
    "https://github.com/checkpoint-restore/criu/",
    "https://lore.kernel.org/r/",
    "https://man7.org/linux/man-pages/",
]
