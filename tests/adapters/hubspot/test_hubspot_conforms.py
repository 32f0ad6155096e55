"""The HubSpot adapter passes the kit with both drivers, and no request of it is refused by the description."""

from __future__ import annotations

from typing import ClassVar

from hubspot_suite import HubSpotChecks, HubSpotSuite

from clmcrm.adapters.hubspot.terms import TermsPlace


class TestHubSpotConforms(HubSpotSuite):
    """Terms on the deal."""


class TestTermsAsContracts(HubSpotChecks):
    """Each kind, with terms as contracts of HubSpot's own."""

    place: ClassVar[TermsPlace] = TermsPlace.CONTRACT
