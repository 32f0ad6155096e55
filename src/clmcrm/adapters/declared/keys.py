"""Every key that a description may hold: the table that the reader obeys and that the reference page is made from.

The rule of the file: a key that does not stand here is an error, so a misspelt one is never silently ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from attrs import frozen

NEEDED: Final = object()
"""The default of a key that must be given."""


@frozen(kw_only=True)
class Key:
    """One key: what it is called, the `form` of its value, what it says, and what holds when it is not given.

    `form` is text, texts, path, flag, whole, statuses, table or any; `choices` lists the texts that are possible.
    """

    name: str
    form: str
    what: str
    default: object = None
    choices: tuple[str, ...] = ()


def _key(name: str, form: str, what: str, default: object = None, choices: str = "") -> Key:
    return Key(name=name, form=form, what=what, default=default, choices=tuple(choices.split()))


_METHODS: Final = "POST PUT PATCH"
_PATH: Final = _key("path", "text", "the address below `address`; `{key}` stands for the record's key", NEEDED)
_RECORD: Final = _key("record", "path", "where the record stands in the reply; empty: the reply is the record", ())
_ROWS: Final = _key("rows", "path", "where the list of records stands in the reply; empty: the reply is the list", ())
_QUERY: Final = _key("query", "table", "constant parameters of the query")

SECTIONS: Final[Mapping[str, tuple[Key, ...]]] = {
    "": (
        _key("system", "text", "the system's name in refs, errors and reports", NEEDED),
        _key("address", "text", "where the system is; nothing is ever sent to another origin", NEEDED),
        _key("auth", "table", "how calls are signed"),
        _key("headers", "table", "constant headers of every call, such as Accept; never a secret"),
        _key("replies", "table", "what statuses and errors mean"),
        _key("limits", "table", "how much may be asked"),
        _key("writing", "table", "what writes can rely on"),
        _key("kinds", "table", "the kinds of record, by their canonical names", NEEDED),
    ),
    "auth": (
        _key("with", "text", "the scheme", NEEDED, "none bearer basic header"),
        _key("secret", "text", "the name of the secret (token, password, key); never the secret itself"),
        _key("user", "text", "basic: the name of the secret that holds the user's name"),
        _key("header", "text", "header: the header that carries the secret"),
    ),
    "replies": (
        _key("error", "path", "where a reply says what is wrong; one of status 200 that says something there failed"),
        _key("request_id", "text", "the header with the system's own name for a request"),
        _key("missing", "statuses", "statuses that mean: no such record", (404, 410)),
        _key("stale", "statuses", "statuses that mean: the version has moved on", (412,)),
        _key("taken", "statuses", "statuses of a creation that mean: our key is there already", (409,)),
    ),
    "limits": (
        _key("batch_size", "whole", "how many writes are taken in one go", 50),
        _key("timeout_s", "whole", "how long a call may take, in seconds", 30),
        _key("windows", "tables", "how many calls are allowed per span of time", ()),
    ),
    "limits.windows": (
        _key("size", "whole", "at most so many calls", NEEDED),
        _key("seconds", "whole", "in any span of so many seconds", NEEDED),
    ),
    "writing": (
        _key("precondition", "text", "how a write depends on the version it was read at", "none", "if-match body none"),
        _key("quoted", "flag", "if-match: put the version between double quotes, as entity tags are", default=False),
        _key("version", "path", "body: where in the body the version is sent"),
        _key("creating", "text", "what keeps a creation from happening twice", "look-up", "unique look-up keyed none"),
        _key("idempotency_header", "text", "keyed: the header that carries our key for the deed"),
        _key("key_window_s", "whole", "keyed: how long the system remembers such a key, in seconds", 0),
        _key("longest_processing_s", "whole", "how long after a send it may still be carried out, in seconds", 60),
        _key("visible_lag_s", "whole", "how long until a write shows in look-ups and lists, in seconds", 0),
    ),
    "kinds.*": (
        _key("key", "path", "where the record's key stands", NEEDED),
        _key("version", "path", "where its version stands: something that changes with every edit"),
        _key("mark", "path", "where our own key stands that it was created under"),
        _key("changed", "any", "where the instant of its last change stands: a path, or a table with zone or epoch"),
        _key("gone", "table", "what says that it is archived: path, and is (the value that says so)"),
        _key("merged_into", "path", "where the key of the surviving record stands"),
        _key("extras", "flag", "show as extras what no field maps, inside members too", default=True),
        _key("list", "table", "how its records are listed", NEEDED),
        _key("one", "table", "how one is read", NEEDED),
        _key("many", "table", "how several are read in one call; none: one by one"),
        _key("find", "table", "how one is looked up by our own key"),
        _key("create", "table", "how one is created; none: it cannot be"),
        _key("update", "table", "how one is changed; none: it cannot be"),
        _key("remove", "table", "how one is archived or deleted; none: it cannot be"),
        _key("fields", "table", "the canonical fields, each a path or a table", NEEDED),
    ),
    "kinds.*.gone": (
        _key("path", "path", "where it stands", NEEDED),
        _key("is", "any", "the value that says that the record is gone", default=True),
    ),
    "kinds.*.list": (
        _PATH,
        _ROWS,
        _QUERY,
        _key("paging", "text", "how one page leads to the next", "none", "none keyset cursor link page"),
        _key("size", "whole", "how many records a page holds", 100),
        _key("size_param", "text", "the parameter that asks for that many"),
        _key("since_param", "text", "the parameter that asks for what changed at an instant or later; none: no feed"),
        _key("since_form", "text", "how that instant is written", "iso", "iso seconds milliseconds"),
        _key("overlap_s", "whole", "how far back each pull reads again, in seconds: the longest commit", 600),
        _key("after_param", "text", "keyset: the parameter that, at equal instants, asks for greater keys"),
        _key("cursor_param", "text", "cursor: the parameter that carries the cursor"),
        _key("next", "path", "cursor, link: where the next cursor or link stands; link: none means the Link header"),
        _key("page_param", "text", "page: the parameter that carries the number"),
        _key("first_page", "whole", "page: the first number", 1),
        _key("page_step", "whole", "page: what is added for the next page (offsets: the page's size)", 1),
        _key("tells_gone", "flag", "archived records stay in the list, so that it tells deletions", default=False),
    ),
    "kinds.*.one": (_PATH, _RECORD, _QUERY),
    "kinds.*.many": (
        _PATH,
        _ROWS,
        _QUERY,
        _key("param", "text", "the parameter with the keys", NEEDED),
        _key("join", "text", "what stands between two keys; empty: the parameter is repeated", ","),
        _key("size", "whole", "how many keys at most", 50),
    ),
    "kinds.*.find": (_PATH, _ROWS, _QUERY, _key("param", "text", "the parameter with our key", NEEDED)),
    "kinds.*.create": (
        _key("method", "text", "the method", "POST", _METHODS),
        _PATH,
        _RECORD,
        _key("inside", "path", "where in the body the record is put", ()),
    ),
    "kinds.*.update": (
        _key("method", "text", "PATCH sends what changes, PUT and POST the whole record", "PATCH", _METHODS),
        _PATH,
        _RECORD,
        _key("inside", "path", "where in the body the record is put", ()),
    ),
    "kinds.*.remove": (
        _key("method", "text", "the method", "DELETE", f"DELETE {_METHODS}"),
        _PATH,
        _key("set", "table", "the members that archive a record: sent as the body"),
    ),
    "kinds.*.fields.*": (
        _key("path", "path", "where the value stands; not for money and group"),
        _key(
            "form", "text", "what kind of value it is", "text",
            "text key number whole flag date instant money enum texts lines json group constant",
        ),
        _key("written", "text", "when we write it", "always", "always create never"),
        _key("absent", "text", "what a path that is not in a record means", "unshown", "unshown empty"),
        _key("empty", "text", "how nothing is written", "null", "null text absent"),
        _key(
            "sent_as", "text", "a text, a JSON number (number, key, money, enum), true or false (enum)", "text",
            "text number flag",
        ),
        _key("pattern", "text", "date: as for strptime, such as %d/%m/%Y; none: ISO 8601"),
        _key("zone", "text", "instant: the zone of values that name none; date: the value is midnight there"),
        _key("epoch", "text", "instant: a count since 1970", None, "seconds milliseconds"),
        _key("amount", "path", "money: where the amount stands"),
        _key("currency", "path", "money: where the currency's code stands"),
        _key("currency_is", "text", "money: the currency, when the record names none"),
        _key("minor_units", "flag", "money: the amount counts the currency's smallest unit", default=False),
        _key("values", "table", "enum: the value of each of the system's words; the first one of a value is written"),
        _key("unknown", "text", "enum: the value of a word not listed; none: such a record is unreadable"),
        _key("raw", "text", "enum: the canonical field that keeps the system's own word"),
        _key("parts", "table", "group: the fields it is made of, each as a field"),
        _key("is", "any", "constant: the value, which no record carries"),
    ),
}  # fmt: skip
"""The keys of every table; `*` stands for a name of your own."""


def reference_page() -> str:
    """The reference page in MyST: one table for every section."""
    lines = ["# Keys of a described system", "", _INTRODUCTION]
    for section, keys in SECTIONS.items():
        lines += ["", f"## {_heading(section)}", "", "| key | value | what it says | when it is not given |"]
        lines.append("| --- | --- | --- | --- |")
        lines += [f"| `{key.name}` | {_value(key)} | {key.what.replace('|', '/')} | {_default(key)} |" for key in keys]
    return "\n".join(lines) + "\n"


_INTRODUCTION: Final = (
    "This page is made from the table that the reader obeys (`clmcrm.adapters.declared.keys`). A key that is not here\n"
    "is refused with the list of those that are. A *path* is a dotted text (`owner.email`, `lines.0.price`) or a list\n"
    'of texts, for names that hold a dot (`["owner.email", "value"]`).'
)


def _heading(section: str) -> str:
    return f"`[{section}]`" if section else "The top"


def _value(key: Key) -> str:
    return ", ".join(f"`{choice}`" for choice in key.choices) if key.choices else key.form


def _default(key: Key) -> str:
    if key.default is NEEDED:
        return "an error"
    if key.default is None:
        return "nothing"
    if isinstance(key.default, bool):
        return "yes" if key.default else "no"
    return _said(key.default)


def _said(default: object) -> str:
    if not isinstance(default, tuple):
        return f"`{default}`"
    return ", ".join(str(one) for one in cast("tuple[object, ...]", default)) or "empty"
