"""The conformance suite of an e-signature service: sent once under our key, told as it was, and never undone.

A third party gives the fixture `adapter`, and where recipients can act without a person (a sandbox, a fake) the
fixture `signatory`; without it the checks of what follows a signature are skipped.
"""

from __future__ import annotations

from clmcrm.testing.esign_ending import CancellingChecks, FileChecks
from clmcrm.testing.esign_replies import EsignReplyChecks
from clmcrm.testing.esign_sending import SendingChecks
from clmcrm.testing.esign_subtle import SubtleChecks, SubtleFeedChecks
from clmcrm.testing.esign_telling import FactChecks, TouchedChecks


class EsignSuite(
    SendingChecks, FactChecks, TouchedChecks, CancellingChecks, FileChecks, SubtleChecks, SubtleFeedChecks,
    EsignReplyChecks,
):  # fmt: skip
    """Subclass it in a test module and give the fixture `adapter`."""
