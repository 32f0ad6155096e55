"""Right requests, made from a description by a seeded generator: what an honest reader of it would send.

It reads the vendor's schemas as they stand and knows nothing of how they are closed, so that each keeps the other
honest.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, urlencode

from clmcrm.testing.closed.description import Description, Operation, Parameter, is_list, is_tree
from clmcrm.testing.closed.readings import written
from clmcrm.testing.closed.right_values import CannotMake, Maker
from clmcrm.testing.closed.validator import Request

_HALF: Final = 0.5


def right_requests(description: Description, seed: int, each: int = 1) -> Iterator[tuple[Operation, Request]]:
    """For every operation `each` requests; one that cannot be made is left out."""
    rng = random.Random(seed)  # noqa: S311 - what must be repeatable cannot be secret
    maker = Maker(description, rng)
    for operation in description.operations:
        for _ in range(each):
            try:
                yield operation, right_request(operation, maker, rng)
            except CannotMake:
                continue


def right_request(operation: Operation, maker: Maker, rng: random.Random) -> Request:
    """A right request for one operation; raises `CannotMake`."""
    path = operation.template.partition("#")[0].partition("?")[0]
    described = {each.name for each in operation.parameters if each.place == "query"}
    query = [(name, value) for name, value in operation.flags.items() if value or name not in described]
    headers: dict[str, str] = {}
    for told in operation.parameters:
        if told.place == "path":
            path = path.replace(f"{{{told.name}}}", _in_path(told, maker))
        elif told.place == "header" and told.required:
            headers[told.name] = _plain(maker.value(told.schema, 1))
        elif (
            told.place == "query"
            and not operation.flags.get(told.name)
            and (told.required or told.name in operation.flags or rng.random() < _HALF)
        ):
            query += _in_query(told, maker)
    body, form = b"", None
    kind = next(iter(operation.bodies), None)
    kind = next((each for each in operation.bodies if "json" in each), kind)
    if kind is not None:
        headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        headers["Content-Type"] = kind
        value = maker.value(operation.bodies[kind], 0)
        if "json" in kind:
            body = json.dumps(value).encode()
        else:
            form = frozenset(value if is_tree(value) else ())
    whole = re.sub(r"\{[^}]*\}", "x", operation.base + path) + (f"?{urlencode(query)}" if query else "")
    return Request(method=operation.method, path=whole, headers=headers, body=body, form=form)


def _in_path(told: Parameter, maker: Maker) -> str:
    value = maker.value(told.schema, 1)
    texts = [written(each) for each in value] if is_list(value) else [written(value)]
    if told.style == "label":
        return quote("." + (".", ",")[not told.exploded].join(texts), safe=",")
    if told.style == "matrix":
        own = f";{told.name}="
        return quote(own + (own, ",")[not told.exploded].join(texts), safe=";,=")
    return quote(_plain(value), safe=",") or "x"


def _plain(value: Any) -> str:  # noqa: ANN401 - any JSON value
    """A value as a path or a header has it: a list with commas between."""
    return ",".join(map(written, value)) if is_list(value) else written(value)


def _in_query(told: Parameter, maker: Maker) -> list[tuple[str, str]]:
    try:
        value = maker.value(told.schema, 1)
    except CannotMake:
        if told.required:
            raise
        return []
    return list(_pairs(told, value))


def _pairs(told: Parameter, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON value
    """A parameter as the description says that it is written."""
    if told.json:
        yield told.name, json.dumps(value)
    elif is_tree(value) and value and (told.deep or told.exploded):
        for name, each in value.items():
            yield (f"{told.name}[{name}]" if told.deep else name), written(each)
    elif is_list(value) and value:
        texts = [written(each) for each in value]
        yield from ((told.name, each) for each in (texts if told.exploded else [told.between.join(texts)]))
    else:
        yield told.name, written(value)
