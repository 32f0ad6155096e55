"""`clmcrm connect` and `doctor` say what is missing in the system's own words, and never show a secret."""

from __future__ import annotations

import inspect
import io
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from serving_acme import TOKEN, Acme, Answer, serving_acme

from clmcrm.adapters.configuration import SecretSource, SystemSettings, load_settings, opened_system
from clmcrm.cli import looking_in
from clmcrm.cli.connect_vendors import TAKEN, VENDORS, misnamed
from clmcrm.cli.main import run
from clmcrm.cli.reaching import reached
from clmcrm.drivers.secrets import Secret
from clmcrm.errors import InvalidRecord, UnreadableInput

EXAMPLE = Path(__file__).parents[2] / "examples" / "declared" / "acme.toml"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def acme() -> Acme:
    return Acme()


@pytest.fixture
def config(acme: Acme, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("ACME_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    _ = (tmp_path / "acme.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    with serving_acme(acme) as address:
        file = tmp_path / "clmcrm.toml"
        _ = file.write_text(
            f'[systems.acme]\ndescription = "acme.toml"\naddress = "{address}"\n'
            '[systems.acme.secrets]\ntoken = { env = "ACME_TOKEN" }\n',
            encoding="utf-8",
        )
        yield file


def told(*arguments: str) -> tuple[int, str]:
    """Exit code, and all that was printed; the canary is looked for every time, as text and as JSON."""
    out, err = io.StringIO(), io.StringIO()
    code = run(list(arguments), out, err)
    both = out.getvalue() + err.getvalue()
    assert TOKEN not in both
    shown = io.StringIO()
    _ = run([*arguments, "--json"], shown, shown)
    assert TOKEN not in shown.getvalue()
    return code, both


@pytest.mark.usefixtures("config")
def test_a_system_that_is_well_is_said_to_be_well(acme: Acme) -> None:
    code, said = told("connect", "acme")
    assert code == 0, said
    for words in ("reached", "clock", "read account", "read contact", "read org_unit", "read opportunity"):
        assert words in said
    assert {method for method, _target, _headers in acme.requests} == {"GET"}


@pytest.mark.usefixtures("config")
def test_refused_credentials_are_told_once_in_the_systems_own_words(acme: Acme) -> None:
    acme.token = "another"  # noqa: S105 - not a secret
    code, said = told("connect", "acme")
    assert code == 3
    assert said.count("is not known here") == 1
    assert "renew the secret" in said
    assert "***" in said


def _answers(answer: Answer, part: str, acme: Acme) -> None:
    acme.override = lambda _method, target: answer if part in target else None


@pytest.mark.usefixtures("config")
def test_a_missing_permission_names_its_kind_and_the_others_are_read(acme: Acme) -> None:
    body = b'{"error": {"message": "scope deals.read is missing"}}'
    _answers((403, JSON, body), "/deals", acme)
    code, said = told("connect", "acme")
    assert code == 3
    assert "scope deals.read is missing" in said
    assert "grant it" in said
    assert "0 records on the first page" in said


@pytest.mark.usefixtures("config")
def test_a_path_that_no_record_has_is_named(acme: Acme) -> None:
    row = {"id": 1, "revision": "r", "updated_at": "2026-01-15T10:00:00Z", "external_id": "x", "company": "A"}
    _answers((200, JSON, json.dumps({"data": [row]}).encode()), "/companies", acme)
    code, said = told("connect", "acme")
    assert code == 0
    assert "$.company_name" in said


@pytest.mark.usefixtures("config")
@pytest.mark.parametrize(
    ("records", "page", "named"),
    [(10, {}, True), (10, {"paging": {"next": None}}, False), (10, {"paging": {"next": "c2"}}, False), (9, {}, False)],
    ids=str,
)
def test_a_full_page_that_says_nothing_of_a_next_one_is_told(
    acme: Acme, records: int, page: dict[str, object], named: bool
) -> None:
    """A misspelt path ends every pull after its first page, and nothing else would say so."""
    rows = [{"id": n, "revision": "r", "updated_at": "2026-01-15T10:00:00Z"} for n in range(1, records + 1)]
    _answers((200, JSON, json.dumps({"data": rows, **page}).encode()), "/people", acme)
    code, said = told("connect", "acme")
    assert code == 0
    assert ("and nothing at $.paging.next leads to the next" in " ".join(said.split())) == named


@pytest.mark.usefixtures("config")
def test_a_record_that_cannot_be_read_is_told_with_its_place(acme: Acme) -> None:
    row = {"id": 1, "revision": "r", "updated_at": "2026-01-15T10:00:00Z", "headcount": "many"}
    _answers((200, JSON, json.dumps({"data": [row]}).encode()), "/companies", acme)
    code, said = told("connect", "acme")
    assert code == 3
    assert "$.headcount" in said
    assert "1 of 1 records unreadable" in said


@pytest.mark.usefixtures("config")
def test_a_clock_that_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clmcrm.cli.reaching.utc_clock", lambda: datetime.now(UTC) + timedelta(minutes=10))
    code, said = told("connect", "acme")
    assert code == 3
    assert "set this machine's clock" in said


@pytest.mark.usefixtures("config")
def test_an_address_that_nobody_answers_at_is_told() -> None:
    code, said = told("connect", "acme", "--address", "http://127.0.0.1:1/v1")
    assert code == 3
    assert "address http://127.0.0.1:1" in said
    assert "check the address" in said


@pytest.mark.usefixtures("config")
def test_certificates_that_cannot_be_read_are_named_as_calls_name_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with socket.create_server(("127.0.0.1", 0)) as there:
        found = reached(f"https://127.0.0.1:{there.getsockname()[1]}")
    assert (found.ok, "SSL_CERT_FILE is" in found.found) == (False, True)


def test_a_plain_port_has_no_certificate(config: Path) -> None:
    address = load_settings(config, {})["acme"].address or ""
    code, said = told("connect", "acme", "--address", address.replace("http://", "https://"))
    assert code == 3
    assert "reached" not in said


@pytest.mark.usefixtures("config")
def test_a_missing_secret_is_told_with_where_it_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACME_TOKEN")
    for command in (("connect", "acme"), ("doctor",)):
        code, said = told(*command)
        assert code == 3
        assert "CLMCRM_ACME_SECRET_TOKEN or the variable ACME_TOKEN" in said


@pytest.mark.usefixtures("config")
def test_a_system_that_is_not_configured_is_refused_with_those_that_are() -> None:
    code, said = told("connect", "amce")
    assert code == 1
    assert "no system 'amce'; configured are acme" in said


def test_the_doctor_mentions_configured_systems_and_asks_none(config: Path, acme: Acme) -> None:
    _code, said = told("doctor")
    assert "system acme" in said
    assert "`clmcrm connect acme` tries it" in said
    assert not acme.requests
    config.unlink()
    _code, said = told("doctor")
    assert "not there (optional)" in said


def test_a_secret_that_a_description_does_not_ask_for_is_told(config: Path, acme: Acme) -> None:
    """Misspelt, it was said to be missing, and not that the file names another."""
    _ = config.write_text(config.read_text().replace("token = {", "tokn = {"))
    for command in (("connect", "acme"), ("doctor",)):
        code, said = told(*command)
        assert (code, "asks for no secret 'tokn'; it asks for token" in said) == (3, True), said
    assert not acme.requests


def test_constructor_goes_before_environment_before_file(config: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    _ = secret.write_text("from-file\n", encoding="utf-8")
    _ = config.write_text(
        '[systems.acme]\ndescription = "acme.toml"\naddress = "https://file.example"\n'
        '[systems.acme.secrets]\ntoken = { file = "secret" }\n',
        encoding="utf-8",
    )
    plain = load_settings(config, {})["acme"]
    assert (plain.address, plain.secret("token", {})) == ("https://file.example", Secret("from-file"))
    around = {"CLMCRM_ACME_ADDRESS": "https://env.example", "CLMCRM_ACME_SECRET_TOKEN": "from-env"}
    over = load_settings(config, around)["acme"]
    assert (over.address, over.secret("token", around)) == ("https://env.example", Secret("from-env"))
    system = opened_system(over, around, address="https://argument.example", secrets={"token": Secret("from-argument")})
    assert system.wire.address == "https://argument.example"
    assert system.wire.call("GET", "/x").headers["authorization"] == "Bearer from-argument"
    assert opened_system(plain, {}).wire.call("GET", "/x").headers["authorization"] == "Bearer from-file"


def test_an_empty_variable_counts_as_none(config: Path, tmp_path: Path) -> None:
    """Wrappers of containers pass on what is not set as an empty text: it must not hide what the file says."""
    _ = config.write_text(
        '[systems.acme]\ndescription = "acme.toml"\naddress = "https://file.example"\noptions = { company = "7" }\n'
        '[systems.acme.secrets]\ntoken = { env = "ACME_TOKEN" }\n',
        encoding="utf-8",
    )
    names = ("ADDRESS", "DESCRIPTION", "COMPANY", "SECRET_TOKEN")
    around = dict.fromkeys((f"CLMCRM_ACME_{name}" for name in names), "") | {"ACME_TOKEN": "from-env"}
    acme = load_settings(config, around)["acme"]
    assert (acme.address, acme.description) == ("https://file.example", tmp_path / "acme.toml")
    assert (acme.option("company", around), acme.secret("token", around)) == ("7", Secret("from-env"))
    assert acme.secret("token", around | {"ACME_TOKEN": ""}) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[systems.acme", "is no TOML at end of document"),
        ("a = " + "9" * 5_000, "is no TOML"),
        ("systems = 1", "systems is no table; expected [systems.NAME]"),
        ("[systems]\nacme = 1", "systems.acme is no table; expected [systems.acme]"),
        ('[systems.acme]\nvendor = "odoo"\noptions = 1', "options is no table; expected [systems.acme.options]"),
        ('[systems.acme]\nvendor = "odoo\npassword = "canary-9"', "is no TOML at line 2, column "),
        ('[systems.acme]\nvendor = "odoo"\nvendor = "canary-9"\n', "is no TOML at line 3, column "),
        ("[systems.acme]\nvendor = 7", "systems.acme.vendor is no text"),
        ("[systems.acme]\ndescription = 7", "systems.acme.description is no path"),
        (
            '[systems.acme]\nvendor = "odoo"\ndescription = "a"',
            "systems.acme.vendor stands for a description; remove it, or systems.acme.description",
        ),
        (
            '[systems.acme]\nvendor = "odoo"\n[systems.acme-secret]\nvendor = "odoo"',
            "systems.acme-secret would read the secrets of systems.acme, CLMCRM_ACME_SECRET_...",
        ),
        ('[systems.acme]\ntoken = "canary-9"', "systems.acme.token is no key"),
        ("[systems.acme]", "systems.acme has no vendor and no description"),
        ('[system.acme]\ndescription = "a"', "no 'system' is known; a system stands under [systems.NAME]"),
        ('[systems.acme]\nvendor = "odoo"\noptions = { company = 1 }', "expected it between quotation marks"),
        ('[systems.acme]\nvendor = "odoo"\nsecrets.key = { env = "canary-9" }', "key.env is no name of a variable"),
        ('[systems.acme]\ndescription = "a"\nsecrets = { token = "canary-9" }', "never the secret itself"),
        ('[systems.acme]\ndescription = "a"\nsecrets = { token = { value = "canary-9" } }', "never the secret itself"),
        ('[systems.acme]\ndescription = "a"\naddress = 7', "systems.acme.address is no text"),
        ("[systems.acme]\npassword = canary-9", "is no TOML at line 2, column 12; a line of it is not repeated"),
        ('[systems.acme]\ndescription = ""', "systems.acme.description is no path"),
        ('[systems.acme]\ndescription = "a\\u0000b"', "systems.acme.description is no path"),
        ('[systems.acme]\nvendor = "odoo"\nsecrets.key = { file = "canary-9\\u0000" }', "key.file is no path"),
        (
            '[systems.a-b]\nvendor = "odoo"\n[systems.a_b]\nvendor = "odoo"',
            "systems.a-b and systems.a_b would share the variables CLMCRM_A_B_...",
        ),
    ],
)
def test_a_wrong_configuration_is_refused_without_repeating_a_value(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableInput) as refused:
        _ = load_settings(file, {})
    assert words in str(refused.value)
    assert "canary-9" not in str(refused.value)


def test_a_variable_that_describes_a_system_of_a_vendors_is_not_read_over(tmp_path: Path) -> None:
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text('[systems.acme]\nvendor = "odoo"\n')
    with pytest.raises(UnreadableInput, match="remove it, or the variable CLMCRM_ACME_DESCRIPTION"):
        _ = load_settings(file, {"CLMCRM_ACME_DESCRIPTION": "acme.toml"})
    assert load_settings(file, {"CLMCRM_ACME_DESCRIPTION": " "})["acme"].description is None


def test_a_file_that_is_not_there_is_said_to_be_missing_with_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"there is no such file; it holds \[systems.NAME\]"):
        _ = load_settings(tmp_path / "clmcrm.toml", {})


@pytest.mark.parametrize("blank", [" ", "\t", "\n", " \r\n"])
def test_a_secret_of_nothing_but_blanks_counts_as_none(blank: str, tmp_path: Path) -> None:
    """A blank variable hid the file's secret, and the doctor said that all secrets were there."""
    kept = tmp_path / "kept"
    _ = kept.write_text("in-file")
    settings = SystemSettings(name="x", vendor="odoo", secrets={"key": SecretSource(file=kept)})
    assert settings.secret("key", {"CLMCRM_X_SECRET_KEY": blank}) == Secret("in-file")
    _ = kept.write_text(blank)
    assert settings.secret("key", {}) is None
    assert (
        SystemSettings(name="x", vendor="odoo", options={"side": "crm"}).option("side", {"CLMCRM_X_SIDE": blank})
        == "crm"
    )


def test_a_secret_that_is_no_text_is_refused_and_stands_in_no_error(tmp_path: Path) -> None:
    """Whoever sent it failed with an error of Python's own, which carried it along."""
    kept = tmp_path / "kept"
    _ = kept.write_bytes(b"canary-9\xff")
    settings = SystemSettings(name="x", vendor="odoo", secrets={"key": SecretSource(file=kept)})
    for around, where in (
        ({}, "kept"),
        ({"CLMCRM_X_SECRET_KEY": "canary-9\udcff"}, "the variable CLMCRM_X_SECRET_KEY"),
    ):
        with pytest.raises(UnreadableInput, match="is no text of UTF-8, and is not shown") as refused:
            _ = settings.secret("key", around)
        assert where in str(refused.value)
        assert (refused.value.__context__, refused.value.__cause__) == (None, None)


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_a_secret_or_an_option_that_is_no_text_is_told_by_name(
    vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clmcrm.toml"
    given = {"database": "d", "currency": "EUR", "client": "c", "tenant": "t", "user": "u"}
    own = ", ".join(f'{name} = "{value}"' for name, value in given.items() if name in TAKEN[vendor].options)
    _ = file.write_text(f'[systems.x]\nvendor = "{vendor}"\naddress = "http://127.0.0.1:9"\noptions = {{ {own} }}\n')
    for kind, name in (("SECRET_", TAKEN[vendor].secrets[0]), ("", TAKEN[vendor].options[0])):
        variable = f"CLMCRM_X_{kind}{name.upper()}"
        monkeypatch.setenv(variable, "canary-9\udcff")
        code, said = told("connect", "x", "--config", str(file))
        assert (code, f"the variable {variable}: is no text of UTF-8" in said) == (3, True)
        assert "canary-9" not in said
        if kind:
            code, said = told("doctor", "--config", str(file))
            assert (code, f"the variable {variable}: is no text of UTF-8" in said) == (3, True)
            monkeypatch.setenv(variable, "canary-7")


@pytest.mark.parametrize(
    ("vendor", "option", "values"),
    [
        ("pandadoc", "token", ("Bearer", "bearrer")),
        ("pandadoc", "environment", ("sandbox", "sandbix")),
        ("salesforce", "multi_currency", ("No", "ja")),
        ("salesforce", "country_codes", ("true", "y")),
        ("ironclad", "obligations", ("yes", "yess")),
        ("odoo", "side", ("agreement", "clm")),
        ("odoo", "company", ("7", "9" * 5_000)),
        ("tryton", "company", ("7", "-7")),
    ],
)
def test_an_option_that_is_no_choice_is_told_and_not_read_as_another(
    vendor: str, option: str, values: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clmcrm.toml"
    given = {"database": "d", "currency": "EUR", "client": "c", "user": "u"}
    known = [name for name in given if name in TAKEN[vendor].options]
    monkeypatch.setenv(f"CLMCRM_X_SECRET_{TAKEN[vendor].secrets[0].upper()}", "in-a-variable")
    for value, refused in zip(values, (False, True), strict=True):
        own = ", ".join(f'{name} = "{given[name]}"' for name in known) + (", " if known else "")
        lines = f'vendor = "{vendor}"\naddress = "http://127.0.0.1:9"\noptions = {{ {own}{option} = "{value}" }}'
        _ = file.write_text(f"[systems.x]\n{lines}\n")
        code, said = told("connect", "x", "--config", str(file))
        assert (code, f"options.{option} is '{value[:40]}'; expected " in said) == (3, refused), said


def test_a_missing_secret_of_a_program_is_an_error_that_says_where(config: Path) -> None:
    with pytest.raises(InvalidRecord, match="secret token is 'missing'"):
        _ = opened_system(load_settings(config, {})["acme"], {})


@pytest.mark.parametrize("vendor", ["odoo", "pandadoc", "salesforce", "dataverse"])
@pytest.mark.parametrize(
    "address",
    ["crm.example", "localhost:8069", "ftp://localhost", "https://localhost:port", "https://localhost:99999",
     "https://[::1", "https://ann:canary-9@localhost:9"],
)  # fmt: skip
def test_an_address_that_is_none_is_said_to_be_none(
    vendor: str, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "KEY" if vendor in ("odoo", "pandadoc") else "CLIENT_SECRET"
    monkeypatch.setenv(f"CLMCRM_X_SECRET_{name}", "secret")
    file = tmp_path / "clmcrm.toml"
    given = {"database": "d", "currency": "EUR", "client": "c", "tenant": "t"}
    own = ", ".join(f'{name} = "{value}"' for name, value in given.items() if name in TAKEN[vendor].options)
    options = f"{{ {own} }}"
    _ = file.write_text(f'[systems.x]\nvendor = "{vendor}"\naddress = "{address}"\noptions = {options}\n')
    code, said = told("connect", "x", "--config", str(file))
    assert code == 3
    assert "is no address" in said or "url is " in said
    assert "canary-9" not in said


def test_behind_a_proxy_nothing_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://ann:canary-9@proxy.example:3128")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    check = reached("https://nowhere.invalid")
    assert (check.found, check.ok) == ("asked through the proxy proxy.example:3128", True)
    monkeypatch.setenv("http_proxy", "proxy.example")
    check = reached("http://nowhere.invalid")
    assert (check.found, check.ok) == ("asked through the proxy proxy.example; not encrypted", False)
    check = reached("https://127.0.0.1:9")
    assert not check.ok


@pytest.mark.parametrize("kept", ["in-file\n", "in-file\r\n", "\ufeffin-file"])
def test_what_an_editor_adds_to_a_secret_does_not_count(kept: str, tmp_path: Path) -> None:
    _ = (tmp_path / "secret").write_bytes(kept.encode())
    settings = SystemSettings(name="x", vendor="odoo", secrets={"key": SecretSource(file=tmp_path / "secret")})
    assert settings.secret("key", {}) == Secret("in-file")
    assert settings.secret("key", {"CLMCRM_X_SECRET_KEY": "in-variable\n"}) == Secret("in-variable")


@pytest.mark.parametrize("vendor", sorted(VENDORS))
@pytest.mark.parametrize(
    ("told_so", "found"),
    [
        ('options = { trms = "canary-9" }', "takes no option 'trms'; it takes "),
        ('secrets.tokn = { env = "HOME" }', "takes no secret 'tokn'; it takes "),
    ],
)
def test_a_name_that_a_vendor_does_not_read_is_told_and_its_value_is_not(
    vendor: str, told_so: str, found: str, tmp_path: Path
) -> None:
    """Read over, a misspelt option means what nobody asked for, and a secret among the options stays in the file."""
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(f'[systems.x]\nvendor = "{vendor}"\n{told_so}\n')
    for command in (("connect", "x"), ("doctor",)):
        code, said = told(*command, "--config", str(file))
        assert (code, found in said) == (3, True)
        assert "canary-9" not in said


def test_a_vendor_nobody_knows_and_options_of_a_description_are_told_by_the_doctor_too(tmp_path: Path) -> None:
    file = tmp_path / "clmcrm.toml"
    for text, found in (
        ('vendor = "HubSpot"', "no vendor 'HubSpot'; known are dataverse"),
        ('description = "a.toml"\noptions = { page = "9" }', "options.page does nothing"),
    ):
        _ = file.write_text(f"[systems.x]\n{text}\n")
        for command in (("connect", "x"), ("doctor",)):
            code, said = told(*command, "--config", str(file))
            assert (code, found in said) == (3, True)


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_the_names_a_vendor_takes_are_those_its_function_looks_for(vendor: str) -> None:
    module = inspect.getmodule(VENDORS[vendor])
    assert module is not None
    source = inspect.getsource(module) + inspect.getsource(looking_in)
    for name in (*TAKEN[vendor].options, *TAKEN[vendor].secrets):
        assert f'"{name}"' in source
    for what, known in (("option", TAKEN[vendor].options), ("secret", TAKEN[vendor].secrets)):
        asked = re.findall(rf'settings\.{what}\("(\w+)"', inspect.getsource(module))
        assert set(asked) <= {*known, "sender"}  # docusign's module is navigator's too, which sends nothing


def test_the_configurations_on_the_pages_hold_no_name_that_nobody_reads(tmp_path: Path) -> None:
    pages = Path(__file__).parents[2] / "docs" / "howto"
    blocks = [
        block
        for page in sorted(pages.glob("*.md"))
        for block in re.findall(r"```toml\n(.*?)```", page.read_text(), re.DOTALL)
    ]
    shown = [block for block in blocks if "[systems." in block]
    assert len(shown) >= len(VENDORS) - 1
    for block in shown:
        file = tmp_path / "clmcrm.toml"
        _ = file.write_text(block, encoding="utf-8")
        for settings in load_settings(file, {}).values():
            assert list(misnamed(settings)) == []


def test_the_doctor_misses_the_secrets_of_a_vendor_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text('[systems.hub]\nvendor = "hubspot"\nsecrets = { token = { env = "HUB_TOKEN" } }\n')
    monkeypatch.delenv("HUB_TOKEN", raising=False)
    code, said = told("doctor", "--config", str(file))
    assert code == 3
    assert "CLMCRM_HUB_SECRET_TOKEN or the variable HUB_TOKEN" in said
    monkeypatch.setenv("HUB_TOKEN", "there")
    code, said = told("doctor", "--config", str(file))
    assert "hubspot, its secrets are there" in said


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_the_doctor_believes_no_vendor_to_have_secrets_that_nobody_set(
    vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said "its secrets are there" of a system without one, of which `clmcrm connect` says that it is missing."""
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text(f'[systems.nobodys]\nvendor = "{vendor}"\n')
    code, said = told("doctor", "--config", str(file))
    assert (code, "its secrets are there" in said) == (3, False)
    for name in TAKEN[vendor].secrets:
        assert f"CLMCRM_NOBODYS_SECRET_{name.upper()}" in said
    monkeypatch.setenv(f"CLMCRM_NOBODYS_SECRET_{TAKEN[vendor].secrets[-1].upper()}", "there")
    code, said = told("doctor", "--config", str(file))
    assert (code, f"{vendor}, its secrets are there" in said) == (0, True)


@pytest.mark.parametrize("columns", [60, 80])
def test_what_is_not_well_is_told_in_whole_on_a_narrow_terminal(
    columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.delenv("CLMCRM_HUB_SECRET_TOKEN", raising=False)
    file = tmp_path / "clmcrm.toml"
    _ = file.write_text('[systems.hub]\nvendor = "hubspot"\n')
    out = Terminal()
    assert run(["connect", "hub", "--config", str(file)], out, out) == 3
    assert "the secret token (a private app's), or refresh and client_secret (OAuth), with the option client" in (
        out.getvalue()
    )


def _serving_certificate(folder: Path, host: str, begins: datetime, ends: datetime) -> tuple[ssl.SSLContext, Path]:
    """A server's own certificate, and the file that holds it for those who believe it."""
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec", reason="makes the certificate")
    from cryptography import x509  # noqa: PLC0415 - of the extra webhooks
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - as above

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "acme")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
    made = x509.CertificateBuilder(name, name, key.public_key(), 7, begins, ends).add_extension(names, critical=False)
    certificate, private = folder / "certificate.pem", folder / "key.pem"
    _ = certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    pem = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    _ = private.write_bytes(key.private_bytes(*pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, private)
    return context, certificate


@pytest.mark.parametrize(
    ("made", "believed", "repair"),
    [
        (("127.0.0.1", -2, 2), True, ""),
        (("127.0.0.1", -4, -2), True, "set this machine's clock (it says 2"),
        (("127.0.0.1", 2, 4), True, "set this machine's clock (it says 2"),
        (("127.0.0.2", -2, 2), True, "the certificate is another host's: check the address"),
        (("127.0.0.1", -2, 2), False, "SSL_CERT_FILE can name your company's own authority"),
    ],
)
def test_what_helps_against_a_certificate_fits_what_is_wrong_with_it(
    made: tuple[str, int, int], believed: bool, repair: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that is wrong was answered with advice on authorities."""
    now, (host, from_days, to_days) = datetime.now(UTC), made
    context, own = _serving_certificate(tmp_path, host, now + timedelta(from_days), now + timedelta(to_days))
    if believed:
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                plain, _ = listening.accept()
                with plain, context.wrap_socket(plain, server_side=True):
                    pass

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        check = reached(f"https://127.0.0.1:{listening.getsockname()[1]}")
        serving.join(5)
    assert (check.ok, check.repair[: len(repair)]) == (not repair, repair), check


def test_the_doctor_looks_at_the_certificates_that_calls_believe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without any was well, and an empty variable, which calls take for none, was not."""
    file = tmp_path / "certificates.pem"
    _ = file.write_text("no certificate")
    for named, ok in ((str(file), False), (str(tmp_path / "nothing"), False), ("", True)):
        monkeypatch.setenv("SSL_CERT_FILE", named)
        _code, said = told("doctor", "--json")
        found = {check["what"]: check for check in json.loads(said)}["certificates"]
        assert found["ok"] is ok
        assert found["repair"] == ("" if ok else "correct or unset the variable it names")
