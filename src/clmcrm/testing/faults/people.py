"""The people who edit both systems all day, and the truth about what they typed: every value only once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import cast

from attrs import define, field

from clmcrm.ports.records import SIDES, Fields, Json, Side
from clmcrm.testing.faults.habits import POISON
from clmcrm.testing.faults.mixes import FREE_FIELDS, KINDS, MONEY, REFERENCES, SLOWEST
from clmcrm.testing.faults.remote import Remote
from clmcrm.testing.faults.rows import Row
from clmcrm.testing.faults.world import World

_MOST_CENTS = 100
_ROOM = 12


@define(eq=False, kw_only=True)
class People:
    """Everybody who edits.

    `typed` holds every value with the side it was typed on, `typed_over` those that a person replaced, merged away or
    decided against, having seen them, `let_go` how often each was deleted with its record: what `restores` brings
    back is wanted again. Records are merged on the sides `merges`, on both perhaps crosswise; where a code tells
    what a record is (`matched`), one that was merged away may be entered again. With the chance `garbles` something is
    entered that no adapter can read.
    """

    world: World
    remotes: Mapping[Side, Remote]
    one_way: bool = False
    deletes: bool = False
    restores: bool = False
    merges: frozenset[Side] = frozenset()
    matched: bool = False
    garbles: float = 0.0
    typed: dict[str, Side] = field(factory=dict[str, Side])
    typed_over: set[str] = field(factory=set[str])
    let_go: Counter[str] = field(factory=Counter[str])
    _deleted: dict[tuple[Side, str], frozenset[str]] = field(factory=dict[tuple[Side, str], frozenset[str]])
    unsure: set[str] = field(factory=set[str])
    _again: set[str] = field(factory=set[str])
    _number: int = 0

    @property
    def seen_off(self) -> set[str]:
        """The values that nobody wants to find again."""
        return self.typed_over | {value for value, times in self.let_go.items() if times}

    def act(self) -> None:
        """Somebody does something somewhere."""
        dice = self.world.dice
        side = dice.choice(SIDES)
        living = self.remotes[side].living()
        if living and self.world.chance(self.garbles):
            self.garble(side, dice.choice(living))
            return
        roll = dice.random()
        if not living or (roll < 0.25 and len(living) < _ROOM):
            if not (self.one_way and side is Side.CLM):
                _ = self.add(side)
        elif roll < 0.35 and self.deletes:
            self.delete(side, dice.choice(living))
        elif roll < 0.45 and side in self.merges:
            self.merge(side)
        elif roll < 0.5 and side in self.merges and self.matched and (lost := self._merged_away(side)):
            self.enter_again(dice.choice(lost), side)
        elif roll < 0.55 and self.restores:
            self.restore(side)
        else:
            self.edit(side, dice.choice(living))

    def add(self, side: Side, kind: str | None = None) -> Row:
        """A new record, with everything filled in."""
        kind = kind or self.world.dice.choice(KINDS)
        self._number += 1
        fields: dict[str, Json] = {name: self._value(side, name) for name in FREE_FIELDS[kind]}
        fields.update({"code": f"code-{self._number}", REFERENCES[kind][0]: None})
        self._refer(side, kind, fields)
        row = self.remotes[side].add(kind, fields)
        self.world.tell(f"{side} adds {kind} {row.key} {sorted(fields.items(), key=str)}")
        return row

    def add_again(self, row: Row, side: Side) -> Row:
        """The record is entered on the other side too, with the same code and in other words."""
        fields: dict[str, Json] = {name: self._value(side, name) for name in FREE_FIELDS[row.kind]}
        fields.update({"code": row.fields["code"], REFERENCES[row.kind][0]: None})
        other = self.remotes[side].add(row.kind, fields, uid=row.uid)
        self.world.tell(f"{side} has {row.key} as {row.kind} {other.key} {sorted(fields.items(), key=str)}")
        return other

    def _merged_away(self, side: Side) -> list[Row]:
        """The other side's accounts that `side` has only as a part of another which stands on both.

        Of any other one nobody could say whether what it became is its counterpart still.
        """
        others = {row.uid: row for row in self.remotes[side.other].living("account")}
        rows = [row for row in self.remotes[side].rows.values() if row.kind == "account"]
        parts = {uid for row in rows if not row.gone and row.uid in others for uid in row.absorbed}
        parts -= {row.uid for row in rows if row.merged_into is None}
        alone = sorted(uid for uid in parts & others.keys() if not others[uid].absorbed)
        return [] if self.remotes[side].habits.new_ids else [others[uid] for uid in alone]

    def enter_again(self, row: Row, side: Side) -> None:
        """Somebody finds that two were not one, once the merge is known to all listings, and enters the other again.

        Neither is merged any more: whether the old or the new one was meant by that, nobody could know.
        """
        self.world.wait(SLOWEST)
        for other in self.remotes[side].living("account"):
            if row.uid in other.absorbed:
                self._again |= other.stands_for
                other.absorbed -= {row.uid}
        if self._taken_over(row.uid, side):
            self.unsure.add(row.uid)
        _ = self.add_again(row, side)

    def _taken_over(self, uid: str, side: Side) -> bool:
        """Whether what a record was merged into had no counterpart of its own, once or by the end.

        It takes over the counterpart of what was merged into it, and nobody could say whose that is afterwards.
        """
        others = {row.uid: row for row in self.remotes[side.other].living("account")}
        rows = self.remotes[side].rows
        waiting = [row for row in rows.values() if row.kind == "account" and row.uid == uid]
        while waiting:
            into = waiting.pop().merged_into
            if into is not None:
                heir = rows["account", into]
                if heir.uid not in others or others[heir.uid].absorbed:
                    return True
                waiting.append(heir)
        return False

    def edit(self, side: Side, row: Row, among: Collection[str] = ()) -> None:
        """Another value for one field of a record that somebody looks at; one `among` these where any can be edited."""
        names = (*FREE_FIELDS[row.kind], REFERENCES[row.kind][0])
        name = self.world.dice.choice([name for name in names if name in among] or names)
        fields: dict[str, Json] = {}
        if name == REFERENCES[row.kind][0]:
            self._refer(side, row.kind, fields, besides=row.key)
        else:
            fields[name] = self._value(side, name)
            self.see_off(row.fields.get(name))
        if fields:
            self.remotes[side].edit(row, fields)
            self.world.tell(f"{side} edits {row.kind} {row.key} {fields}")

    def garble(self, side: Side, row: Row) -> None:
        """In a record something is entered that no adapter can read; what was, an adapter can read by now."""
        if row.garbled:
            self.remotes[side].mend(row)
        else:
            names = frozenset((*FREE_FIELDS[row.kind], "code", REFERENCES[row.kind][0]))
            one = self.world.dice.choice(sorted(names))
            self.remotes[side].garble(row, self.world.dice.choice((names, frozenset({one, "code"}), frozenset({one}))))
        self.world.tell(f"{side} shows {row.kind} {row.key} without {sorted(row.garbled)}")

    def mend(self) -> None:
        """Every adapter can read everything."""
        for side in SIDES:
            for row in self.remotes[side].rows.values():
                self.remotes[side].mend(row)

    def delete(self, side: Side, row: Row) -> None:
        """A record is archived by somebody who sees what is in it."""
        self._deleted[side, row.key] = values = frozenset(token(value) for value in row.fields.values())
        self.let_go.update(values)
        self.remotes[side].delete(row)
        self.world.tell(f"{side} deletes {row.kind} {row.key}")

    def restore(self, side: Side) -> None:
        """A record that somebody archived is wanted again, unless it stands there once more by now.

        What people archived on both sides is not: two restore it at the same time, and nobody could know.
        """
        remote, others = self.remotes[side], self.remotes[side.other].rows.values()
        there = {uid for row in remote.living() for uid in row.stands_for}
        there |= {row.uid for row in others if (side.other, row.key) in self._deleted}
        rows = [row for (_, key), row in remote.rows.items() if (side, key) in self._deleted and row.uid not in there]
        rows = [row for row in rows if row.gone and row.merged_into is None]
        if rows:
            row = self.world.dice.choice(rows)
            self.let_go.subtract(self._deleted.pop((side, row.key)))
            remote.restore(row)
            self.world.tell(f"{side} restores {row.kind} {row.key}")

    def merge(self, side: Side) -> None:
        """Two records become one; what only the loser held is given up by whoever merges them."""
        dice = self.world.dice
        living = [row for row in self.remotes[side].living("account") if self._again.isdisjoint(row.stands_for)]
        if len(living) > 1:
            loser, winner = dice.sample(living, 2)
            self.see_off_all(loser.fields)
            survivor = self.remotes[side].merge(loser, winner)
            self._repoint(side, {loser.key, winner.key}, survivor)
            self.world.tell(f"{side} merges {loser.key} into {winner.key}, now {survivor.key}")

    def _repoint(self, side: Side, keys: set[str], survivor: Row) -> None:
        """What pointed at the merged records points at the survivor, as vendors do it."""
        for row in self.remotes[side].living():
            name, _ = REFERENCES[row.kind]
            if row.fields.get(name) in keys - {survivor.key} or (row is survivor and row.fields.get(name) in keys):
                self.remotes[side].edit(row, {name: None if row is survivor else survivor.key})

    def see_off(self, value: Json) -> None:
        """Somebody saw this value and lets another stand."""
        self.typed_over.add(token(value))

    def see_off_all(self, fields: Fields) -> None:
        """Somebody saw all of these values and lets them go."""
        for value in fields.values():
            self.see_off(value)

    def _refer(self, side: Side, kind: str, fields: dict[str, Json], besides: str = "") -> None:
        name, other = REFERENCES[kind]
        dice = self.world.dice
        targets = [row.key for row in self.remotes[side].living(other) if row.key != besides]
        if kind == other:
            # Parents are made before children, so that people build no circles.
            targets = [key for key in targets if besides == "" or int(key[1:]) < int(besides[1:])]
        if targets and dice.random() < 0.6:
            fields[name] = dice.choice(targets)

    def _value(self, side: Side, name: str) -> Json:
        self._number += 1
        dice = self.world.dice
        if name == MONEY:
            # More digits than a float holds.
            amount = f"{9_007_199_254_740_993 + self._number}.{dice.randrange(_MOST_CENTS):02}"
            self.typed[amount] = side
            return {"amount": amount, "currency": "EUR"}
        bad = dice.random() < 0.05
        value = f"{POISON if bad else 'value'}-{self._number}."
        self.typed[value] = side
        return value


def token(value: Json) -> str:
    """What a value is known by in the truth, however a system spells it."""
    if isinstance(value, dict):
        return str(cast("Mapping[str, Json]", value).get("amount"))
    return str(value).casefold()
