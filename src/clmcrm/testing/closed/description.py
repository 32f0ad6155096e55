"""A description file in one form, whether it is Swagger 2.0 or OpenAPI 3: operations, parameters and bodies."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeGuard, cast
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from clmcrm.errors import MissingExtra, UnreadableInput

Tree: TypeAlias = dict[str, Any]
"""A JSON object of a description; its values are of any JSON type."""


def is_tree(value: object) -> TypeGuard[Tree]:
    """Whether it is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether it is a JSON array."""
    return isinstance(value, list)


METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options")
FOLDER: Final = "CLMCRM_SPECS"
"""The environment variable that names the folder with descriptions."""

_FORMS: Final = "multipart/form-data"


@frozen(kw_only=True)
class Parameter:
    """One parameter: its `name`, its `place` ("query", "path", "header"), its schema, and how it is written."""

    name: str
    place: str
    required: bool
    schema: Tree = field(repr=False)
    exploded: bool = True
    deep: bool = False


@frozen(kw_only=True)
class Operation:
    """One method of one path.

    `bodies` are schemas by content type (empty: it takes no body); `flags` are query keys that stand in the
    path itself ("/documents?upload").
    """

    method: str
    template: str
    parameters: tuple[Parameter, ...] = field(repr=False)
    bodies: Mapping[str, Tree] = field(repr=False)
    body_required: bool = False
    flags: frozenset[str] = frozenset()
    pattern: re.Pattern[str] = field(repr=False)

    @property
    def name(self) -> str:
        """Method and path, as errors name it."""
        return f"{self.method} {self.template}"


@frozen
class Description:
    """A description: the whole `tree` of the file, and its `name` (the file's, without the ending)."""

    name: str
    tree: Tree = field(repr=False, hash=False)

    @cached_property
    def base(self) -> str:
        """What every path begins with: the path of the first server, or Swagger's basePath."""
        servers: list[Tree] = self.tree.get("servers") or [{}]
        found = self.tree.get("basePath") or urlsplit(str(servers[0].get("url", ""))).path
        return str(found).rstrip("/")

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
            for method in METHODS:
                if method in whole:
                    yield self._operation(template, method, whole)

    def _operation(self, template: str, method: str, item: Tree) -> Operation:
        told = self.resolved(item[method])
        listed = [self.resolved(each) for each in [*item.get("parameters", []), *told.get("parameters", [])]]
        by_key = {(each["in"], each["name"]): each for each in listed}
        bodies, required = self._bodies(told, list(by_key.values()))
        path, _, flags = template.partition("?")
        return Operation(
            method=method.upper(), template=template, bodies=bodies, body_required=required,
            parameters=tuple(_parameter(each) for each in by_key.values() if each["in"] in ("query", "path", "header")),
            flags=frozenset(flag.partition("=")[0] for flag in flags.split("&") if flag),
            pattern=_pattern(self.base + path),
        )  # fmt: skip

    def _bodies(self, told: Tree, parameters: list[Tree]) -> tuple[dict[str, Tree], bool]:
        if "swagger" in self.tree:
            return _swagger_bodies(told, parameters, self.tree.get("consumes", ["application/json"]))
        body = self.resolved(told.get("requestBody", {}))
        content = {kind: each.get("schema", {}) for kind, each in body.get("content", {}).items()}
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
    )  # fmt: skip


def _pattern(path: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{[^{}]+\})", path)
    return re.compile("".join("([^/?]+)" if piece.startswith("{") else re.escape(piece) for piece in pieces))


def load_description(path: Path) -> Description:
    """The description in a JSON or YAML file.

    Raises `UnreadableInput` for a file that is neither, or describes no paths, `MissingExtra` for YAML without
    PyYAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tree: Any = json.loads(text) if path.suffix == ".json" else _yaml(text)
    except (OSError, ValueError) as error:
        raise UnreadableInput(str(path), f"{type(error).__name__}: {error}") from error
    if not is_tree(tree) or not is_tree(tree.get("paths")):
        raise UnreadableInput(str(path), "it has no paths; expected a Swagger 2.0 or OpenAPI 3 description")
    return Description(path.stem, tree)


def _yaml(text: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        import yaml  # noqa: PLC0415 - an optional package is imported when it is used
    except ImportError:
        raise MissingExtra("test", "reading a description in YAML") from None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, Loader=loader)  # noqa: S506 - it is the safe loader, the fast one where there is one
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def descriptions_folder() -> Path | None:
    """The folder that CLMCRM_SPECS names, else `../shared/specs` from here; None when it does not exist."""
    folder = Path(os.environ.get(FOLDER, "../shared/specs"))
    return folder if folder.is_dir() else None


def description_files(folder: Path) -> tuple[Path, ...]:
    """The JSON and YAML files of a folder, by name."""
    return tuple(sorted(path for path in folder.iterdir() if path.suffix in (".json", ".yml", ".yaml")))
