"""The HubSpot adapter passes the kit, with both drivers, wherever terms are written to."""

from __future__ import annotations

from typing import ClassVar

from hubspot_suite import HubSpotSuite

from clmcrm.adapters.hubspot.terms import TermsPlace


class TestHubSpotConforms(HubSpotSuite):
    """Terms on the deal."""


class TestHubSpotContractsConform(HubSpotSuite):
    """Terms as contracts of HubSpot's own."""

    place: ClassVar[TermsPlace] = TermsPlace.CONTRACT
