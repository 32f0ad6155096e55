"""Accounts that are probably one and the same, with the reasons for and against.

Nothing is merged here: a finding is put before a person. Names are compared without their legal form,
accents, case and punctuation; a shared mailbox provider or social network is no reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from clmcrm.parties.accounts import Account
from clmcrm.values.ids import AccountId
from clmcrm.values.validators import each, instance, member, text

# Legal forms as they read once dots and accents are gone.
_LEGAL_FORMS: Final = frozenset(
    {
        "sa", "sas", "sasu", "sarl", "eurl", "snc", "sci", "scop", "scs", "selarl", "gie",
        "gmbh", "ag", "kg", "kgaa", "ohg", "gbr", "ug", "ev", "eg", "mbh", "haftungsbeschrankt",
        "ltd", "limited", "plc", "llp", "lp", "cic",
        "inc", "incorporated", "corp", "corporation", "co", "company", "llc", "pllc", "pc", "na",
        "spa", "srl", "sl", "slu", "sau", "lda", "bv", "nv", "cv", "vof", "bvba", "sprl",
        "ab", "as", "asa", "aps", "oy", "oyj", "hf", "ehf",
        "sp", "z", "oo", "zoo", "sro", "kft", "zrt", "nyrt", "doo", "dd", "ood", "ead", "eood", "ou",
        "pty", "pte", "sdn", "bhd", "pvt", "kk", "gk", "se", "sce",
    }
)  # fmt: skip
_MOST_LETTERS: Final = max(map(len, _LEGAL_FORMS))
_JOINTS: Final = frozenset({"and", "et", "und", "y", "e"})
_SHARED_HOSTS: Final = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "hotmail.fr", "live.com", "msn.com",
        "yahoo.com", "yahoo.fr", "icloud.com", "me.com", "gmx.de", "gmx.net", "web.de", "t-online.de",
        "orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "laposte.net", "proton.me", "protonmail.com",
        "sites.google.com",
    }
)  # fmt: skip
# These are shared in each of their countries and languages: fr.linkedin.com, m.facebook.com.
_NETWORKS: Final = frozenset({"linkedin.com", "facebook.com", "instagram.com", "x.com", "twitter.com", "github.com"})
# What stands after the host may hold anything, other addresses too.
_HOST: Final = re.compile(r"(?:(?:[a-z][a-z0-9+.-]*:)?//)?([^/?#\\]*)")


class DuplicateSign(StrEnum):
    """What two accounts have in common."""

    VAT_NUMBER = "VAT number"
    REGISTRATION_NUMBER = "registration number"
    NAME = "name without legal form"
    DOMAIN = "internet domain"


@frozen(kw_only=True)
class SharedSign:
    """One reason: the accounts share `value` as their `sign`."""

    sign: DuplicateSign = field(validator=member(DuplicateSign))
    value: str = field(validator=text)

    def __str__(self) -> str:
        """The reason as a person reads it."""
        return f"same {self.sign.value}: {self.value}"


@frozen(kw_only=True)
class LikelyDuplicates:
    """Two or more `accounts` (ids, sorted) that share each of `reasons`.

    `against` says what speaks for keeping them apart; empty when nothing does.
    """

    accounts: tuple[AccountId, ...] = field(validator=each(text))
    reasons: tuple[SharedSign, ...] = field(validator=each(instance(SharedSign)))
    against: tuple[str, ...] = field(default=(), validator=each(text))


def bare_name(name: str) -> str:
    """`name` in lower case without accents, punctuation and legal forms at its ends; may be empty.

    >>> bare_name("Société Générale S.A."), bare_name("Müller GmbH & Co. KG")
    ('societe generale', 'muller')
    """
    # Decomposed on both sides of the folding: a compatibility letter may decompose into a capital.
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    spaced = plain.replace(".", "").replace("'", "").replace("\u2019", "").replace("&", " and ")
    words = "".join(c if c.isalnum() else " " for c in spaced).split()
    while len(words) > 1 and (gone := _form_length(words, last=True) or int(words[-1] in _JOINTS)):
        del words[-gone:]
    while gone := _form_length(words, last=False):
        del words[:gone]
    return " ".join(words)


def _form_length(words: list[str], *, last: bool) -> int:
    """How many of the last (or first) words are one legal form, which may stand letter by letter (A/S, S. A. S.).

    At least one word is left over: a name is not all form.
    """
    for length in range(min(_MOST_LETTERS, len(words) - 1), 0, -1):
        form = words[-length:] if last else words[:length]
        if "".join(form) in _LEGAL_FORMS and (length == 1 or max(map(len, form)) == 1):
            return length
    return 0


def domain_of(address: str) -> str | None:
    """The host of a web or e-mail address, without `www.`; None when there is none or many share it.

    >>> domain_of("https://www.Durand.fr/contact"), domain_of("ada@gmail.com"), domain_of("https://fr.linkedin.com/in/a")
    ('durand.fr', None, None)
    """
    found = _HOST.match(address.strip().casefold())
    host = found[1] if found else ""
    host = host.rpartition("@")[2].partition(":")[0].removeprefix("www.").rstrip(".")
    shared = host in _SHARED_HOSTS or any(f".{host}".endswith(f".{network}") for network in _NETWORKS)
    return host if "." in host and not shared else None


def likely_duplicates(accounts: Iterable[Account]) -> tuple[LikelyDuplicates, ...]:
    """Sets of accounts that share a sign, most reasons first; already merged ones are left out.

    The order in which the accounts come makes no difference.

    >>> one = Account(id=AccountId("a"), name="Durand SAS", vat_number="FR 12 345678901")
    >>> two = Account(id=AccountId("b"), name="DURAND", vat_number="FR12345678901")
    >>> [str(reason) for reason in likely_duplicates([one, two])[0].reasons]
    ['same VAT number: FR12345678901', 'same name without legal form: durand']
    """
    live = {account.id: account for account in accounts if account.merged_into is None}
    sharing: dict[SharedSign, set[AccountId]] = {}
    for account in live.values():
        for sign in _signs(account):
            sharing.setdefault(sign, set()).add(account.id)
    by_set: dict[tuple[AccountId, ...], list[SharedSign]] = {}
    for sign, ids in sharing.items():
        if len(ids) > 1:
            by_set.setdefault(tuple(sorted(ids)), []).append(sign)
    ranks = list(DuplicateSign)
    findings = [
        LikelyDuplicates(
            accounts=ids,
            reasons=tuple(sorted(signs, key=lambda s: (ranks.index(s.sign), s.value))),
            against=_against([live[i] for i in ids]),
        )
        for ids, signs in by_set.items()
    ]
    return tuple(sorted(findings, key=lambda f: (-len(f.reasons), f.accounts)))


def _signs(account: Account) -> set[SharedSign]:
    numbers = (
        (DuplicateSign.VAT_NUMBER, _number(account.vat_number)),
        (DuplicateSign.REGISTRATION_NUMBER, _registration(account)),
    )
    names = {bare_name(name) for name in (account.name, account.legal_name) if name is not None}
    hosts = {domain_of(address) for address in (account.website, account.email) if address is not None}
    signs = [*numbers, *((DuplicateSign.NAME, n) for n in names), *((DuplicateSign.DOMAIN, h) for h in hosts)]
    return {SharedSign(sign=sign, value=value) for sign, value in signs if value}


def _number(raw: str | None) -> str:
    return "".join(c for c in (raw or "").upper() if c.isalnum())


def _registration(account: Account) -> str:
    # Registers number on their own: the same digits in two countries are two companies.
    number = _number(account.registration_number)
    return f"{account.country} {number}" if number and account.country else number


def _registered_apart(accounts: list[Account]) -> bool:
    """Whether their registers tell them apart: by the number, or one number by two countries that are both stated."""
    numbered = [a for a in accounts if _number(a.registration_number)]
    countries = {a.country for a in numbered} - {None}
    return len({_number(a.registration_number) for a in numbered}) > 1 or len(countries) > 1


def _against(accounts: list[Account]) -> tuple[str, ...]:
    said: list[str] = []
    if len({_number(a.vat_number) for a in accounts} - {""}) > 1:
        said.append("different VAT numbers")
    if _registered_apart(accounts):
        said.append("different registration numbers")
    if len({a.country for a in accounts} - {None}) > 1:
        said.append("different countries")
    ids = {a.id for a in accounts}
    if any(a.parent in ids for a in accounts):
        said.append("one is the parent of another")
    return tuple(said)
