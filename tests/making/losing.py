"""Finds out what an adapter carries: which fields of ours change what is sent, and which of theirs are looked at."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from clmcrm.clm.kinds import Party
from clmcrm.clm.signature import Authentication, Recipient, RecipientRole, SignatureLevel, SignatureRequest
from clmcrm.ports.calls import Flow, Reply
from clmcrm.values.ids import ContractId, Extra, Ref
from clmcrm.values.provenance import Provenance

OTHERWISE: dict[type, dict[str, Any]] = {
    SignatureRequest: {
        "refs": (Ref("crm", "deal", "7"),), "extras": (Extra("crm", "note", "x"),),
        "provenance": (Provenance(field="title", source="crm"),), "id": "R-2", "contract": ContractId("C-2"),
        "sha256": "0" * 64,
        "recipients": (), "level": SignatureLevel.QUALIFIED, "document": "other.pdf", "remind_after": 3,
    },
    Recipient: {
        "name": "Eve", "email": "eve@example.org", "side": Party.COUNTERPARTY, "role": RecipientRole.COPY, "order": 0,
        "required": False, "id": "eve", "signatory": "Eve Durand", "authentication": Authentication.SMS_CODE,
        "level": SignatureLevel.QUALIFIED, "witness_for": "ann@example.org",
    },
}  # fmt: skip
"""Another value than the sample's for every field that a request or a recipient has."""


class Spy(dict[str, Any]):
    """A JSON object that notes which of its members are looked at."""

    def __init__(self, told: Mapping[str, Any], seen: set[str]) -> None:
        super().__init__(told)
        self._seen = seen

    def get(self, key: str, default: Any = None) -> Any:
        self._seen.add(key)
        return super().get(key, default)

    def __getitem__(self, key: str) -> Any:
        self._seen.add(key)
        return super().__getitem__(key)


def uncarried(record: Any, sent: Callable[[Any], object]) -> set[str]:
    """The fields of a record that leave what is sent, or the refusal to send it, as it is when they differ."""
    values, before = OTHERWISE[type(record)], sent(record)
    assert {field.name for field in attrs.fields(type(record))} - values.keys() <= {"expires_at", "remind_every"}
    return {name for name, value in values.items() if sent(attrs.evolve(record, **{name: value})) == before}


def shown_whole(flow: Flow[Any], told: Mapping[str, Any]) -> Any:
    """What a flow comes to when every call is answered with this object."""
    reply = Reply(status=200, headers={"content-type": "application/json"}, body=json.dumps(told).encode())
    try:
        _ = next(flow)
        while True:
            _ = flow.send(reply)
    except StopIteration as end:
        return end.value
