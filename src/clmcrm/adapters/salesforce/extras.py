"""What no part stands for: fields without a canonical name, kept as they are and written back as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import field, frozen

from clmcrm.adapters.declared.members import plain
from clmcrm.adapters.field_forms import Form, own_extras, sent_value
from clmcrm.adapters.salesforce.org import OrgSettings
from clmcrm.adapters.salesforce.parts import Row
from clmcrm.adapters.salesforce.soql import Query
from clmcrm.adapters.salesforce.wire import VENDOR
from clmcrm.ports.records import Fields, Json

_SENT_AS: Final[Mapping[Form, Form]] = {"text": "long", "whole": "number"}


@frozen(kw_only=True)
class ExtrasPart:
    """The fields that have no canonical name: kept as they are, and written back as they were.

    `fields` are those that may be written, with their form; `kept` those that Salesforce keeps by itself.
    """

    fields: Mapping[str, Form]
    kept: Sequence[str] = ()
    children: Sequence[Query] = field(default=(), init=False)

    @property
    def names(self) -> Sequence[str]:
        """The one canonical field."""
        return ("extras",)

    @property
    def reads(self) -> Sequence[str]:
        """All of them."""
        return (*self.fields, *self.kept)

    def shown(self, row: Row, org: OrgSettings) -> dict[str, Json]:
        """Those that hold something, raw."""
        del org
        held = [at for at in self.reads if row.get(at) is not None]
        return {"extras": [{"system": VENDOR, "field": at, "raw": plain(row[at])} for at in held]}

    def sent(self, fields: Fields, org: OrgSettings) -> dict[str, Any]:
        """Those that are named; other systems' extras are not ours to write."""
        del org
        made: dict[str, Any] = {}
        for at, raw in own_extras(VENDOR, fields.get("extras")).items():
            if at in self.fields:
                made[at] = sent_value("extras", _SENT_AS.get(self.fields[at], self.fields[at]), raw)
        return made
