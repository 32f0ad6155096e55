"""How many calls 300 signature requests cost, beside the fewest that each service allows: one call that sends each.

Each adapter sends them to a service of ours, through a driver that waits as the service's limits ask (the waits
move a clock and take no time); then another adapter sends them all again and must bind every one. The bound is a write
for each and a read for each hundred, for DocuSign, whose list tells of more, each thousand. The check sum of what was
sent must be the same in every row. Run it as `python benchmarks/sending_calls.py` with the package installed.
"""
# ruff: noqa: INP001, T201 - a script that prints its findings

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from attrs import frozen

from clmcrm.adapters.docusign.esign import DocuSignEsign
from clmcrm.adapters.docusign.session import BUDGETS as DOCUSIGN
from clmcrm.adapters.docusign.session import DocuSignSession
from clmcrm.adapters.docusign_wire import VENDOR as DOCUSIGN_NAME
from clmcrm.adapters.dropbox_sign.esign import DropboxSignEsign
from clmcrm.adapters.dropbox_sign.wire import BUDGETS as DROPBOX_SIGN
from clmcrm.adapters.dropbox_sign.wire import DropboxSignSession
from clmcrm.adapters.pandadoc.esign import PandaDocEsign
from clmcrm.adapters.pandadoc.wire import PandaDocSession
from clmcrm.adapters.pandadoc.wire import budgets as pandadoc_budgets
from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Recipient, SignatureRequest
from clmcrm.drivers.attempts import Desk
from clmcrm.drivers.budgets import Budget, Budgets
from clmcrm.drivers.driver import Driver
from clmcrm.drivers.secrets import Secret
from clmcrm.drivers.tokens import Authority, MemoryTokenShelf, Token
from clmcrm.ports.calls import Call, Flow, Reply
from clmcrm.ports.records import Outcome, Result
from clmcrm.testing.vendors import dropbox_sign
from clmcrm.testing.vendors.docusign import service as docusign
from clmcrm.testing.vendors.dropbox_sign import FakeDropboxSign, WithForms
from clmcrm.testing.vendors.pandadoc import service as pandadoc
from clmcrm.testing.vendors.pandadoc.service import FakePandaDoc
from clmcrm.testing.vendors.serving import Fake, InProcess
from clmcrm.values.ids import ContractId

REQUESTS = 300
DOCUMENT = b"%PDF-1.7\n{signature:signer1____}\n%%EOF\n"
DOCUSIGN_ORIGIN = "https://demo.docusign.net"

Many = Sequence[tuple[SignatureRequest, bytes]]


class Clock:
    """A clock that waits move on."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now, and a little later the next time."""
        self._now += timedelta(microseconds=1)
        return self._now

    def wait(self, seconds: float) -> None:
        """Let so many seconds go by."""
        self._now += timedelta(seconds=seconds)


class Esign(Protocol):
    """What every adapter here can do."""

    def send_all(self, requests: Many) -> Flow[tuple[Outcome, ...]]:
        """One outcome for each."""
        ...


class Counted:
    """A service in the same process; `counts` holds its reads and writes."""

    def __init__(self, fake: Fake, origin: str) -> None:
        self.counts: Counter[str] = Counter()
        self._inner = InProcess(fake, origin)

    def send(self, call: Call, within: timedelta) -> Reply:
        """The reply."""
        self.counts["reads" if call.method == "GET" else "writes"] += 1
        return self._inner.send(call, within)


@frozen(kw_only=True)
class Service:
    """How a service and an adapter for it are made, and how many requests one reading tells of."""

    name: str
    origin: str
    fake: Callable[[Clock], Fake]
    esign: Callable[[], Esign]
    budgets: Sequence[Budget]
    page: int = 100


def docusign_session() -> DocuSignSession:
    """The account of the fake."""
    return DocuSignSession(DOCUSIGN_ORIGIN, docusign.ACCOUNT)


SERVICES = (
    Service(
        name="DocuSign", origin=DOCUSIGN_ORIGIN, fake=docusign.FakeDocuSign,
        esign=lambda: DocuSignEsign(docusign_session()), budgets=DOCUSIGN, page=1_000,
    ),
    Service(
        name="Dropbox Sign", origin=dropbox_sign.ORIGIN, fake=lambda clock: WithForms(FakeDropboxSign(clock)),
        esign=lambda: DropboxSignEsign(DropboxSignSession(Secret(dropbox_sign.KEY))), budgets=DROPBOX_SIGN,
    ),
    Service(
        name="PandaDoc", origin=pandadoc.ORIGIN, fake=FakePandaDoc,
        esign=lambda: PandaDocEsign(PandaDocSession(Secret(pandadoc.KEY))), budgets=pandadoc_budgets(),
    ),
)  # fmt: skip


def never_renewed(token: Token) -> Flow[Token]:
    """The fake's token does not end."""
    yield from ()
    return token


def requests() -> list[tuple[SignatureRequest, bytes]]:
    """As many, of one signer each."""
    ann = Recipient(name="Ann", email="ann@example.org", side=Party.OWN)
    print_, contract = sha256(DOCUMENT).hexdigest(), ContractId("C-1")
    return [
        (SignatureRequest(id=f"R-{n:04d}", contract=contract, sha256=print_, recipients=(ann,)), DOCUMENT)
        for n in range(REQUESTS)
    ]


def sent(service: Service) -> str:
    """Send them all, print the row, send them again, and return the check sum of what was sent."""
    clock, many = Clock(), requests()
    far = Counted(service.fake(clock), service.origin)
    shelf = MemoryTokenShelf(Token(access=Secret(docusign.TOKEN)))
    signing = {DOCUSIGN_NAME: Authority(vendor=DOCUSIGN_NAME, shelf=shelf, renew=never_renewed)}
    desk = Desk(clock=clock, budgets=Budgets(service.budgets), authorities=signing)
    run = Driver(far, desk, sleep=clock.wait).run
    began = clock()
    outcomes = run(service.esign().send_all(many))
    minutes = (clock() - began) / timedelta(minutes=1)
    reads, writes = far.counts["reads"], far.counts["writes"]
    bound = REQUESTS + -(-REQUESTS // service.page)
    clock.wait(120)
    again = run(service.esign().send_all(many))
    keys = [one.key for one in outcomes]
    fresh = all(one.result is Result.DONE for one in outcomes) and len(set(keys)) == REQUESTS
    if not fresh or [(one.result, one.key) for one in again] != [(Result.BOUND, key) for key in keys]:
        raise SystemExit(f"{service.name}: not sent once")
    total = reads + writes
    verdict = "within" if total <= bound * 1.05 + 1 else "above"
    print(f"  {service.name:<16}{reads:>7}{writes:>8}{bound:>8}{total / bound:>8.2f}  {verdict:<8}{minutes:>8.0f}")
    return sha256("\n".join(request.id for request, _ in many).encode()).hexdigest()[:12]


def main() -> None:
    """Print the table."""
    print(f"{REQUESTS} requests sent     reads  writes   bound   ratio  1.05 x + 1  minutes")
    sums = {sent(service) for service in SERVICES}
    if len(sums) != 1:
        raise SystemExit(f"not the same requests: {sorted(sums)}")
    print(f"each sent once, and bound by a second run: {sums.pop()}")


if __name__ == "__main__":
    main()
