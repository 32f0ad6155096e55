"""A description file in one form, whether it is Swagger 2.0 or OpenAPI 3: operations, parameters and bodies."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import field, frozen

from clmcrm.errors import UnreadableInput
from clmcrm.testing.closed.as_written import METHODS, json_in, settled

Tree: TypeAlias = dict[str, Any]
"""A JSON object of a description; its values are of any JSON type."""


def is_tree(value: object) -> TypeGuard[Tree]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)


def pattern_of(told: str) -> str:
    """A pattern as it is meant: some write it between slashes, as their programs do.

    >>> pattern_of("/^[a-z]+$/"), pattern_of("^/[a-z]+/$")
    ('^[a-z]+$', '^/[a-z]+/$')
    """
    return told[1:-1] if told.startswith("/^") and told.endswith("$/") else told


FOLDER: Final = "CLMCRM_SPECS"
"""The environment variable that names the folder with descriptions."""

_FORMS: Final = "multipart/form-data"


@frozen(kw_only=True)
class Parameter:
    """One parameter: its `name`, its `place` ("query", "path", "header"), its schema, and how it is written.

    An `exploded` list repeats its name, another is one text with `between` between its items; a `deep` object names
    its fields in brackets; what is written as `json` is a text of JSON. In a path, `style` is "label" (`.5`), "matrix"
    (`;id=5`) or another. With `may_be_empty` a query key may stand without a value.
    """

    name: str
    place: str
    required: bool
    schema: Tree = field(repr=False)
    exploded: bool = True
    deep: bool = False
    between: str = ","
    json: bool = False
    style: str = ""
    may_be_empty: bool = False


@frozen(kw_only=True)
class Operation:
    """One method of one path, below `base` (where there are several servers: the first one's).

    `bodies` are schemas by content type (empty: it takes no body); `flags` are query keys that stand in the
    path itself ("/documents?upload"), each with its value, which is empty where any will do.
    """

    method: str
    template: str
    base: str = ""
    parameters: tuple[Parameter, ...] = field(repr=False)
    bodies: Mapping[str, Tree] = field(repr=False)
    body_required: bool = False
    flags: Mapping[str, str] = field(factory=dict[str, str])
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def name(self) -> str:
        """Method and path, as errors name it."""
        return f"{self.method} {self.template}"

    def flagged(self, pairs: Sequence[tuple[str, str]]) -> bool:
        """Whether a query has all the flags."""
        given = list(pairs)
        return all(
            any(name == key and told in ("", value) for key, value in given) for name, told in self.flags.items()
        )


@frozen
class Description:
    """A description: the whole `tree` of the file, and its `name` (the file's, without the ending)."""

    name: str
    tree: Tree = field(repr=False, hash=False, converter=settled)

    @cached_property
    def base(self) -> str:
        """What paths begin with that name no server of their own: the first server's path, or Swagger's basePath."""
        return self._bases(self.tree)[0]

    def _bases(self, *levels: Tree) -> list[str]:
        """The paths of the servers of the innermost level that names any, each once."""
        named: list[list[Tree]] = [each["servers"] for each in levels if each.get("servers")]
        base = self.tree.get("basePath", "")
        paths = [_server_path(each).rstrip("/") for each in named[0]] if named else [str(base).rstrip("/")]
        return list(dict.fromkeys(paths))

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Every operation, in the file's order."""
        return tuple(self._operations())

    def resolved(self, node: Any) -> Any:  # noqa: ANN401 - any JSON value
        """The node itself, or what its `$ref` leads to; raises `UnreadableInput` for one that leads nowhere."""
        seen = 0
        while is_tree(node) and isinstance(node.get("$ref"), str):
            node = self.at(node["$ref"])
            seen += 1
            if seen > _LONGEST_CHAIN:
                raise UnreadableInput(self.name, "a $ref that leads to itself")
        return node

    def at(self, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
        """What stands at a pointer inside the file (`#/components/schemas/Deal`)."""
        found: Any = self.tree
        try:
            for step in pointer.removeprefix("#/").split("/"):
                key = unquote(step).replace("~1", "/").replace("~0", "~")
                found = found[int(key)] if is_list(found) else found[key]
        except (KeyError, IndexError, TypeError, ValueError):
            raise UnreadableInput(self.name, f"$ref {pointer} leads nowhere") from None
        return found

    def _operations(self) -> Iterator[Operation]:
        for template, item in self.tree.get("paths", {}).items():
            whole = self.resolved(item)
            for method in METHODS if is_tree(whole) else ():
                if method in whole:
                    yield self._readable(template, method, whole)

    def _readable(self, template: str, method: str, item: Tree) -> Operation:
        """The operation; raises `UnreadableInput` for one that is not written as OpenAPI has it."""
        try:
            return self._operation(template, method, item)
        except (AttributeError, KeyError, TypeError, ValueError, re.error) as slip:
            if isinstance(slip, UnreadableInput):
                raise
            what = f"without {slip}" if isinstance(slip, KeyError) else f"({slip})"
            raise UnreadableInput(self.name, f"{method.upper()} {template} is described {what}") from None

    def _operation(self, template: str, method: str, item: Tree) -> Operation:
        told = self.resolved(item[method])
        listed = [self.resolved(each) for each in [*item.get("parameters", []), *told.get("parameters", [])]]
        by_key = {(each["in"], each["name"]): each for each in listed}
        bodies, required = self._bodies(told, list(by_key.values()))
        path, _, flags = template.partition("#")[0].partition("?")
        bases = self._bases(told, item, self.tree)
        return Operation(
            method=method.upper(), template=template, base=bases[0], bodies=bodies, body_required=required,
            parameters=tuple(_parameter(each) for each in by_key.values() if each["in"] in ("query", "path", "header")),
            flags={name: "" if "{" in value else value for name, value in parse_qsl(flags, keep_blank_values=True)},
            pattern=_pattern(bases, path),
        )  # fmt: skip

    def _bodies(self, told: Tree, parameters: list[Tree]) -> tuple[dict[str, Tree], bool]:
        if "swagger" in self.tree:
            return _swagger_bodies(told, parameters, self.tree.get("consumes", ["application/json"]))
        body = self.resolved(told.get("requestBody", {}))
        content = {kind.lower(): each.get("schema", {}) for kind, each in body.get("content", {}).items()}
        return content, bool(body.get("required", False))


_LONGEST_CHAIN: Final = 50


def _swagger_bodies(told: Tree, parameters: list[Tree], consumes: list[str]) -> tuple[dict[str, Tree], bool]:
    body = next((each for each in parameters if each["in"] == "body"), None)
    if body is not None:
        kinds = [kind for kind in told.get("consumes", consumes) if "json" in kind] or ["application/json"]
        return dict.fromkeys(kinds, cast("Tree", body.get("schema", {}))), bool(body.get("required", False))
    form = [each for each in parameters if each["in"] == "formData"]
    if not form:
        return {}, False
    schema = {
        "type": "object",
        "properties": {each["name"]: each for each in form},
        "required": [each["name"] for each in form if each.get("required")],
    }
    return dict.fromkeys(told.get("consumes", [_FORMS]), schema), bool(schema["required"])


def _parameter(told: Tree) -> Parameter:
    content = told.get("content")
    schema = next(iter(content.values())).get("schema", {}) if content else told.get("schema", told)
    style = told.get("style", "form" if told["in"] == "query" else "simple")
    repeated = told.get("collectionFormat") == "multi" if "schema" not in told else style == "form"
    return Parameter(
        name=told["name"], place=told["in"], required=bool(told.get("required", told["in"] == "path")), schema=schema,
        exploded=bool(told.get("explode", repeated)), deep=style == "deepObject",
        between=_BETWEEN.get(str(told.get("collectionFormat", style)), ","),
        json="json" in next(iter(content or ()), ""), style=style, may_be_empty=told.get("allowEmptyValue") is True,
    )  # fmt: skip


_BETWEEN: Final = {"ssv": " ", "tsv": "\t", "pipes": "|", "spaceDelimited": " ", "pipeDelimited": "|"}


def _server_path(server: Tree) -> str:
    """The path of a server's address, with the default of every variable that has one."""
    url = str(server.get("url", ""))
    for name, told in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(told.get("default", f"{{{name}}}")))
    return urlsplit(url).path


def _pattern(bases: list[str], path: str) -> re.Pattern[str]:
    """What fits a path below any of the bases: one group for each gap in the path, none for one in a base."""
    before = "|".join(_gapped(base, "[^/?]+") for base in bases)
    return re.compile(f"(?:{before}){_gapped(path, '([^/?]+)')}")


def _gapped(path: str, gap: str) -> str:
    pieces = re.split(r"(\{[^{}]+\})", path)
    return "".join(gap if piece.startswith("{") else re.escape(piece) for piece in pieces)


def load_description(path: Path) -> Description:
    """The description in a JSON or YAML file.

    Raises `UnreadableInput` for a file that is neither, or describes no paths, `MissingExtra` for YAML without
    PyYAML.
    """
    try:
        tree = json_in(path.read_text(encoding="utf-8-sig"), yaml=path.suffix != ".json")
        if is_tree(tree) and is_tree(tree.get("paths")):
            return Description(path.stem, tree)
    except (OSError, RecursionError, ValueError) as error:
        raise UnreadableInput(str(path), f"{type(error).__name__}: {error}") from error
    raise UnreadableInput(str(path), "it has no paths; expected a Swagger 2.0 or OpenAPI 3 description")


def descriptions_folder() -> Path | None:
    """The folder that CLMCRM_SPECS names, else `../shared/specs` from here; None when it does not exist."""
    folder = Path(os.environ.get(FOLDER, "../shared/specs"))
    return folder if folder.is_dir() else None


def description_files(folder: Path) -> tuple[Path, ...]:
    """The JSON and YAML files of a folder, by name."""
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in (".json", ".yml", ".yaml")))
