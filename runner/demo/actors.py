"""People and customers of the demo: they act as everybody does, over HTTP with a token of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx

from runner.contract.scenario import Act
from runner.demo.processes import Secrets, expiry_seconds
from runner.service.tokens import issue_token

__all__ = ["ActError", "Customers", "Owners"]


class ActError(Exception):
    """An act of the script did not go as the script says; the message says what was answered."""


class Customers:
    """Write tickets in the helpdesk, as customers and agents do."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )

    def create(self, fields: Mapping[str, Any], key: str) -> str:
        """Create a ticket; its number."""
        return str(self._send("POST", "/tickets", {"fields": dict(fields), "key": key})["id"])

    def update(self, ticket: str, fields: Mapping[str, Any]) -> None:
        """Write fields."""
        self._send("PATCH", f"/tickets/{ticket}", {"fields": dict(fields)})

    def delete(self, ticket: str) -> None:
        """Delete a ticket."""
        self._send("DELETE", f"/tickets/{ticket}", None)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, method: str, path: str, body: object) -> dict[str, Any]:
        answer = self._http.request(method, path, json=body) if body is not None else self._http.request(method, path)
        if not answer.is_success:
            raise ActError(f"the helpdesk answered {answer.status_code} to {method} {path}: {answer.text[:300]}")
        data: dict[str, Any] = answer.json() if answer.content else {}
        return data


class Owners:
    """Act on escalations through the runner's API."""

    def __init__(self, url: str, keys: Secrets) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._secret = keys.people
        self._expires = expiry_seconds(1)
        self._tokens: dict[str, str] = {}

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, person: str, **query: str) -> dict[str, Any]:
        """Read something as a person."""
        answer = self._http.get(path, params=query, headers=self._headers(person))
        if not answer.is_success:
            raise ActError(f"the runner answered {answer.status_code} to GET {path}: {answer.text[:300]}")
        data: dict[str, Any] = answer.json()
        return data

    def post(self, escalation: str, action: str, person: str, body: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Do something; status and answer."""
        answer = self._http.post(f"/api/escalations/{escalation}/{action}", json=body, headers=self._headers(person))
        data: dict[str, Any] = answer.json()
        return answer.status_code, data

    def act(self, escalation: Mapping[str, Any], act: Act, expected_at: str | None) -> str | None:
        """Do what the script says; the reason if it was refused as the script says. Raises ActError otherwise."""
        if act.by is None:
            raise ActError(f"{act.do} needs somebody who does it")
        action, body = _request(escalation, act, expected_at)
        status, answer = self.post(str(escalation["id"]), action, act.by, body)
        refused = str(answer.get("error")) if status == 409 else None  # noqa: PLR2004 - refused
        if refused != act.refused or status not in (200, 409):
            raise ActError(f"{act.by} wanted to {act.do} {escalation['ticket']}: {status} {answer}")
        return refused and f"{answer['detail']}"

    def _headers(self, person: str) -> dict[str, str]:
        if person not in self._tokens:
            self._tokens[person] = issue_token(self._secret, person, self._expires)
        return {"Authorization": f"Bearer {self._tokens[person]}"}


def _request(  # noqa: PLR0912 - a table
    escalation: Mapping[str, Any], act: Act, expected_at: str | None
) -> tuple[str, dict[str, Any]]:
    """Path and body of an act."""
    text = act.text or "as agreed"
    mine = [offer["offer"] for offer in escalation["offers"] if offer["to"] == act.by]
    offer = mine[-1] if mine else 0
    match act.do:
        case "accept":
            return "accept", {"offer": offer, **_answers(escalation["checklist_answers"], act)}
        case "reject":
            return "reject", {"offer": offer, "why": act.why, "text": act.text}
        case "escalate":
            return "escalate", {"offer": mine[-1] if mine else None, "text": text}
        case "hand_over":
            body = {"to": act.to, "reason": act.text, "next_step": act.next_step, "artifacts": list(act.artifacts)}
            return "hand-over", {**body, "expected_at": expected_at}
        case "raise_exception":
            return "raise-exception", {"exception_class": act.exception_class, "text": text}
        case "end_exception":
            numbers = [each["exception"] for each in escalation["exceptions"]]
            return "end-exception", {"exception": numbers[0] if numbers else 0, "text": text}
        case "attach_postmortem":
            return "attach-postmortem", {"text": text, "remediation_owner": act.to}
        case "resolve":
            return "resolve", {"evidence": dict(act.evidence)}
        case "close":
            return "close", {"code": act.code, "impact": act.impact}
        case "cancel" | "progress":
            return act.do, {"text": text}
        case "take" | "give":
            return "override", {"action": act.do, "text": text, "to": act.to}
        case "override_close":
            return "override", {"action": "close", "text": text, "code": act.code}
        case _:
            raise ActError(f"{act.do} is not something that a person does")


def _answers(wanted: Mapping[str, Mapping[str, Any]], act: Act) -> dict[str, Any]:
    """The checklist's answers, the texts apart; where the script says nothing, a yes or a word for each item."""
    spoken = {name for name, item in wanted.items() if item["answer"] in ("text", "evidence")}
    given = act.answers
    if given is None:
        given = {name: "as agreed" if name in spoken else True for name in wanted}
    texts = {name: value for name, value in given.items() if name in spoken}
    return {"answers": {name: value for name, value in given.items() if name not in spoken}, "texts": texts}
