"""From canonical fields to the properties that are sent, whatever the kind.

The rule of the file: a value that HubSpot cannot hold as it is is refused with its reason, never bent.
"""

from __future__ import annotations

from typing import Final

from clmcrm.adapters.hubspot.kinds import HubSpotKind
from clmcrm.adapters.hubspot.portal import Portal
from clmcrm.adapters.hubspot.properties import EMPTY, Sent, Unwritable, sent_list, sent_object, sent_text
from clmcrm.adapters.hubspot.rows import is_key
from clmcrm.adapters.hubspot.wire import VENDOR
from clmcrm.codec.canonical import is_clean
from clmcrm.ports.records import Fields, Json
from clmcrm.values.json_text import quoted

COMPUTED: Final = frozenset(
    {
        "amount_in_home_currency", "hs_projected_amount", "hs_is_closed_won", "hs_is_closed", "num_associated_contacts",
        "days_to_close", "hs_analytics_source", "hs_num_of_associated_line_items", "hs_primary_associated_company",
        "hs_forecast_amount", "hs_acv", "hs_arr", "hs_mrr", "hs_tcv", "hs_exchange_rate", "hs_deal_score",
        "facebookfans", "twitterfollowers", "closedate", "is_public",
    }
)  # fmt: skip
"""Properties of `extras` that HubSpot computes by itself: shown, and left out of what is written."""

_EXTRAS: Final = "extras"
_EMPTY: Final = quoted(EMPTY)


def properties_for(held: HubSpotKind, fields: Fields, portal: Portal) -> Sent:
    """The properties that make a record show `fields`, its association apart; raises `Unwritable`."""
    # Most records are texts and no more: these are taken over at once, for no check could refuse one of them.
    texts = held.texts
    sent: Sent = {}
    for name, value in fields.items():
        if name not in texts:
            return checked_properties(held, fields, portal)
        if type(value) is str and (value.isascii() or is_clean(value)):
            sent[texts[name]] = value
        elif value is None:
            sent[texts[name]] = EMPTY
        else:
            return checked_properties(held, fields, portal)
    return sent or checked_properties(held, fields, portal)  # terms say something without any field, too


def properties_as_json(held: HubSpotKind, fields: Fields) -> str | None:
    """The properties of `properties_for` as JSON, without the braces, where all fields are texts or empty; else None.

    In a large load most of the time goes into dictionaries, and into writing their keys again for every record: this
    makes none, and the keys are written once for all. What it says is byte for byte what the dictionary would.
    """
    beginnings = held.beginnings
    parts: list[str] = []
    try:
        for name, value in fields.items():
            if type(value) is str and (value.isascii() or is_clean(value)):
                parts.append(beginnings[name] + quoted(value))
            elif value is None:
                parts.append(beginnings[name] + _EMPTY)
            else:
                return None
    except KeyError:  # a field that is no text; to ask first would cost more than all the rest of the check
        return None
    return ",".join(parts) or None


def checked_properties(held: HubSpotKind, fields: Fields, portal: Portal) -> Sent:
    """What `properties_for` says of any record, by every check."""
    writable = held.writable
    if writable is not None and not fields.keys() <= writable:
        name = min(fields.keys() - writable)
        known = held.holds is not None and name in held.holds
        raise Unwritable(f"HubSpot keeps {name} by itself" if known else f"{held.object} have no place for {name}")
    sent = held.changed(fields, portal)
    if held.custom:
        for name, raw in held.custom.items():
            if name in fields:
                sent[raw] = sent_text(fields[name], name)
    if _EXTRAS in fields:
        sent.update(_extras(held, fields[_EXTRAS]))
    return sent


def link_in(held: HubSpotKind, fields: Fields) -> str | None:
    """The key that the record is to be associated with; empty for none, None when the fields do not say.

    Raises `Unwritable` for what is no key.
    """
    if held.link is None or held.link.field not in fields:
        return None
    value = fields[held.link.field]
    if value is None:
        return EMPTY
    if not isinstance(value, str) or not is_key(value):
        raise Unwritable(f"{held.link.field} is {value!r}; expected the id of one of the {held.link.to}")
    return value


def _extras(held: HubSpotKind, value: Json) -> Sent:
    sent: Sent = {}
    for one in sent_list(value, _EXTRAS):
        told = sent_object(one, _EXTRAS)
        name = told.get("field")
        if told.get("system") != VENDOR or (isinstance(name, str) and name in COMPUTED):
            continue
        if not isinstance(name, str) or name not in held.carried:
            raise Unwritable(f"extras: {name!r} is none of the properties that are carried")
        sent[name] = sent_text(told.get("raw"), f"extras.{name}")
    return sent
