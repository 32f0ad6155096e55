"""The SQL of a journal, once for every database: they differ in marks, scope and how a row is renumbered.

The rule of the file: what is put together here are constants of this package, never a caller's text.
"""
# ruff: noqa: S608 - every part is a constant of this file

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Statements:
    """Each statement; its values come in the order of the columns, a partition first where there is one."""

    agreed_page: str
    agreed_some: str
    """Ends before the list of marks, which `closing` ends."""
    closing: str
    agreed_lonely: str
    agreed_count: str
    agreed_save: str
    """Leaves a pair alone that has other keys now: the indexes of the rest are not written anew."""
    agreed_moved: str
    """Saves that one too."""
    agreed_end: str
    crm_keys: str
    """Ends before the list of marks, like `clm_keys` and `alias_keys`."""
    clm_keys: str
    crm_shown: str
    """The same, with the whole row."""
    clm_shown: str
    alias_keys: str
    aliases: str
    alias_any: str
    alias_save: str
    alias_end: str
    kinds: str
    cursor: str
    cursors: str
    cursor_save: str
    hints: str
    hint_some: str
    """Ends before the list of marks, which `hint_closing` ends."""
    hint_closing: str
    hint_new: str
    """Leaves a record alone that is hinted at already."""
    hint_save: str
    hint_end: str
    history: str
    history_pair: str
    buried: str
    """Ends before the list of marks."""
    entry_save: str
    steps: str
    step_save: str
    step_end: str
    decisions: str
    decision_save: str
    decision_end: str
    lease_make: str
    lease_lock: str
    lease_check: str
    lease_save: str
    version: str


def statements(*, mark: str, scoped: bool, renumbered: str, lock: str, share: str) -> Statements:
    """The statements with `mark` for a value.

    `scoped` adds the partition to every key; `renumbered` is the expression for a replaced row's new
    number (empty: the row is deleted and inserted anew); `lock` and `share` end a query that keeps others
    from changing the row it read.
    """
    m = mark
    own = f"partition = {m} AND " if scoped else ""
    col, val, conflict = ("partition, ", f"{m}, ", "partition, ") if scoped else ("", "", "")
    every = f" WHERE partition = {m}" if scoped else ""
    hint = "number, kind, side, key, gone, merged_into, seal"
    page = f"number > {m} ORDER BY number LIMIT {m}"
    agreed, alias = "pair, crm, clm, body, seal", "kind, side, key, pair, seal"
    entry = "number, at, pair, what, facts, seal"
    insert = "INSERT" if renumbered else "INSERT OR REPLACE"

    def anew(key: str, table: str, columns: str) -> str:
        if not renumbered:
            return ""
        number = f"number = {renumbered.format(table=table)}"
        kept = ", ".join(f"{column} = excluded.{column}" for column in columns.split(", "))
        return f" ON CONFLICT ({conflict}{key}) DO UPDATE SET {number}, {kept}"

    lease = f"FROM journal_lease WHERE partition = {m}"
    pair_put = (
        f"INSERT INTO journal_agreed ({col}kind, pair, crm, clm, body, seal) VALUES ({val}{m}, {m}, {m}, {m}, {m}, {m})"
        f" ON CONFLICT ({conflict}kind, pair) DO UPDATE SET body = excluded.body, seal = excluded.seal"
    )
    # The ended ones are found by an index: nothing else of a row need be read to count the rest.
    count = f"SELECT count(*) FROM journal_agreed WHERE {own}kind = {m}"
    hint_put = (
        f"INTO journal_hint ({col}kind, side, key, gone, merged_into, seal) VALUES ({val}{m}, {m}, {m}, {m}, {m}, {m})"
    )
    return Statements(
        agreed_page=f"SELECT {agreed} FROM journal_agreed WHERE {own}kind = {m} AND pair > {m} ORDER BY pair LIMIT {m}",
        agreed_some=f"SELECT {agreed} FROM journal_agreed WHERE {own}kind = {m} AND pair IN (",
        closing=") ORDER BY pair",
        agreed_lonely=f"SELECT pair FROM journal_agreed WHERE {own}kind = {m} AND (crm = 'null' OR clm = 'null')"
        f" AND NOT (crm = 'null' AND clm = 'null') AND pair > {m} ORDER BY pair LIMIT {m}",
        agreed_count=f"SELECT ({count}) - ({count} AND crm = 'null' AND clm = 'null')",
        agreed_save=f"{pair_put} WHERE journal_agreed.crm = excluded.crm AND journal_agreed.clm = excluded.clm",
        agreed_moved=f"{pair_put}, crm = excluded.crm, clm = excluded.clm",
        agreed_end=f"DELETE FROM journal_agreed WHERE {own}kind = {m} AND pair = {m}",
        crm_keys=f"SELECT pair FROM journal_agreed WHERE {own}kind = {m} AND crm IN (",
        clm_keys=f"SELECT pair FROM journal_agreed WHERE {own}kind = {m} AND clm IN (",
        crm_shown=f"SELECT {agreed} FROM journal_agreed WHERE {own}kind = {m} AND crm IN (",
        clm_shown=f"SELECT {agreed} FROM journal_agreed WHERE {own}kind = {m} AND clm IN (",
        alias_keys=f"SELECT {alias} FROM journal_alias WHERE {own}kind = {m} AND side = {m} AND key IN (",
        aliases=f"SELECT {alias} FROM journal_alias WHERE {own}kind = {m} ORDER BY side, key, pair",
        alias_any=f"SELECT 1 FROM journal_alias WHERE {own}kind = {m} LIMIT 1",
        alias_save=f"INSERT INTO journal_alias ({col}{alias}) VALUES ({val}{m}, {m}, {m}, {m}, {m})"
        f" ON CONFLICT ({conflict}kind, side, key, pair) DO NOTHING",
        alias_end=f"DELETE FROM journal_alias WHERE {own}kind = {m} AND pair = {m}",
        kinds=f"SELECT kind FROM journal_agreed{every} UNION SELECT kind FROM journal_hint{every} ORDER BY kind",
        cursor=f"SELECT side, kind, cursor, seal FROM journal_cursor WHERE {own}side = {m} AND kind = {m}",
        cursors=f"SELECT side, kind, cursor, seal FROM journal_cursor{every} ORDER BY side, kind",
        cursor_save=f"INSERT INTO journal_cursor ({col}side, kind, cursor, seal) VALUES ({val}{m}, {m}, {m}, {m})"
        f" ON CONFLICT ({conflict}side, kind) DO UPDATE SET cursor = excluded.cursor, seal = excluded.seal",
        hints=f"SELECT {hint} FROM journal_hint WHERE {own}kind = {m} AND {page}",
        hint_some=f"SELECT {hint} FROM journal_hint WHERE {own}kind = {m} AND side = {m} AND key IN (",
        hint_closing=f") ORDER BY key{lock}",
        hint_new=f"INSERT {hint_put} ON CONFLICT ({conflict}kind, side, key) DO NOTHING",
        hint_save=f"{insert} {hint_put}" + anew("kind, side, key", "journal_hint", "gone, merged_into, seal"),
        hint_end=f"DELETE FROM journal_hint WHERE {own}number = {m}",
        history=f"SELECT {entry} FROM journal_entry WHERE {own}{page}",
        history_pair=f"SELECT {entry} FROM journal_entry WHERE {own}pair = {m} AND {page}",
        buried=f"SELECT DISTINCT pair FROM journal_entry WHERE {own}what = {m} AND pair IN (",
        entry_save=f"INSERT INTO journal_entry ({col}at, pair, what, facts, seal)"
        f" VALUES ({val}{m}, {m}, {m}, {m}, {m})",
        steps=f"SELECT number, key, facts, seal FROM journal_step WHERE {own}{page}",
        step_save=f"{insert} INTO journal_step ({col}key, facts, seal) VALUES ({val}{m}, {m}, {m})"
        + anew("key", "journal_step", "facts, seal"),
        step_end=f"DELETE FROM journal_step WHERE {own}key = {m}",
        decisions=f"SELECT key, facts, seal FROM journal_decision{every} ORDER BY key",
        decision_save=f"INSERT INTO journal_decision ({col}key, facts, seal) VALUES ({val}{m}, {m}, {m})"
        f" ON CONFLICT ({conflict}key) DO UPDATE SET facts = excluded.facts, seal = excluded.seal",
        decision_end=f"DELETE FROM journal_decision WHERE {own}key = {m}",
        lease_make=f"INSERT INTO journal_lease (partition, token, holder, until) VALUES ({m}, 0, '', '')"
        " ON CONFLICT (partition) DO NOTHING",
        lease_lock=f"SELECT token, holder, until {lease}{lock}",
        lease_check=f"SELECT token, holder, until {lease}{share}",
        lease_save=f"UPDATE journal_lease SET token = {m}, holder = {m}, until = {m} WHERE partition = {m}",
        version="SELECT version FROM journal_schema",
    )
