"""`python -m clmcrm` is the command line."""

from __future__ import annotations

from clmcrm.cli.main import entry

if __name__ == "__main__":
    raise SystemExit(entry())
