"""What must be known of a Pipedrive before its records make sense: fields, stages, time zone, currency.

A custom field is named by forty random digits that differ in every company; ours are found by their names. Stages are
the company's own. Each part is read when it is first needed, and kept.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, field, frozen

from clmcrm.adapters.pipedrive.plain import key_of, number
from clmcrm.adapters.pipedrive.session import LIST, SHORT_LIST, WHO, PipedriveSession
from clmcrm.adapters.pipedrive.wire import VENDOR, next_page, row_of, rows_of
from clmcrm.adapters.trees import trees_of, word
from clmcrm.crm.opportunity import OpportunityStage
from clmcrm.errors import MalformedReply
from clmcrm.ports.calls import Flow
from clmcrm.values.exact import shifted

V2: Final = "/api/v2"
ME: Final = "/api/v1/users/me"
FIELDS: Final = {"organizations": "organizationFields", "persons": "personFields", "deals": "dealFields"}
"""Where the fields of each object are described."""

STANDARD: Final = {
    "qualified": OpportunityStage.QUALIFICATION,
    "contact made": OpportunityStage.DISCOVERY,
    "demo scheduled": OpportunityStage.DISCOVERY,
    "proposal made": OpportunityStage.PROPOSAL,
    "negotiations started": OpportunityStage.NEGOTIATION,
}
"""The stages of the pipeline that every company begins with, by name; any other open stage is OPEN."""

_NO_OPTIONS: Final[Mapping[str, str]] = {}
_PAGE: Final = 500
_HASH: Final = 40


@frozen(kw_only=True)
class Stage:
    """One stage of one pipeline, as the company has it; `order` is where it stands there."""

    id: str
    name: str
    pipeline: str
    order: int
    probability: Decimal | None = None

    @property
    def meaning(self) -> OpportunityStage:
        """What an open deal in it stands at."""
        return STANDARD.get(self.name.strip().lower(), OpportunityStage.OPEN)


@frozen(kw_only=True)
class FieldDescription:
    """A field of an object: its `code` in records, its `name` for people, its type, and its options by id."""

    code: str
    name: str
    type: str
    custom: bool
    options: Mapping[str, str] = field(factory=dict[str, str])


@frozen(kw_only=True)
class Company:
    """A company, as far as it is known by now: fields by object, stages by id, in the order of their pipelines."""

    name: str = ""
    zone: tzinfo = UTC
    currency: str = ""
    fields: Mapping[str, tuple[FieldDescription, ...]] = field(factory=dict[str, tuple[FieldDescription, ...]])
    stages: Mapping[str, Stage] = field(factory=dict[str, Stage])

    def named(self, object_name: str, name: str) -> tuple[FieldDescription, ...]:
        """The custom fields of an object with that name, or with that code."""
        found = (one for one in self.fields.get(object_name, ()) if one.custom)
        return tuple(one for one in found if name in (one.name, one.code))

    def code(self, object_name: str, name: str) -> str | None:
        """The code of our custom field of that name; None where there is none, or more than one."""
        found = self.named(object_name, name)
        return found[0].code if len(found) == 1 else None

    def options(self, object_name: str, code: str) -> Mapping[str, str]:
        """The options of a field, by id; empty for one without."""
        return next((one.options for one in self.fields.get(object_name, ()) if one.code == code), _NO_OPTIONS)

    def stage_for(self, stage: OpportunityStage, pipeline: str | None) -> Stage | None:
        """The first stage of a pipeline (None: the company's first) with that meaning; None when it has none."""
        wanted = pipeline or next(iter(self.stages.values())).pipeline if self.stages else pipeline
        fits = [one for one in self.stages.values() if one.pipeline == wanted and one.meaning is stage]
        return min(fits, key=lambda one: one.order) if fits else None


class Acquaintance:
    """Gets to know a company through `session`, part by part.

    Each part is kept by itself: of two that ask at the same time neither takes back what the other learned.
    """

    def __init__(self, session: PipedriveSession) -> None:
        self._session = session
        self._me: Company | None = None
        self._fields: dict[str, tuple[FieldDescription, ...]] = {}
        self._stages: dict[str, Stage] | None = None
        self._abolished: set[str] = set()

    def company(self, object_name: str) -> Flow[Company]:
        """The company, with all that records of that object need; raises what a call raises."""
        _ = yield from self.known()
        if object_name not in self._fields:
            self._fields[object_name] = yield from read_fields(self._session, object_name)
        if object_name == "deals" and self._stages is None:
            self._stages = yield from read_stages(self._session)
        return self._whole()

    def with_stages(self, wanted: Collection[str]) -> Flow[Company]:
        """The company, its stages read once more when some that are wanted were made since.

        A deal whose stage is not known would not be told again when it is: nothing of the deal itself changes then.
        """
        if not self._abolished.union(self._stages or {}).issuperset(wanted):
            self._stages = yield from read_stages(self._session)
            self._abolished |= set(wanted) - self._stages.keys()
        return self._whole()

    def known(self) -> Flow[Company]:
        """The company's name, time zone and currency, and what else was read by now."""
        if self._me is None:
            self._me = yield from self._asked()
        return self._whole()

    def _whole(self) -> Company:
        return evolve(self._me or Company(), fields=dict(self._fields), stages=self._stages or {})

    def _asked(self) -> Flow[Company]:
        told = row_of((yield from self._session.get(ME, tokens=WHO)), f"GET {ME}")
        return Company(
            name=word(told, "company_name"), currency=word(told, "default_currency").upper(),
            zone=_zone(word(told, "timezone_name") or "UTC"),
        )  # fmt: skip


def read_fields(session: PipedriveSession, object_name: str) -> Flow[tuple[FieldDescription, ...]]:
    """Every field of an object, standard and custom."""
    found = yield from _all(session, f"{V2}/{FIELDS[object_name]}", LIST)
    return tuple(_described(one) for one in found if word(one, "field_code"))


def read_stages(session: PipedriveSession) -> Flow[dict[str, Stage]]:
    """Every stage that is not deleted, by id: pipeline by pipeline, in their order there."""
    pipelines = yield from _all(session, f"{V2}/pipelines", SHORT_LIST)
    order = {key_of(one.get("id")): place for place, one in enumerate(sorted(pipelines, key=_order))}
    found = yield from _all(session, f"{V2}/stages", SHORT_LIST)
    stages = [_stage(one) for one in found if one.get("is_deleted") is not True]
    ranked = sorted(stages, key=lambda one: (order.get(one.pipeline, len(order)), one.order))
    return {one.id: one for one in ranked}


def _all(session: PipedriveSession, path: str, tokens: int) -> Flow[list[dict[str, Any]]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = [("limit", str(_PAGE)), *([("cursor", cursor)] if cursor else [])]
        told = yield from session.get(path, query, tokens=tokens)
        found += rows_of(told, f"GET {path}")
        after = next_page(told)
        if after is None or after == cursor:
            return found
        cursor = after


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MalformedReply(VENDOR, f"GET {ME}: $.data.timezone_name", f"{name!r} is no time zone") from None


def _described(told: Mapping[str, Any]) -> FieldDescription:
    code = word(told, "field_code")
    custom = told.get("is_custom_field")
    return FieldDescription(
        code=code, name=word(told, "field_name"), type=word(told, "field_type"),
        custom=custom is True or (custom is None and len(code) == _HASH),
        options={str(one.get("id")): word(one, "label") for one in trees_of(told, "options")},
    )  # fmt: skip


def _stage(told: Mapping[str, Any]) -> Stage:
    name = str(told.get("id"))
    chance: object = told.get("deal_probability")
    try:
        probability = None if chance is None else shifted(number(chance), -2)
    except ValueError:
        probability = None
    pipeline = str(told.get("pipeline_id"))
    return Stage(
        id=name, name=word(told, "name") or name, pipeline=pipeline, order=_order(told), probability=probability
    )


def _order(told: Mapping[str, Any]) -> int:
    found: object = told.get("order_nr")
    return found if isinstance(found, int) else 0
