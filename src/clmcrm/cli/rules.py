"""The calendars and regimes the commands count with: the library's, and those of installed packages."""

from __future__ import annotations

from clmcrm.adapters.installed_rules import installed_catalogue
from clmcrm.calendars.catalogue import Catalogue
from clmcrm.cli.console import Console


def rules_in_use(console: Console) -> Catalogue:
    """The catalogue; a package that could not be loaded, or replaces a rule, is named on standard error."""
    installed = installed_catalogue()
    for problem in installed.problems:
        _ = console.err.write(f"{problem.severity.value}: {problem}\n")
    return installed.catalogue
