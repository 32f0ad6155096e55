"""What contradicts itself in a description, what is left of a member beside what is mapped, and shared currencies."""

from __future__ import annotations

import pytest

from clmcrm.adapters.declared.reading import read_description
from clmcrm.errors import UnreadableInput

BASE = """
system = "acme"
address = "https://api.acme.example/v1"
[writing]
precondition = "if-match"
creating = "none"
[kinds.account]
key = "id"
version = "rev"
changed = "updated"
list = { path = "/companies", rows = "data", paging = "page", page_param = "page", size = 100, since_param = "since" }
one = { path = "/companies/{key}" }
find = { path = "/companies", rows = "data", param = "mark" }
create = { path = "/companies" }
update = { path = "/companies/{key}" }
[kinds.account.fields]
name = "company"
employees = { path = "size.heads", form = "whole" }
email = "emails.0.value"
revenue = { form = "money", amount = "revenue", currency = "cur", sent_as = "number" }
"""
RAW = 'kind = { path = "k", form = "enum", values = { a = "customer" }, raw = '


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('path = "/companies", rows = "data", paging', 'path = "/{tenant}/companies", rows = "data", paging',
         "list.path is '/{tenant}/companies'; only {key} is filled in, write the rest out"),
        ('one = { path = "/companies', 'one = { path = "/{tenant}', "one.path is '/{tenant}/{key}'; only {key} is"),
        ("example/v1", "example/{tenant}", "address is 'https://api.acme.example/{tenant}'; nothing is filled"),
        ('create = { path = "/companies"', 'create = { path = "/my companies"', "as addresses have them: %20"),
        ('create = { path = "/companies"', 'create = { path = "/sociétés"', "as addresses have them: %20"),
        ('create = { path = "/companies"', 'create = { path = "/a\\nb"', "as addresses have them: %20"),
        ('create = { path = "/companies"', 'create = { path = "/../admin"', "create.path is '/../admin'; dots lead"),
        ("size = 100", "size = 100, first_page = 0, page_step = 200", "page_step is 200; expected at most size, 100"),
        ('rows = "data", paging = "page", page_param = "page"', 'paging = "link", next = "links.next"',
         "list.next is inside the reply, which is the list itself where rows is empty; state rows"),
        ('since_param = "since"', 'since_param = "page"', "page_param is 'page', and so is since_param"),
        ('since_param = "since"', 'size_param = "since", since_param = "since"', "since_param is 'since', and so is"),
        ('since_param = "since"', 'since_param = "since", query = { page = "7" }', "is 'page', and so is query"),
        ('param = "mark"', 'param = "mark", query = { mark = "x" }', "find.query.mark is what param names; it would"),
        ('since_param = "since"', 'since_param = ""', "since_param is empty: the parameter that asks for what changed"),
        ('changed = "updated"', 'changed = { path = "updated", form = "date" }', "changed.form is 'date'; a change"),
        ('name = "company"', 'name = "company"\nlegal_name = "company"', "legal_name is written where name is; of one"),
        ('name = "company"', 'name = "company"\nindustry = { path = "company.x" }', "industry is written where name"),
        ('name = "company"', f'{RAW}"kindraw" }}', "fields.kind.raw is no field of account; known are"),
        ('name = "company"', f'name = "company"\n{RAW}"name" }}', "raw is 'name', which has a place of its own"),
        ("[writing]", "[replies]\nmissing = [404]\nstale = [404, 412]\n[writing]", "stale holds 404, and missing too"),
        ("[writing]", '[headers]\nHost = "other.example"\n[writing]', "headers.Host is written by whoever"),
        ("[writing]", '[headers]\ncontent-length = "0"\n[writing]', "headers.content-length is written by whoever"),
        ("[writing]", '[auth]\nwith = "header"\nheader = "host"\nsecret = "k"\n[writing]', "auth.header is 'host'"),
        ('system = "acme"', 'system = "a\\nb"', "system is 'a\\nb'; expected a name in one line"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_an_error_that_names_the_place(old: str, new: str, told: str) -> None:
    assert old in BASE
    with pytest.raises(UnreadableInput) as refused:
        _ = read_description(BASE.replace(old, new, 1))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "company"', 'name = "company"\nlegal_name = { path = "company", written = "never" }'),
        ('email = "emails.0.value"', 'email = "emails.0.value"\nphone = "emails.1.value"'),
        ('create = { path = "/companies" }\nupdate = { path = "/companies/{key}" }', ""),
        ('path = "/companies"', 'path = "/soci%C3%A9t%C3%A9s;v=1/x:y/@me/a.b~c"'),
        ("size = 100", "size = 100, first_page = 0, page_step = 100"),
    ],
)
def test_what_only_looks_like_a_contradiction_is_read(old: str, new: str) -> None:
    assert old in BASE
    assert read_description(BASE.replace(old, new)).system == "acme"
