"""Our Dataverse adapter passes the kit through both drivers, and no request of it is refused."""

from __future__ import annotations

from dataverse_suite import DataverseSuite


class TestDataverse(DataverseSuite):
    """Changes by delta links, all writes of a call in one batch, each under its entity tag."""
