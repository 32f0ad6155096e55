"""How the pages are built: Sphinx, furo and MyST, warnings are errors, and no network is needed."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "_ext"), str(HERE.parent / "src")]

meta = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "clmcrm"
author = "The clmcrm founders"
project_copyright = author
release = version = meta["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "rooms"]
exclude_patterns = ["_build", "_ext"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

default_role = "literal"  # `Money` in a docstring is code, as it is on these pages
autodoc_use_type_comments = False  # there are none, and looking for them takes a fifth of the time
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
# Type names in signatures are looked up by their last part, and several rooms have, say, a `Source`.
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = f"clmcrm {release}"
html_copy_source = False
html_show_sphinx = False
