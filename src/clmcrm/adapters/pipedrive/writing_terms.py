"""Writing contract terms onto the deal or organization that carries them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clmcrm.adapters.each_by_itself import Outcomes
from clmcrm.adapters.pipedrive import terms
from clmcrm.adapters.pipedrive.company import Company
from clmcrm.adapters.pipedrive.encoding import codes_for
from clmcrm.adapters.pipedrive.kinds import PipedriveKind
from clmcrm.adapters.pipedrive.marks import as_value
from clmcrm.adapters.pipedrive.plain import Body, Row, Unwritable, is_key
from clmcrm.adapters.pipedrive.rows import by_keys
from clmcrm.adapters.pipedrive.session import PipedriveSession
from clmcrm.adapters.pipedrive.showing import is_gone, live_only, mark_of, own_text, seen
from clmcrm.adapters.pipedrive.terms import TermsPlace
from clmcrm.adapters.pipedrive.wire import NOT_THERE, SPOILT, row_of
from clmcrm.errors import RefusedError
from clmcrm.ports.calls import Flow, together
from clmcrm.ports.records import Create, Fields, Json, Outcome, Remove, Result, Update

NO_TERMS: Final = "there are no such terms (any more)"


class TermsWriter:
    """Writes terms at `place`, through `session`."""

    def __init__(self, session: PipedriveSession, place: TermsPlace) -> None:
        self._session, self._place = session, place

    def create(self, held: PipedriveKind, writes: Mapping[int, Create], company: Company) -> Flow[Outcomes]:
        """Put terms that stand nowhere yet onto the records that are to carry them."""
        on = terms.ON[self._place]
        wanted = [key for one in writes.values() if isinstance(key := one.fields.get(on), str)]
        found = live_only((yield from by_keys(self._session, held, wanted, company)))
        there = {str(row.get("id")): row for row in found}
        done: Outcomes = {}
        bodies: dict[int, tuple[str, Body]] = {}
        taken: set[str] = set()
        for place, one in writes.items():
            key = one.fields.get(on)
            try:
                carrier = self._free(held, key, there, taken, company)
                body = {**terms.changed({}, one.fields), held.key: as_value(one.mark)}
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, why=refused.why)
                continue
            taken.add(carrier)
            bodies[place] = carrier, body
        return {**done, **(yield from self._sent(held, bodies, company, new=True))}

    def change(self, held: PipedriveKind, writes: Mapping[int, Update | Remove], company: Company) -> Flow[Outcomes]:
        """Change terms, or take them away from what carries them."""
        found = live_only((yield from by_keys(self._session, held, [one.key for one in writes.values()], company)))
        there = {str(row.get("id")): row for row in found if mark_of(held, row, company) is not None}
        done: Outcomes = {}
        bodies: dict[int, tuple[str, Body]] = {}
        for place, one in writes.items():
            if one.key not in there:
                done[place] = Outcome(result=Result.MISSING, key=one.key, why=NO_TERMS)
                continue
            try:
                bodies[place] = one.key, self._changed(_terms_of(held, there[one.key], company), one)
            except Unwritable as refused:
                done[place] = Outcome(result=Result.REFUSED, key=one.key, why=refused.why)
        return {**done, **(yield from self._sent(held, bodies, company, new=False))}

    def _changed(self, before: Fields, one: Update | Remove) -> Body:
        if isinstance(one, Remove):
            return terms.emptied()
        on = terms.ON[self._place]
        if on in one.fields and one.fields[on] != one.key:
            raise Unwritable(f"{on} is {one.fields[on]!r}; the terms stay on {one.key}, which carries them")
        return terms.changed(before, one.fields)

    def _free(self, held: PipedriveKind, key: Json, there: Mapping[str, Row], taken: set[str], company: Company) -> str:
        """The key of the record that is to carry terms; raises `Unwritable` when it cannot."""
        on = terms.ON[self._place]
        if not isinstance(key, str) or not is_key(key) or key not in there:
            raise Unwritable(f"{on} is {key!r}; the terms name none of the {held.object} that could carry them")
        if key in taken or mark_of(held, there[key], company) is not None:
            raise Unwritable(f"{on} {key} carries the terms of another contract already")
        return key

    def _sent(
        self, held: PipedriveKind, bodies: Mapping[int, tuple[str, Body]], company: Company, *, new: bool
    ) -> Flow[Outcomes]:
        told = yield from together([self._one(held, key, body, company, new=new) for key, body in bodies.values()])
        return dict(zip(bodies, told, strict=True))

    def _one(self, held: PipedriveKind, key: str, body: Body, company: Company, *, new: bool) -> Flow[Outcome]:
        path = f"{held.path}/{key}"
        try:
            told = yield from self._session.send("PATCH", path, {"custom_fields": codes_for(held, body, company)})
        except RefusedError as refused:
            if refused.status in SPOILT:
                raise
            if refused.status in NOT_THERE and not new:
                return Outcome(result=Result.MISSING, key=key, why=NO_TERMS)
            return Outcome(result=Result.REFUSED, key="" if new else key, why=refused.what)
        row = row_of(told, f"PATCH {path}")
        if is_gone(row):  # put into the bin since it was looked at
            return Outcome(result=Result.REFUSED if new else Result.MISSING, key="" if new else key, why=NO_TERMS)
        shown = seen(held, row, company)
        return Outcome(result=Result.DONE, key=key, version=shown.version)


def _terms_of(held: PipedriveKind, row: Row, company: Company) -> Fields:
    try:
        return terms.terms_in(own_text(held, row, company, terms.TERMS))
    except (ValueError, AttributeError):
        return {}
