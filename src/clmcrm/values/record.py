"""What every record carries besides its own fields: other systems' keys, homeless values, origins."""

from __future__ import annotations

from attrs import field, frozen

from clmcrm.values.ids import Extra, Ref
from clmcrm.values.provenance import Provenance
from clmcrm.values.validators import each, instance


@frozen(kw_only=True)
class Record:
    """The base of every record.

    `refs` are other systems' keys for it, `extras` raw values without a home here (written back
    unchanged), `provenance` the origin of single fields (a field without an entry has none recorded).
    """

    refs: tuple[Ref, ...] = field(default=(), validator=each(instance(Ref)))
    extras: tuple[Extra, ...] = field(default=(), validator=each(instance(Extra)))
    provenance: tuple[Provenance, ...] = field(default=(), validator=each(instance(Provenance)))

    def ref(self, system: str) -> Ref | None:
        """The first key `system` has for this record, or None when it has none."""
        return next((ref for ref in self.refs if ref.system == system), None)

    def extra(self, system: str, name: str) -> object:
        """The raw value of `system`'s field `name`; None when there is none (or the value is null)."""
        return next((e.raw for e in self.extras if (e.system, e.field) == (system, name)), None)
