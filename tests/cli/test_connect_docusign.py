"""`clmcrm connect` says what is missing for DocuSign and Navigator in DocuSign's words, and never shows a key."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clmcrm.cli import connect_docusign, reaching
from clmcrm.cli.connect_vendors import VENDORS
from clmcrm.cli.main import run
from clmcrm.testing.vendors.docusign.account_server import CLIENT, USER, FakeAccountServer
from clmcrm.testing.vendors.docusign.service import FakeDocuSign
from clmcrm.testing.vendors.navigator import FakeNavigator
from clmcrm.testing.vendors.serving import serving

_ = pytest.importorskip("cryptography", reason="cryptography is in the extra docusign")


def key_pair() -> tuple[str, bytes]:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - an optional package
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public


PRIVATE, PUBLIC = key_pair()


class Company:
    """A folder with a configuration, and a DocuSign that it leads to."""

    def __init__(self, folder: Path, docusign: FakeDocuSign, server: FakeAccountServer) -> None:
        self.folder, self.docusign, self.server = folder, docusign, server
        self.options = {"client": CLIENT, "user": USER, "hosts": "127.0.0.1"}
        self.navigator = ""

    def connect(self, name: str = "sign") -> tuple[int, str]:
        options = ", ".join(f'{key} = "{value}"' for key, value in self.options.items())
        _ = (self.folder / "clmcrm.toml").write_text(
            f'[systems.sign]\nvendor = "docusign"\noptions = {{ {options} }}\n'
            f'[systems.sign.secrets]\nkey = {{ file = "key.pem" }}\n'
            f'[systems.agreements]\nvendor = "navigator"\naddress = "{self.navigator}"\noptions = {{ {options} }}\n'
            f'[systems.agreements.secrets]\nkey = {{ file = "key.pem" }}\n',
            encoding="utf-8",
        )
        out = io.StringIO()
        code = run(["connect", name, "--config", str(self.folder / "clmcrm.toml")], out, out)
        assert "PRIVATE" not in out.getvalue()
        return code, " ".join(out.getvalue().split())


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    _ = (tmp_path / "key.pem").write_text(PRIVATE, encoding="utf-8")
    docusign = FakeDocuSign(lambda: datetime.now(UTC))
    server = FakeAccountServer(docusign, PUBLIC, host="", base_uri="")
    with serving(docusign) as account, serving(server) as tokens:
        server.host, server.base_uri = urlsplit(tokens).netloc, account
        made = Company(tmp_path, docusign, server)
        made.options["server"] = tokens
        yield made


def test_an_account_that_is_well_is_said_to_be_well(company: Company) -> None:
    code, said = company.connect()
    assert code == 0, said
    for words in ("configuration", "token", "issued", "Acme", "clock", "none sent by clmcrm; 1 templates"):
        assert words in said


@pytest.mark.parametrize("name", ["sign", "agreements"])
def test_an_address_of_ones_own_that_is_none_is_said_to_be_none(
    name: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"CLMCRM_{name.upper()}_ADDRESS", "eu.docusign.net")
    code, said = company.connect(name)
    assert code == 3
    assert "'eu.docusign.net' is no address" in said


def test_a_user_who_has_not_consented_is_shown_where_to(company: Company) -> None:
    company.server.consented = False
    code, said = company.connect()
    assert code == 3
    assert "consent_required" in said
    assert "/oauth/auth?response_type=code" in said.replace(" ", "")


def test_what_is_not_configured_is_named(company: Company) -> None:
    company.options = {"hosts": "127.0.0.1"}
    (company.folder / "key.pem").unlink()
    code, said = company.connect()
    assert code == 3
    for words in ("options.client", "options.user", "secret key", "Apps and Keys"):
        assert words in said


def test_another_key_is_refused_in_docusigns_words(company: Company) -> None:
    _ = (company.folder / "key.pem").write_text(key_pair()[0], encoding="utf-8")
    code, said = company.connect()
    assert code == 3
    assert "invalid_grant" in said


def test_an_account_at_another_host_is_not_asked(company: Company) -> None:
    company.options["hosts"] = "demo.docusign.net"
    code, said = company.connect()
    assert code == 3
    assert "none of the configured hosts" in said


def test_the_environment_goes_before_the_file(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLMCRM_SIGN_CLIENT", "another")
    assert company.connect()[0] == 3


def test_agreements_are_tried_and_a_missing_scope_is_named(company: Company) -> None:
    with serving(FakeNavigator([])) as origin:
        company.navigator = origin
        code, said = company.connect("agreements")
    assert code == 3  # this Navigator knows no token but its own
    assert "adm_store_unified_repo_read" in said


def test_a_vendor_nobody_knows_is_told_with_those_we_know(company: Company) -> None:
    file = company.folder / "other.toml"
    _ = file.write_text('[systems.x]\nvendor = "fax"\n', encoding="utf-8")
    out = io.StringIO()
    assert run(["connect", "x", "--config", str(file)], out, out) == 3
    assert "no vendor 'fax'" in out.getvalue()
    assert all(name in out.getvalue() for name in VENDORS)


def test_a_vendor_stands_for_a_description_and_not_beside_one(company: Company) -> None:
    file = company.folder / "other.toml"
    _ = file.write_text('[systems.x]\nvendor = "docusign"\ndescription = "x.toml"\n', encoding="utf-8")
    out = io.StringIO()
    assert run(["connect", "x", "--config", str(file)], out, out) != 0
    assert "stands for a description" in out.getvalue()


def test_doctor_names_a_vendors_system_and_asks_it_nothing(company: Company) -> None:
    _ = company.connect()
    issued, out = company.server.issued, io.StringIO()
    _ = run(["doctor", "--config", str(company.folder / "clmcrm.toml")], out, out)
    assert "docusign" in out.getvalue()
    assert company.server.issued == issued


def test_a_clock_that_is_wrong_is_among_what_to_compare(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is signed bears the time, so that no token is given, and the check of the clock never comes."""
    long_ago = datetime.now(UTC) - timedelta(hours=5)
    monkeypatch.setattr(connect_docusign, "utc_clock", lambda: long_ago)
    monkeypatch.setattr(reaching, "utc_clock", lambda: long_ago)
    code, said = company.connect()
    assert (code, "invalid_grant" in said) == (3, True)
    assert f"this machine's clock (it says {long_ago:%Y-%m-%d %H:%M} UTC)" in said
