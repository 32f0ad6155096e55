"""The Pipedrive adapter passes the kit with both drivers, and no request of it is refused by the description."""

from __future__ import annotations

from typing import ClassVar

from pipedrive_suite import PipedriveChecks, PipedriveSuite

from clmcrm.adapters.pipedrive.terms import TermsPlace


class TestPipedriveConforms(PipedriveSuite):
    """Terms on the deal."""


class TestTermsOnTheOrganization(PipedriveChecks):
    """Each kind, with terms on the organization."""

    place: ClassVar[TermsPlace] = TermsPlace.ORGANIZATION
