"""Our Salesforce adapter passes the kit through both drivers, in both of its ways to write."""

from __future__ import annotations

from typing import ClassVar

from salesforce_suite import SalesforceSuite

from clmcrm.ports.records import Precondition


class TestSalesforce(SalesforceSuite):
    """Each change under its precondition, 24 in a call."""


class TestSalesforceInCollections(SalesforceSuite):
    """200 changes in a call, without a precondition, and the field history to see what was overwritten."""

    precondition: ClassVar[Precondition] = Precondition.NONE
