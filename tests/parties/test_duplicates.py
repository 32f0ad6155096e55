"""Likely duplicates: found with their reasons, never merged, whatever the order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clmcrm.parties.accounts import Account
from clmcrm.parties.duplicates import DuplicateSign, bare_name, domain_of, likely_duplicates
from clmcrm.values.ids import AccountId


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("Durand SAS", "durand"),
        ("DURAND S.A.S.", "durand"),
        ("Société Générale S.A.", "societe generale"),
        ("Müller GmbH & Co. KG", "muller"),
        ("Strauß AG", "strauss"),
        ("Acme, Inc.", "acme"),
        ("Acme Holdings Ltd", "acme holdings"),
        ("SARL Boulangerie Petit", "boulangerie petit"),
        ("Zielona Sp. z o.o.", "zielona"),
        ("O'Brien plc", "obrien"),
        ("Marks & Spencer", "marks and spencer"),
        ("SAS", "sas"),
        ("Jensen A/S", "jensen"),
        ("Hansen ApS", "hansen"),
        ("Durand S. A. S.", "durand"),
        ("S. A. Durand", "durand"),
        ("Zielona Sp. z o. o.", "zielona"),
        ("Jensen & S", "jensen and s"),
        ("A/S", "a s"),
        ("ᴬcme", "acme"),
        ("---", ""),
    ],
)
def test_a_name_is_bared_of_form_accent_case_and_punctuation(name: str, bare: str) -> None:
    assert bare_name(name) == bare


@given(st.text())
def test_baring_a_name_twice_changes_nothing_more(name: str) -> None:
    assert bare_name(bare_name(name)) == bare_name(name)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.Durand.fr/contact?x=1", "durand.fr"),
        ("durand.fr:8080", "durand.fr"),
        ("ada@Durand.FR", "durand.fr"),
        ("ada@gmail.com", None),
        ("https://www.linkedin.com/company/durand", None),
        ("https://durand.fr/?from=https://partner.com", "durand.fr"),
        ("durand.fr?back=https://partner.com/", "durand.fr"),
        ("https://durand.fr#contact", "durand.fr"),
        ("//durand.fr/contact", "durand.fr"),
        ("https://ada@durand.fr:8080/@ada", "durand.fr"),
        ("mailto:ada@durand.fr?subject=https://x", "durand.fr"),
        ("https://fr.linkedin.com/company/durand", None),
        ("https://m.facebook.com/durand", None),
        ("https://netflix.com", "netflix.com"),
        ("durand.free.fr", "durand.free.fr"),
        ("localhost", None),
        ("", None),
    ],
)
def test_a_domain_is_read_from_site_or_mail(address: str, domain: str | None) -> None:
    assert domain_of(address) == domain


def account(key: str, name: str, **more: Any) -> Account:
    return Account(id=AccountId(key), name=name, **more)


def test_each_shared_sign_is_a_reason() -> None:
    one = account("a", "Durand", legal_name="Durand SAS", vat_number="FR 12 345678901", website="durand.fr")
    two = account("b", "DURAND S.A.S.", vat_number="FR12345678901", email="info@durand.fr")
    (found,) = likely_duplicates([two, one, account("c", "Dupont")])
    assert found.accounts == ("a", "b")
    assert [reason.sign for reason in found.reasons] == [
        DuplicateSign.VAT_NUMBER,
        DuplicateSign.NAME,
        DuplicateSign.DOMAIN,
    ]
    assert found.against == ()


def test_what_speaks_against_is_said_beside_the_reason() -> None:
    parent = account("a", "Durand", vat_number="FR1", country="FR")
    child = account("b", "Durand GmbH", vat_number="DE2", country="DE", parent=AccountId("a"))
    (found,) = likely_duplicates([parent, child])
    assert found.against == ("different VAT numbers", "different countries", "one is the parent of another")


def test_the_same_register_number_in_two_countries_is_no_reason() -> None:
    found = likely_duplicates(
        [
            account("a", "One", registration_number="123", country="FR"),
            account("b", "Two", registration_number="123", country="DE"),
        ]
    )
    assert found == ()


@pytest.mark.parametrize(
    ("numbers", "countries", "apart"),
    [
        (("552 100 554", "552100554"), (None, "FR"), False),
        (("552100554", "552100555"), (None, "FR"), True),
        (("123", "123"), ("FR", "DE"), True),
        (("123", None), ("FR", "DE"), False),
        (("123", "123"), (None, None), False),
    ],
)
def test_register_numbers_speak_against_only_when_they_differ(
    numbers: tuple[str | None, ...], countries: tuple[str | None, ...], apart: bool
) -> None:
    accounts = [
        account(key, "Durand", registration_number=number, country=country)
        for key, number, country in zip("ab", numbers, countries, strict=True)
    ]
    (found,) = likely_duplicates(accounts)
    assert ("different registration numbers" in found.against) is apart


def test_a_merged_account_is_not_found_again() -> None:
    assert likely_duplicates([account("a", "X"), account("b", "X", merged_into=AccountId("a"))]) == ()


def test_a_thousand_accounts_of_one_domain_are_one_finding() -> None:
    many = [account(f"{i:04}", f"Site {i}", website="durand.fr") for i in range(1000)]
    (found,) = likely_duplicates(many)
    assert len(found.accounts) == 1000


NAMES = st.sampled_from(["Durand SAS", "Durand", "Dupont GmbH", "DUPONT", "Petit"])
SITES = st.sampled_from([None, "durand.fr", "www.durand.fr", "gmail.com"])


@given(st.lists(st.tuples(NAMES, SITES), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_accounts_makes_no_difference(rows: list[tuple[str, str | None]], random: Any) -> None:
    accounts = [account(str(i), name, website=site) for i, (name, site) in enumerate(rows)]
    shuffled = list(accounts)
    random.shuffle(shuffled)
    assert likely_duplicates(shuffled) == likely_duplicates(accounts)
