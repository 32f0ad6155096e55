"""Who asks an Ironclad, and where: makes calls, each with the budget it draws on, and reads their replies.

With client credentials a token stands for the app, and each call names the user whose permissions count
(`as_user`). Source: developer.ironcladapp.com, "Authenticate a request"; "CLM API rate limits".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

from clmcrm.adapters.ironclad.wire import BASE, ORIGIN, VENDOR, result, written
from clmcrm.adapters.trees import Tree
from clmcrm.drivers.budgets import Budget
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import AmbiguousError, InvalidRecord, MalformedReply
from clmcrm.ports.calls import Call, Effect, Flow, Reply

Query = Mapping[str, str]

_MINUTE: Final = timedelta(minutes=1)
_NO_QUERY: Final[Query] = {}
_SIZES: Final = {
    "workflows-read": 400, "workflows-write": 40, "records-read": 600, "records-write": 200, "others": 800,
}  # fmt: skip


def budgets() -> list[Budget]:
    """What a company may ask in a minute, for the driver's desk; lower in a sandbox.

    >>> {one.bucket: one.size for one in budgets()}["workflows-write"]
    40
    """
    return [Budget(vendor=VENDOR, bucket=bucket, size=size, per=_MINUTE) for bucket, size in _SIZES.items()]


def bucket_of(method: str, path: str) -> str:
    """The budget that a call draws on.

    >>> bucket_of("PATCH", "/records/22e2ff72"), bucket_of("GET", "/entities")
    ('records-write', 'others')
    """
    first = path.strip("/").partition("/")[0]
    if first not in ("workflows", "records"):
        return "others"
    return f"{first}-{'read' if method == 'GET' else 'write'}"


class IroncladSession:
    """Where an Ironclad is and who asks; `token` is given only where no driver signs.

    `as_user` is the id or the e-mail address of the user whose permissions count (None: the token's own user).
    Raises `InvalidRecord` for a token or a user that no header can carry; a token is not repeated.

    >>> IroncladSession(as_user="legal@acme.example")
    IroncladSession('https://na1.ironcladapp.com', as_user='legal@acme.example')
    """

    def __init__(
        self,
        *,
        as_user: str | None = None,
        address: str = ORIGIN,
        token: Secret | None = None,
        timeout: timedelta | None = None,
    ) -> None:
        value = "" if token is None else token.reveal()
        if token is not None and (not value.isprintable() or not value.isascii() or not value.strip()):
            raise InvalidRecord("IroncladSession", "token", "***", "one line of printable ASCII")
        if as_user is not None and (not as_user.isprintable() or not as_user.isascii() or not as_user.strip()):
            raise InvalidRecord("IroncladSession", "as_user", as_user, "an id or an e-mail address, in ASCII")
        self._address, self._as_user, self._timeout = address.rstrip("/"), as_user, timeout
        self._secrets = () if token is None else (token,)
        self._headers = {"accept": "application/json"}
        if as_user is not None:
            self._headers["x-as-user-email" if "@" in as_user else "x-as-user-id"] = as_user
        if token is not None:
            self._headers["authorization"] = f"Bearer {value}"
        self.last_date = ""

    def __repr__(self) -> str:
        """Where and for whom, never with what."""
        return f"IroncladSession({self._address!r}, as_user={self._as_user!r})"

    @property
    def origins(self) -> dict[str, str]:
        """The one origin that the transport may talk to."""
        return {VENDOR: self._address}

    def get(self, path: str, query: Query = _NO_QUERY) -> Flow[Tree]:
        """The object at `path`; raises what `clmcrm.adapters.ironclad.wire.result` raises."""
        return (yield from self._asked("GET", path, query, None, Effect.NONE))

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None, *, query: Query = _NO_QUERY, effect: Effect
    ) -> Flow[Tree]:
        """What answers a write; `effect` says what doing it twice would do.

        Raises as `get`, and `AmbiguousError` for a success that nobody can read.
        """
        try:
            return (yield from self._asked(method, path, query, body, effect))
        except MalformedReply as torn:
            raise AmbiguousError(VENDOR, str(torn), torn.request_id) from None

    def _asked(
        self, method: str, path: str, query: Query, body: Mapping[str, Any] | None, effect: Effect
    ) -> Flow[Tree]:
        url = f"{self._address}{BASE}{path}" + (f"?{urlencode(query)}" if query else "")
        sending = {} if body is None else {"content-type": "application/json"}
        call = Call(
            method=method, url=url, vendor=VENDOR, headers=self._headers | sending, effect=effect,
            body=None if body is None else written(body), bucket=bucket_of(method, path), timeout=self._timeout,
        )  # fmt: skip
        reply: Reply = yield call
        self.last_date = reply.headers.get("date", self.last_date)
        return result(reply, call.where, self._secrets)


def path_of(*parts: str) -> str:
    """A path of these parts, each as one segment.

    >>> path_of("records", "../workflows")
    '/records/..%2Fworkflows'
    """
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def scopes(*, obligations: bool = False, workflows: bool = True) -> Sequence[str]:
    """The OAuth scopes that the adapter needs.

    >>> "public.workflows.cancel" in scopes(workflows=False)
    False
    """
    needed = [
        "public.records.readRecords", "public.records.readSchemas", "public.records.createRecords",
        "public.records.updateRecords", "public.records.deleteRecords", "public.entities.readEntities",
        "public.entities.readRelationshipTypes", "public.entities.createEntities", "public.entities.updateEntities",
    ]  # fmt: skip
    if workflows:
        needed += [
            "public.workflows.readWorkflows", "public.workflows.readSchemas", "public.workflows.createWorkflows",
            "public.workflows.updateWorkflows", "public.workflows.cancel",
        ]  # fmt: skip
    return [*needed, "public.obligations.readObligations"] if obligations else needed
