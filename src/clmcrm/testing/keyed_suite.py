"""The conformance suite of a journal that finds pairs by a system's key, or tells records as they were shown.

It adds to `JournalSuite`: give the same fixture `journal`, an empty one.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from attrs import evolve

from clmcrm.ports.journal import DEAD_LETTER, BuryingJournal, ComparingJournal, KeyedJournal
from clmcrm.ports.kept import Agreed, Entry, Link
from clmcrm.ports.records import Fields, Side
from clmcrm.testing.expectations import holds, same
from clmcrm.testing.journal_scene import AT, VALUES, JournalBroke, agreed

STRANGE = "é\"'\n\\📜 null"


class KeyedJournalSuite:
    """Subclass it in a test module and give the fixture `journal`."""

    @pytest.fixture
    def journal(self) -> KeyedJournal:
        """The journal under trial, empty: the one fixture that a subclass must give."""
        pytest.fail(f"{type(self).__name__} needs a fixture `journal` that returns an empty journal")

    def test_the_journal_offers_the_keyed_port(self, journal: KeyedJournal) -> None:
        """Every method of the protocol."""
        holds(isinstance(journal, KeyedJournal), "the journal offers every method of the keyed port")
        same(_led(journal, Side.CRM, "A1"), [], "what a key leads to in an empty journal")
        same(list(journal.one_sided("account")), [], "the one-sided pairs of an empty journal")
        same(journal.count("account"), 0, "the number of pairs in an empty journal")

    def test_a_pair_is_found_by_its_key_on_each_side(self, journal: KeyedJournal) -> None:
        """Each key on its own side only, whole as it was saved."""
        journal.save_agreed([agreed(1), agreed(2), agreed(1, "contact")])
        same(list(journal.leading_to("account", Side.CRM, ["A1"])), [agreed(1)], "the pair of a key on the CRM")
        same(list(journal.leading_to("account", Side.CLM, ["C2"])), [agreed(2)], "the pair of a key on the CLM")
        same(_led(journal, Side.CLM, "A1", "OLD1"), [], "a key of the other side")

    def test_a_pair_is_found_by_its_alias(self, journal: KeyedJournal) -> None:
        """Once, also when its key is asked for as well."""
        journal.save_agreed([agreed(1), agreed(2)])
        same(_led(journal, Side.CRM, "OLD1"), ["account:crm:A1"], "what an alias leads to")
        same(_led(journal, Side.CRM, "A1", "OLD1", "A1"), ["account:crm:A1"], "a key and an alias of one pair")

    def test_a_key_that_moved_leads_nowhere_any_more(self, journal: KeyedJournal) -> None:
        """The newest form of a pair counts: for keys, for aliases, and for a side that was emptied."""
        journal.save_agreed([agreed(1)])
        moved = evolve(agreed(1), link=Link(pair=agreed(1).link.pair, kind="account", crm="B1", clm=None))
        journal.save_agreed([moved])
        same(_led(journal, Side.CRM, "A1", "OLD1"), [], "the keys it had")
        same(_led(journal, Side.CLM, "C1"), [], "the key of the side that was emptied")
        same(_led(journal, Side.CRM, "B1"), [moved.link.pair], "the key it has")

    def test_a_key_may_lead_to_several_pairs(self, journal: KeyedJournal) -> None:
        """One pair's alias may be another's key: both are shown, ordered by pair."""
        heir = evolve(agreed(2), link=agreed(2).link.with_alias(Side.CRM, "A1"))
        journal.save_agreed([heir, agreed(1)])
        same(_led(journal, Side.CRM, "A1"), [agreed(1).link.pair, heir.link.pair], "what the key leads to")

    def test_a_pair_set_aside_is_not_found(self, journal: KeyedJournal) -> None:
        """Nor by its alias, nor counted."""
        journal.save_agreed([agreed(1), agreed(2)])
        journal.set_aside("account", [agreed(1).link.pair])
        same(_led(journal, Side.CRM, "A1", "OLD1", "A2"), [agreed(2).link.pair], "the pair that is left")
        same(journal.count("account"), 1, "the number of pairs")

    def test_one_sided_pairs_are_those_without_a_record_on_a_side(self, journal: KeyedJournal) -> None:
        """On either side, ordered by pair; a pair that was completed is none of them."""
        halves = [Agreed(link=Link(pair=f"p{n}", kind="account", crm=crm, clm=clm), base={}) for n, crm, clm in HALVES]
        journal.save_agreed([*reversed(halves), agreed(1), evolve(halves[0], link=evolve(halves[0].link, kind="x"))])
        same(list(journal.one_sided("account")), [each for each in halves if not _whole(each)], "one-sided pairs")
        whole = evolve(halves[0], link=halves[0].link.with_key(Side.CLM, "C9"))
        journal.save_agreed([whole])
        holds(whole not in list(journal.one_sided("account")), "a completed pair is not one-sided")
        same(journal.count("account"), len(halves) + 1, "the number of pairs")

    def test_any_text_may_be_a_key(self, journal: KeyedJournal) -> None:
        """Quotes, line ends, other scripts, and the word null."""
        for number, key in enumerate((STRANGE, "null", '"null"', "a b", "%", "'")):
            link = Link(pair=f"p{number}", kind="account", crm=key, clm=f"{key}2", aliases=((Side.CRM, f"{key}3"),))
            journal.save_agreed([Agreed(link=link, base={})])
            for side, text in ((Side.CRM, key), (Side.CLM, f"{key}2"), (Side.CRM, f"{key}3")):
                same(_led(journal, side, text), [link.pair], f"what {text!r} leads to")
        same(list(journal.one_sided("account")), [], "one-sided pairs")

    def test_a_broken_transaction_leaves_the_keys_as_they_were(self, journal: KeyedJournal) -> None:
        """Keys and pairs change together."""
        journal.save_agreed([agreed(1)])
        with pytest.raises(JournalBroke):
            _break_after_moving(journal)
        same(_led(journal, Side.CRM, "A1", "OLD1", "B1"), [agreed(1).link.pair], "the keys after a broken transaction")
        same(_led(journal, Side.CRM, "A2"), [], "the pair that was not saved")
        same(journal.count("account"), 1, "the number of pairs after a broken transaction")

    def test_pairs_with_a_dead_letter_are_found_without_their_history(self, journal: KeyedJournal) -> None:
        """Of those asked for; another line of the history is no dead letter."""
        if not isinstance(journal, BuryingJournal):
            pytest.skip("the journal does not find dead letters")
        lines = [("p1", DEAD_LETTER), ("p1", "update"), ("p2", "update"), ("p3", DEAD_LETTER)]
        journal.save_entries([Entry(at=AT, pair=pair, what=what, facts={}) for pair, what in lines])
        same(journal.buried(["p1", "p2", "p4"]), frozenset({"p1"}), "the pairs with a dead letter")
        same(journal.buried([]), frozenset[str](), "no pair asked for")

    def test_thousands_of_keys_are_found(self, journal: KeyedJournal) -> None:
        """More than a database takes in one question; unknown ones among them."""
        with journal.transaction():
            journal.save_agreed(agreed(number) for number in range(1_200))
        asked = [f"A{number}" for number in range(0, 2_400, 2)]
        same(len(_led(journal, Side.CRM, *asked)), 600, "the pairs found among many keys")

    def test_records_as_they_were_shown_are_told_from_others(self, journal: KeyedJournal) -> None:
        """Never one too many: another value, type, field or key is another record."""
        if not isinstance(journal, ComparingJournal):
            pytest.skip("the journal does not compare")
        link = Link(pair="p", kind="account", crm="A1", clm="C1")
        own: Fields = {**VALUES, "name": "OMEGA"}
        journal.save_agreed([Agreed(link=link, base=VALUES, shown_crm=VALUES, shown_clm=own)])
        other: list[Fields] = [own, {}, {**VALUES, "more": 1}, {**VALUES, "lines": []}, {**VALUES, "empty": "null"}]
        records = [("A1", VALUES), *(("A1", each) for each in other), ("A2", VALUES)]
        told = journal.as_shown("account", Side.CRM, records)
        known = Agreed(link=link, base=VALUES, shown_crm=VALUES, shown_clm=own)
        same(
            told, [True, *[known] * len(other), None], "the records as the CRM showed them, and the pair of the others"
        )
        same(journal.as_shown("account", Side.CLM, [("C1", VALUES)]), [known], "the CLM spelt a value its own way")
        same(journal.as_shown("account", Side.CRM, [("A1", None)]), [known], "the pair where nothing is compared")
        holds(not any(journal.as_shown("contact", Side.CRM, records)), "another kind")
        journal.save_agreed([Agreed(link=evolve(link, pair="q"), base=VALUES, shown_crm=VALUES, shown_clm=VALUES)])
        holds(not any(journal.as_shown("account", Side.CRM, records)), "two pairs with one key")


HALVES = ((1, "X1", None), (2, None, "Y2"), (3, "X3", "Y3"), (4, None, "Y4"))


def _whole(known: Agreed) -> bool:
    return known.link.crm is not None and known.link.clm is not None


def _led(journal: KeyedJournal, side: Side, *keys: str) -> Sequence[str]:
    return [known.link.pair for known in journal.leading_to("account", side, keys)]


def _break_after_moving(journal: KeyedJournal) -> None:
    with journal.transaction():
        journal.save_agreed([evolve(agreed(1), link=agreed(1).link.with_key(Side.CRM, "B1")), agreed(2)])
        raise JournalBroke
