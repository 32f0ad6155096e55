"""Judges requests by a description, closed: what it does not name is refused, and every problem is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from attrs import field, frozen

from clmcrm.errors import MissingExtra
from clmcrm.testing.closed.closing import Closing
from clmcrm.testing.closed.description import Description, Operation, Parameter, Tree, is_list, is_tree
from clmcrm.testing.closed.forms import form_of
from clmcrm.testing.closed.overlay import Limit
from clmcrm.testing.closed.readings import Readings, in_path, strict_json
from clmcrm.values.validators import text

_MOST_PROBLEMS: Final = 20
_ANY: Final[Tree] = {}
"""The schema of anything; one object for good, since compiled schemas are kept by identity."""
_NUMBER: Final = re.compile(r" *[-+]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,3})? *", re.ASCII | re.IGNORECASE)
_SAID_ELSEWHERE: Final = ("accept", "authorization", "content-type")
"""Headers whose values OpenAPI describes elsewhere than among the parameters."""
_FORMS: Final = ("multipart/form-data", "application/x-www-form-urlencoded")


@frozen(kw_only=True)
class Request:
    """A request as it would be sent: `path` with its query, headers, and the body's bytes.

    For a multipart form, whose bytes nobody wants to write in a test, `form` holds the names of its parts.
    """

    method: str = field(validator=text)
    path: str = field(validator=text)
    headers: Mapping[str, str] = field(factory=dict[str, str])
    body: bytes = b""
    form: frozenset[str] | None = None

    def header(self, name: str) -> str | None:
        """The header of that name, in whatever case it is written."""
        return next((value for found, value in self.headers.items() if found.lower() == name.lower()), None)


@frozen
class Problem:
    """One thing that is wrong with a request: `where` ("query count", "body /recipients/0/email") and `what`."""

    where: str
    what: str

    def __str__(self) -> str:
        """Both in one line."""
        return f"{self.where}: {self.what}"


class ClosedValidator:
    """A description and the limits beside it; a schema is compiled when a request first needs it."""

    def __init__(self, description: Description, limits: Sequence[Limit] = ()) -> None:
        self.description = description
        self._limits = tuple(limits)
        self._closing = Closing(description)
        self._readings = Readings(description)
        self._compiled: dict[int, Any] = {}

    def problems(self, request: Request) -> tuple[Problem, ...]:
        """Everything that is wrong with the request, 20 problems at most; empty for a right one."""
        path, _, query = request.path.partition("#")[0].partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        at_path = [each for each in self.description.operations if each.pattern.fullmatch(path) and each.flagged(pairs)]
        if not at_path:
            return (Problem("path", f"{path} is not described"),)
        here = [each for each in at_path if each.method == request.method]
        if not here:
            known = ", ".join(sorted({each.method for each in at_path}))
            return (Problem("method", f"{request.method} is not described for {path}; possible: {known}"),)
        closest = max(map(_closeness, here))
        found = [self._of(each, request, path, pairs) for each in here if _closeness(each) == closest]
        return min(found, key=len)

    def _of(
        self, operation: Operation, request: Request, path: str, pairs: list[tuple[str, str]]
    ) -> tuple[Problem, ...]:
        found = [
            *self._parameters(operation, request, path, pairs),
            *self._body(operation, request),
            *self._limited(operation, request, pairs),
        ]
        return tuple(found[:_MOST_PROBLEMS])

    def operation(self, request: Request) -> Operation | None:
        """The operation a request is for, or None."""
        path = request.path.partition("?")[0]
        fits = [o for o in self.description.operations if o.method == request.method and o.pattern.fullmatch(path)]
        return max(fits, key=_closeness) if fits else None

    def _parameters(
        self, operation: Operation, request: Request, path: str, pairs: list[tuple[str, str]]
    ) -> Iterator[Problem]:
        told = [each for each in operation.parameters if each.place == "query"]
        known = {each.name for each in told} | operation.flags.keys()
        known |= {name for each in told for name in self._readings.own_keys(each)}
        for name in sorted({name for name, _ in pairs}):
            if not any(name == each or name.startswith(f"{each}[") for each in known):
                yield Problem(f"query {name}", f"{operation.name} has no such key")
        for each in told:
            yield from self._of_query(each, pairs)
        for each in operation.parameters:
            given = request.header(each.name) if each.place == "header" else None
            if given is not None and each.name.lower() not in _SAID_ELSEWHERE:
                yield from self._texts(f"header {each.name}", each, [given])
            elif each.place == "header" and each.required and given is None:
                yield Problem(f"header {each.name}", "is required")
        match = operation.pattern.fullmatch(path)
        there = {each.name: each for each in operation.parameters if each.place == "path"}
        for name, given in zip(_names(operation.template), match.groups() if match else (), strict=False):
            if name in there:
                yield from self._of_path(there[name], unquote(given))

    def _of_path(self, told: Parameter, given: str) -> Iterator[Problem]:
        plain = in_path(told, given)
        if plain is None:
            yield Problem(f"path {told.name}", f"{given} is not written as the style {told.style} has it")
        else:
            yield from self._texts(f"path {told.name}", told, [plain])

    def _of_query(self, told: Parameter, pairs: list[tuple[str, str]]) -> Iterator[Problem]:
        where = f"query {told.name}"
        given = [value for name, value in pairs if name in (told.name, f"{told.name}[]")]
        parts = {} if given else self._readings.parts(told, pairs)
        if given == [""] and told.may_be_empty:
            return
        if given:
            yield from self._texts(where, told, given)
        elif parts:
            yield from self._value(where, told.schema, parts)
        elif told.required:
            yield Problem(where, "is required")

    def _texts(self, where: str, told: Parameter, given: list[str]) -> Iterator[Problem]:
        """What is wrong with a parameter's texts: nothing where anything they may stand for is right."""
        found = [tuple(self._value(where, told.schema, each)) for each in self._readings.values(told, given)]
        yield from () if () in found else found[0]

    def _body(self, operation: Operation, request: Request) -> Iterator[Problem]:
        told = (request.header("content-type") or "").lower()
        kind = told.partition(";")[0].strip()
        if not request.body and request.form is None:
            if operation.body_required:
                yield Problem("body", f"{operation.name} needs one")
            return
        if not operation.bodies:
            yield Problem("body", f"{operation.name} takes none")
            return
        found = [tuple(self._in(operation.bodies[each], kind, request)) for each in _closest(operation.bodies, told)]
        if not found:
            yield Problem("content type", f"{kind or 'none'} is not described; possible: {', '.join(operation.bodies)}")
        yield from min(found, key=len, default=())

    def _in(self, schema: Tree, kind: str, request: Request) -> Iterator[Problem]:
        if kind in _FORMS:
            yield from self._form(schema, request)
        elif "json" in kind:
            yield from self._json(schema, request.body)

    def _json(self, schema: Tree, body: bytes) -> Iterator[Problem]:
        try:
            value = strict_json(body.decode("utf-8"))
        except ValueError:
            yield Problem("body", "is no JSON in UTF-8")
            return
        yield from self._value("body", schema, value)

    def _form(self, schema: Tree, request: Request) -> Iterator[Problem]:
        """What is wrong with a form: of a multipart one with the names of its parts, of another with its values too."""
        told, names = form_of(self.description, schema), request.form
        pairs = [] if names is not None else parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
        names = names if names is not None else frozenset(name for name, _ in pairs)
        for name in sorted(names):
            if not told.takes(name):
                yield Problem(f"form {name}", "there is no such field")
        for name in told.missing(names):
            yield Problem(f"form {name}", "is required")
        for name, schemas in told.fields.items():
            given = [value for key, value in pairs if key in (name, f"{name}[]")]
            if given:
                fields = [Parameter(name=name, place="query", required=False, schema=each) for each in schemas]
                found = [tuple(self._texts(f"form {name}", each, given)) for each in fields]
                yield from () if () in found else found[0]

    def _value(self, where: str, schema: Tree, value: Any) -> Iterator[Problem]:  # noqa: ANN401 - any JSON value
        for error in self._validator(schema).iter_errors(value):
            place = "".join(f"/{step}" for step in error.instance_path)
            yield Problem(f"{where} {place}".strip(), error.message)

    def _validator(self, schema: Tree) -> Any:  # noqa: ANN401 - a compiled schema of an optional package
        own = id(schema)
        if own not in self._compiled:
            try:
                import jsonschema_rs  # noqa: PLC0415 - an optional package is imported when it is used
            except ImportError:
                raise MissingExtra("test", "the closed validator") from None
            compiled, whole = jsonschema_rs.Draft202012Validator, self._closing.schema(schema)
            try:
                self._compiled[own] = compiled(whole, validate_formats=True)
            except jsonschema_rs.ValidationError:
                unread = {each for each in _patterns(whole) if not _is_pattern(each, compiled)}
                self._compiled[own] = compiled(_without(unread, whole), validate_formats=True)
        return self._compiled[own]

    def _limited(self, operation: Operation, request: Request, pairs: list[tuple[str, str]]) -> Iterator[Problem]:
        for limit in self._limits:
            if not limit.about(operation.method, operation.template):
                continue
            if limit.query is not None:
                for name, value in pairs:
                    wanted = Decimal(value.strip()) if name == limit.query and _NUMBER.fullmatch(value) else None
                    if wanted is not None and not limit.least <= wanted <= limit.most:
                        yield Problem(
                            f"query {name}", f"{wanted} is not {limit.least} to {limit.most} ({limit.source})"
                        )
            elif limit.items is not None:
                size = _length(request.body, limit.items)
                if size is not None and not limit.least <= size <= limit.most:
                    what = f"{size} items, not {limit.least} to {limit.most} ({limit.source})"
                    yield Problem(f"body {limit.items}".strip(), what)


def _closeness(operation: Operation) -> tuple[int, int]:
    """More flags first, then more that is written out: /documents/upload before /documents/{id}."""
    return len(operation.flags), len(re.sub(r"\{[^{}]*\}", "", operation.template.partition("#")[0].partition("?")[0]))


def _closest(described: Iterable[str], told: str) -> list[str]:
    """Of the content types that cover one those that say most of it; several where it does not say which it is."""
    kind, given = told.partition(";")[0].strip(), _parameters_of(told)
    covering = [each for each in described if _covers(each, kind)]
    named = [each for each in covering if "*" not in each] or covering
    fitting = [each for each in named if _parameters_of(each) <= given] or named
    most = max((len(_parameters_of(each) & given) for each in fitting), default=0)
    return [each for each in fitting if len(_parameters_of(each) & given) == most]


def _parameters_of(kind: str) -> frozenset[str]:
    """What a content type says beside its name: `version=2` of `application/json; version=2`."""
    parts = (part.strip().replace('"', "") for part in kind.lower().split(";")[1:])
    return frozenset(part for part in parts if part)


def _covers(told: str, kind: str) -> bool:
    """Whether a described content type, which may have parameters or stand for many, is that of the request."""
    main, _, part = told.partition(";")[0].strip().lower().partition("/")
    sent, _, sent_part = kind.partition("/")
    return main in (sent, "*") and part in (sent_part, "*")


def _names(template: str) -> list[str]:
    path = template.partition("?")[0]
    return [piece.partition("}")[0] for piece in path.split("{")[1:]]


def _patterns(node: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if is_tree(node) and isinstance(node.get("pattern"), str):
        yield node["pattern"]
    if is_tree(node) and is_tree(node.get("patternProperties")):
        yield from node["patternProperties"]
    for each in node.values() if is_tree(node) else node if is_list(node) else ():
        yield from _patterns(each)


def _is_pattern(told: str, compiled: Any) -> bool:  # noqa: ANN401 - a class of an optional package
    try:
        return compiled({"pattern": told}) is not None
    except ValueError:
        return False


def _without(unread: set[str], node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The schema without patterns that are none: a vendor's slip, of which nothing can be checked."""
    if is_tree(node):
        kept = {name: each for name, each in node.items() if name != "pattern" or is_tree(each) or each not in unread}
        if is_tree(kept.get("patternProperties")):
            told = kept["patternProperties"].items()
            kept["patternProperties"] = {name: each for name, each in told if name not in unread}
        return {name: _without(unread, each) for name, each in kept.items()}
    return [_without(unread, each) for each in node] if is_list(node) else node


def _length(body: bytes, path: str) -> int | None:
    try:
        value = strict_json(body.decode("utf-8"))
    except ValueError:
        return None
    for step in path.split("/") if path else []:
        value = value.get(step) if is_tree(value) else None
    return len(value) if is_list(value) else None
