"""Templates hold named fields and nothing else: what has no value, or is written wrongly, never goes out unseen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.clm.kinds import ContractKind
from clmcrm.clm.templates import Template, merge_fields
from clmcrm.errors import InvalidRecord
from clmcrm.values.ids import TemplateId


def template(body: str) -> Template:
    return Template(id=TemplateId("T-1"), name="nda", kind=ContractKind.NDA, body=body)


def test_each_field_is_named_once_in_the_order_of_the_text() -> None:
    assert template("{{ b }} and {{a.first}}, {{ b }}").fields == ("b", "a.first")


def test_values_stand_as_they_are_and_are_not_read_again() -> None:
    merged = merge_fields(template("{{ a }} / {{b}} / {{a}}"), {"a": "{{ b }} \\\\1", "b": "ACME", "c": "spare"})
    assert merged.text == "{{ b }} \\\\1 / ACME / {{ b }} \\\\1"
    assert merged.unused == ("c",)


def test_a_field_without_a_value_is_named() -> None:
    with pytest.raises(InvalidRecord, match="Template T-1: them is None; expected a value for this merge field"):
        _ = merge_fields(template("Between {{ us }} and {{ them }}."), {"us": "ACME"})


@pytest.mark.parametrize(
    ("value", "named"),
    [
        (None, "them is None; expected a value for this merge field"),
        (5, "them is 5; expected a text: the caller says how it is written"),
    ],
)
def test_what_is_no_text_never_goes_out(value: Any, named: str) -> None:
    with pytest.raises(InvalidRecord, match=f"Template T-1: {named}"):
        _ = merge_fields(template("Between us and {{ them }}."), {"them": value})


@pytest.mark.parametrize(
    "body", ["Between us and {{ Them }}.", "{{them}", "them }}", "{{  them }}", "{{ them|upper }}", "{{}}", "{{ 1st }}"]
)
def test_what_looks_like_a_field_and_is_none_is_refused(body: str) -> None:
    with pytest.raises(InvalidRecord, match="Template T-1: body"):
        _ = template(body)


def test_single_braces_are_text() -> None:
    assert merge_fields(template("{signature:client} {{ a }} }"), {"a": "x"}).text == "{signature:client} x }"


TEXTS = st.text(alphabet="ab {}\\", max_size=5).map(lambda text: text.replace("{{", "").replace("}}", "").strip("{}"))


@given(st.lists(st.tuples(TEXTS, st.sampled_from(["x", "y.z", "long_name"])), min_size=1))
def test_what_stands_between_the_fields_is_left_as_it_is(parts: list[tuple[str, str]]) -> None:
    body = "".join(f"{text}{{{{ {name} }}}}" for text, name in parts)
    values = {name: f"<{name}>" for _, name in parts}
    assert merge_fields(template(body), values).text == "".join(f"{text}<{name}>" for text, name in parts)
