"""The table of adapters: what each declares and how many checks it passed, from the files the plugin writes.

It is the reference page of this library's own adapters, and anybody's who keeps such a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

_RECORDS: Final = ("CrmAdapterSuite", "ClmAdapterSuite", "RecordSystemSuite")
_LENGTHS: Final = ("visible_lag", "overlap", "longest_processing", "key_window")
_SHOWN: Final = (
    "kinds", "creates", "feed", "creating", "precondition", "atomicity", "tells_deletes", "tells_merges", "marks",
    "history", "batch_size", "in_flight", "overlap", "visible_lag", "longest_processing", "key_window", "holds",
)  # fmt: skip
_SIGNING: Final = (
    "levels", "roles", "orders", "creating", "cancels", "certificates", "feed", "visible_lag",
)  # fmt: skip


def adapter_page(entries: Iterable[Mapping[str, Any]]) -> str:
    """The page of reference, in Markdown: record systems, e-signature services, journals.

    >>> "| system" in adapter_page([])
    False
    """
    known = sorted(entries, key=lambda entry: (entry["suite"], entry["system"], entry["test"]))
    records = [entry for entry in known if entry["suite"] in _RECORDS]
    signing = [entry for entry in known if entry["suite"] == "EsignSuite"]
    journals = [entry for entry in known if entry["suite"] in ("JournalSuite", "LeaseSuite")]
    return "\n".join([
        "# Adapters and what they declare", "",
        "Every row is a capability, tried by the conformance kit (`clmcrm.testing`) where it is claimed, and as a",
        "statement where it is not. The figures were written by `pytest --clmcrm-checks`, and this page by",
        "`docs/generate.py`. How to prove an adapter of your own: [](../howto/write_an_adapter.md).", "",
        "A check is counted once, in one of three ways: *run*; *switched off*, with a reason below; or *stated as",
        "absent*: it needs what the adapter declares not to have, and in its place another check, which is counted as",
        "run, tries that the adapter refuses aloud and does nothing by half.",
        *_table("Record systems", records, _SHOWN),
        *_table("E-signature services", signing, _SIGNING),
        *_table("Journals", journals, ()),
        *_reasons(known), "",
    ])  # fmt: skip


def _table(title: str, entries: Sequence[Mapping[str, Any]], flags: Sequence[str]) -> list[str]:
    if not entries:
        return []
    rows = [
        ["system", *(f"`{entry['system']}`" for entry in entries)],
        ["---", *("---" for _ in entries)],
        ["suite", *(f"`{entry['suite']}`" for entry in entries)],
        ["checks run", *(str(entry["passed"] + entry["failed"]) for entry in entries)],
        ["failed", *(str(entry["failed"]) for entry in entries)],
        ["switched off", *(str(entry["skipped"]) for entry in entries)],
        ["stated as absent", *(str(sum(entry["absent"].values())) for entry in entries)],
        *([f"`{flag}`", *(_cell(flag, entry["declares"]) for entry in entries)] for flag in flags),
    ]
    return ["", f"## {title}", "", *(f"| {' | '.join(row)} |" for row in rows)]


def _cell(flag: str, declares: Mapping[str, Any]) -> str:
    value = declares.get(flag)
    if flag in _LENGTHS:
        return str(timedelta(seconds=float(value))) if value else "none"
    if flag == "creating" and value is None:
        return "unique" if declares.get("marks", True) else "none"
    if flag == "holds":
        return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in sorted(value.items())) if value else "all"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType] # JSON


def _reasons(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Why checks were switched off, and which flags were tried as statements, for each system."""
    lines = ["", "## Why checks were not made"]
    for entry in entries:
        if entry["why"] or entry["absent"]:
            lines += ["", f"`{entry['system']}` (`{entry['suite']}`):", ""]
            lines += [f"- switched off {times}: {why}" for why, times in sorted(entry["why"].items())]
            lines += [f"- stated as absent {times}: `{name}`" for name, times in sorted(entry["absent"].items())]
    return lines if len(lines) > 2 else []  # noqa: PLR2004 - a blank line and the title
