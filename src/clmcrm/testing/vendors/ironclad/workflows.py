"""Workflows of the fake: launched from a form, changed while they are reviewed, and archived as a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clmcrm.testing.vendors.ironclad.checking import Objection, fits, missing, wrong
from clmcrm.testing.vendors.ironclad.company import RECORDS, WORKFLOWS, Company
from clmcrm.testing.vendors.ironclad.showing import in_plain

_PLAIN: Final = {"monetary_amount": "monetaryAmount", "reference": "entity"}


def launch_form(company: Company, template: str) -> dict[str, Any]:
    """The fields of a launch form, by their plain types; raises `Objection` for one that is not published."""
    if template not in company.forms or template in company.unpublished:
        raise missing(template)
    schema = {name: {"type": kind, "displayName": name} for name, kind in company.forms[template].items()}
    return {"id": template, "name": "Services", "schema": schema}


def launched(company: Company, sent: dict[str, Any]) -> dict[str, Any]:
    """The workflow that is launched; raises `Objection` for what the form does not take."""
    form = company.forms.get(sent.get("template", ""))
    if form is None:
        raise wrong("unknown template", "template")
    attributes = sent.get("attributes", {})
    if not attributes.get("counterpartyName"):
        raise Objection(400, "MISSING_PARAM", "missing required attribute", "counterpartyName")
    _check_attributes(attributes, form)
    return company.add(
        WORKFLOWS,
        {
            "title": f"Services with {attributes['counterpartyName']}", "template": sent["template"],
            "attributes": attributes, "step": "Review", "status": "active", "isCancelled": False,
            "isComplete": False, "created": "2026-11-02T09:00:00.000Z", "roles": [],
            "approvals": {"state": "in_progress"}, "signatures": {"state": "not_started"},
            "isRevertibleToReview": False, "recordIds": [],
        },
    )  # fmt: skip


def updated(company: Company, told: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    """The workflow with other attributes; raises `Objection` after its review, and when nothing changes."""
    if told["step"] != "Review" or told["status"] != "active":
        raise Objection(400, "INVALID_STATE", "workflow is not in the review step")
    attributes = dict(told["attributes"])
    for one in sent.get("updates", []):
        if one["action"] == "remove":
            _ = attributes.pop(one["path"], None)
        else:
            attributes[one["path"]] = one["value"]
    _check_attributes(attributes, company.forms[told["template"]])
    if attributes == told["attributes"]:
        raise wrong("No information changed. The updates provided did not introduce any new values", "attributes")
    return company.edit(told["id"], attributes=attributes)


def completed(company: Company, own: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a workflow that is reviewed, signed and archived, with its attributes and these properties."""
    told = company.one(own)
    form = company.forms[told["template"]]
    kinds = {plain: kind for kind, plain in _PLAIN.items()}
    typed: dict[str, Any] = {}
    for name, value in told["attributes"].items():
        kind = kinds.get(form[name], form[name])
        plain = {"recordId": value} if kind == "reference" else in_plain(value) if kind == "duration" else value
        if name in company.properties:
            typed[name] = {"type": kind, "value": plain}
    record = company.add(
        RECORDS,
        {
            "name": told["title"], "type": "contract", "properties": {**typed, **properties},
            "source": {"type": "workflow", "workflowId": f"workflow:{own}"},
        },
    )  # fmt: skip
    _ = company.edit(own, status="completed", step="Complete", isComplete=True, recordIds=[record["id"]])
    return record


def _check_attributes(attributes: Mapping[str, Any], form: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        if name not in form:
            raise wrong(f"non-existent attribute(s) specified: {name}", "attributes")
        kind = {plain: own for own, plain in _PLAIN.items()}.get(form[name], form[name])
        told = {"recordId": value} if kind == "reference" else in_plain(value) if kind == "duration" else value
        if not fits(kind, told):
            raise wrong("form validation failed, please check schema", "attributes")
