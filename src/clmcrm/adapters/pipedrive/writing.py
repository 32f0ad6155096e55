"""Writing to a Pipedrive: created once under our key, changed and deleted one by one, each answered by itself.

Version 2 has no batch of organizations, persons or deals. Our key is a custom field, which is not unique: a creation
looks first. There is no precondition: who wrote between our reading and our writing is found in the changelog
(`clmcrm.adapters.pipedrive.changelog`), after the write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve

from clmcrm.adapters.each_by_itself import (
    GONE,
    Outcomes,
    all_refused,
    firsts,
    in_waves,
    kind_by_kind,
    with_repeated,
)
from clmcrm.adapters.in_doubt import in_doubt_once_written
from clmcrm.adapters.pipedrive import deals, persons
from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.encoding import body_for, code_of
from clmcrm.adapters.pipedrive.kinds import PipedriveKind
from clmcrm.adapters.pipedrive.marks import as_value
from clmcrm.adapters.pipedrive.plain import Body, Row, Unwritable, is_key, key_of
from clmcrm.adapters.pipedrive.reading import Reader
from clmcrm.adapters.pipedrive.rows import by_keys, by_marks
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.showing import is_gone, live_only, seen
from clmcrm.adapters.pipedrive.wire import NOT_THERE, SPOILT, VENDOR, row_of
from clmcrm.adapters.pipedrive.writing_terms import TermsWriter
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow, together
from clmcrm.ports.records import Create, Kind, Outcome, Remove, Result, Update, Write


class Writer:
    """Writes through `session` what `reader` reads; `terms` writes the terms that other records carry."""

    def __init__(self, session: PipedriveSession, reader: Reader, terms: TermsWriter, creates: frozenset[str]) -> None:
        self._session, self._reader, self._terms, self._creates = session, reader, terms, creates

    def write(self, writes: Sequence[Write]) -> Flow[tuple[Outcome, ...]]:
        """One outcome per write, in order; each happens or not by itself.

        Raises `AmbiguousError` for a call that fails when others of the batch were carried out.
        """
        writing = kind_by_kind(writes, self._reader.held, self._create, in_waves(self._change))
        return (yield from in_doubt_once_written(VENDOR, writing))

    # Creations: our keys are looked for, and only those that nobody carries are created.

    def _create(self, held: PipedriveKind, writes: Mapping[int, Create]) -> Flow[Outcomes]:
        if held.kind not in self._creates:
            why = f"{held.kind} is made in Pipedrive itself"
            return all_refused(writes, why)
        company = yield from self._reader.company(held)
        once = firsts(writes)
        done: Outcomes = {}
        fresh: dict[int, Create] = {}
        for place, one in once.items():
            try:
                _ = as_value(one.mark)
                fresh[place] = one
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, why=refused.why)
        there = yield from by_marks(self._session, held, [one.mark for one in fresh.values()], company)
        done.update({p: _bound_to(held, there[one.mark], company) for p, one in fresh.items() if one.mark in there})
        left = {place: one for place, one in fresh.items() if one.mark not in there}
        if held.carrier:
            done.update((yield from self._terms.create(held, left, company)))
        else:
            done.update((yield from self._created(held, left, company)))
        return with_repeated(writes, done, once)

    def _created(self, held: PipedriveKind, writes: Mapping[int, Create], company: Company) -> Flow[Outcomes]:
        done: Outcomes = {}
        bodies: dict[int, Body] = {}
        for place, one in writes.items():
            try:
                bodies[place] = new_record(held, one, company)
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, why=refused.why)
        told = yield from together([self._sent(held, company, one) for one in bodies.values()])
        return {**done, **dict(zip(bodies, told, strict=True))}

    # Changes.

    def _change(self, held: PipedriveKind, writes: Mapping[int, Update | Remove]) -> Flow[Outcomes]:
        known = {place: one for place, one in writes.items() if is_key(one.key)}
        done = {place: missing(one.key) for place, one in writes.items() if place not in known}
        if not known:
            return done
        company = yield from self._reader.company(held)
        if held.carrier:
            return done | (yield from self._terms.change(held, known, company))
        updates = {place: one for place, one in known.items() if isinstance(one, Update)}
        removals = {place: one for place, one in known.items() if isinstance(one, Remove)}
        done.update((yield from self._update(held, updates, company)))
        if removals:
            done.update((yield from self._remove(held, removals, company)))
        return done

    def _update(self, held: PipedriveKind, writes: Mapping[int, Update], company: Company) -> Flow[Outcomes]:
        present = yield from self._present(held, writes.values(), company)
        done: Outcomes = {}
        bodies: dict[int, Body] = {}
        looking: dict[int, str] = {}
        for place, one in writes.items():
            try:
                if held.kind == Kind.OPPORTUNITY:
                    deals.check_update(one.fields, company)
                body = body_for(held, one.fields, company, present.get(one.key, {}))
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, key=one.key, why=refused.why)
                continue
            if body:
                bodies[place] = body
            else:
                looking[place] = one.key
        told = yield from together(
            [self._sent(held, company, body, writes[place].key) for place, body in bodies.items()]
        )
        done.update((yield from self._missing_or_not(held, dict(zip(bodies, told, strict=True)), company)))
        if looking:
            done.update((yield from self._looked(held, looking, company)))
        return done

    def _missing_or_not(self, held: PipedriveKind, told: Outcomes, company: Company) -> Flow[Outcomes]:
        """The outcomes of updates: Pipedrive says "not found" of a record that one names, too, as of the record itself.

        Those are looked for, so that one which is still there is told as refused.
        """
        gone = {place: one for place, one in told.items() if one.result is Result.MISSING}
        if not gone:
            return told
        found = live_only((yield from by_keys(self._session, held, [one.key for one in gone.values()], company)))
        there = {str(row.get("id")) for row in found}
        return told | {
            place: evolve(one, result=Result.REFUSED) if one.key in there else missing(one.key)
            for place, one in gone.items()
        }

    def _present(self, held: PipedriveKind, writes: Iterable[Update], company: Company) -> Flow[dict[str, Row]]:
        """Persons as they stand, where emails or phones are to be replaced: their labels are kept."""
        keys = [one.key for one in writes if held.kind == Kind.CONTACT and persons.LISTS & one.fields.keys()]
        found = yield from by_keys(self._session, held, keys, company)
        return {str(row.get("id")): row for row in found}

    def _looked(self, held: PipedriveKind, looking: Mapping[int, str], company: Company) -> Flow[Outcomes]:
        """Updates that set nothing: the record is only looked at."""
        found = live_only((yield from by_keys(self._session, held, list(looking.values()), company)))
        there = {str(row.get("id")): row for row in found}
        return {p: written(held, there[key], company) if key in there else missing(key) for p, key in looking.items()}

    def _remove(self, held: PipedriveKind, writes: Mapping[int, Remove], company: Company) -> Flow[Outcomes]:
        """Into the bin, once it is certain that they are not there yet."""
        found = live_only((yield from by_keys(self._session, held, [one.key for one in writes.values()], company)))
        there = {str(row.get("id")) for row in found}
        going = {place: one.key for place, one in writes.items() if one.key in there}
        told = yield from together([self._removed(held, key) for key in going.values()])
        return {place: missing(one.key) for place, one in writes.items()} | dict(zip(going, told, strict=True))

    def _removed(self, held: PipedriveKind, key: str) -> Flow[Outcome]:
        try:
            _ = yield from self._session.delete(f"{held.path}/{key}")
        except RefusedError as refused:
            return refusal(refused, key)
        return Outcome(result=Result.DONE, key=key)

    def _sent(self, held: PipedriveKind, company: Company, body: Body, key: str = "") -> Flow[Outcome]:
        """What became of one write, a creation where there is no key; raises where nobody may write anything."""
        method, path = ("PATCH", f"{held.path}/{key}") if key else ("POST", held.path)
        try:
            told = yield from self._session.send(method, path, body)
        except RefusedError as refused:
            return refusal(refused, key)
        row = row_of(told, f"{method} {path}")
        return missing(key) if key and is_gone(row) else written(held, row, company)


def new_record(held: PipedriveKind, one: Create, company: Company) -> Body:
    """The body that creates a record under our key; raises `Unwritable`."""
    body = body_for(held, one.fields, company, {})
    customs = {**body.get("custom_fields", {}), code_of(held, held.key, company): as_value(one.mark)}
    return {**{name: value for name, value in body.items() if value is not None}, "custom_fields": customs}


def written(held: PipedriveKind, row: Row, company: Company) -> Outcome:
    """A write that was done, with the record that Pipedrive answered."""
    shown = seen(held, row, company)
    return Outcome(result=Result.DONE, key=shown.key, version=shown.version, shown=None if shown.unreadable else shown)


def refusal(refused: RefusedError, key: str) -> Outcome:
    """What a refusal means for one write; raises it where it is not about the record."""
    if refused.status in NOT_THERE and key:
        return missing(key, refused.what)
    if refused.status in SPOILT:
        raise refused
    return Outcome(result=Result.REFUSED, key=key, why=refused.what)


def missing(key: str, why: str = GONE) -> Outcome:
    """A write about a record that is not there."""
    return Outcome(result=Result.MISSING, key=key, why=why)


def _bound_to(held: PipedriveKind, row: Row, company: Company) -> Outcome:
    shown = seen(held, row, company)
    return Outcome(result=Result.BOUND, key=key_of(row.get("id")) or "", version=shown.version)
