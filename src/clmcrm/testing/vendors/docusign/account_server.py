"""The account server: checks an assertion as DocuSign does, issues tokens, and tells where the account is."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from clmcrm.ports.calls import Reply
from clmcrm.testing.closed.validator import Request
from clmcrm.testing.vendors.docusign.service import ACCOUNT, FakeDocuSign

CLIENT: Final = "integration-key"
USER: Final = "7b1c9b8e-0000-4000-8000-00000000000b"
LIFE_S: Final = 3600
_LONGEST: Final = timedelta(hours=1)


class FakeAccountServer:
    """Issues tokens of `docusign` to the bearer of the private half of `public_key` (PEM), once the user consented."""

    def __init__(self, docusign: FakeDocuSign, public_key: bytes, *, host: str, base_uri: str) -> None:
        self.consented = True
        self.base_uri = base_uri
        self.issued = 0
        self._docusign, self._key, self.host = docusign, public_key, host

    def answer(self, request: Request) -> Reply:
        """What the account server replies."""
        path = request.path.partition("?")[0]
        if (request.method, path) == ("POST", "/oauth/token"):
            form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
            why = self._objection(form)
            return _reply(400, {"error": why}) if why else _reply(200, self._token())
        if (request.method, path) == ("GET", "/oauth/userinfo"):
            if (request.header("authorization") or "").removeprefix("Bearer ") not in self._docusign.tokens:
                return _reply(401, {"error": "internal_server_error"})
            account = {
                "account_id": ACCOUNT, "is_default": True, "account_name": "Acme", "base_uri": self.base_uri
            }  # fmt: skip
            return _reply(200, {"sub": USER, "name": "Sync", "accounts": [account]})
        return _reply(404, {"error": "not_found"})

    def end_tokens(self) -> None:
        """Every token ends now."""
        self._docusign.tokens.clear()

    def _token(self) -> dict[str, Any]:
        self.issued += 1
        token = f"issued-token-{self.issued}"
        self._docusign.tokens.add(token)
        return {"access_token": token, "token_type": "Bearer", "expires_in": LIFE_S}

    def _objection(self, form: dict[str, str]) -> str:
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return "unsupported_grant_type"
        claims = self._claims(form.get("assertion", ""))
        if claims is None:
            return "invalid_grant"
        now = self._docusign.clock()
        began, ends = (datetime.fromtimestamp(claims[name], tz=now.tzinfo) for name in ("iat", "exp"))
        if (claims["iss"], claims["sub"], claims["aud"]) != (CLIENT, USER, self.host):
            return "invalid_grant"
        if not began - timedelta(minutes=5) <= now < ends or ends - began > _LONGEST:
            return "invalid_grant"
        if "signature" not in claims["scope"].split():
            return "invalid_scope"
        return "" if self.consented else "consent_required"

    def _claims(self, assertion: str) -> dict[str, Any] | None:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an optional package, when it is used
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415 - as above
        from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - as above

        key = load_pem_public_key(self._key)
        if not isinstance(key, rsa.RSAPublicKey):
            return None
        try:
            head, body, signature = assertion.split(".")
            key.verify(_raw(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
            found: dict[str, Any] = json.loads(_raw(body))
        except (ValueError, InvalidSignature):
            return None
        return found


def _raw(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _reply(status: int, told: dict[str, Any]) -> Reply:
    return Reply(status=status, headers={"Content-Type": "application/json"}, body=json.dumps(told).encode())
