"""An Odoo 19 of one's own: downloaded, its database made once, and fresh copies of it served on loopback.

The server is LGPL and its OCA add-ons AGPL: they live in a folder of their own and are only ever spoken to over
the network. The package comes from Debian's unstable suite, by the mirror that this system uses anyway; it is
unpacked, never installed. What is unpacked and made is kept in `CLMCRM_SERVERS` (see `serving_tryton`), so that
only the first run of a machine pays for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socket

import pytest
from attrs import frozen
from postgres_server import a_server
from serving_tryton import kept

PACKAGE = "odoo-19"
REQUIRED = (
    "asn1crypto", "Babel", "beautifulsoup4", "cbor2", "chardet", "cryptography", "python-dateutil", "docutils",
    "freezegun", "geoip2", "gevent", "greenlet", "idna", "Jinja2", "libsass", "lxml", "lxml-html-clean", "MarkupSafe",
    "num2words", "openpyxl", "passlib", "Pillow", "polib", "psutil", "psycopg2-binary", "pyOpenSSL", "pypdf<6",
    "python-magic", "python-stdnum", "pytz", "qrcode", "reportlab", "requests", "rjsmin", "setuptools<81", "urllib3",
    "werkzeug<4", "xlrd", "XlsxWriter", "zeep",
)  # fmt: skip
ADDONS = ("contract", "agreement", "sign-oca")
"""Add-ons of the OCA, of the same series."""
MODULES = ("crm", "sale_crm", "contract", "agreement", "sign_oca")
TEMPLATE = "template_odoo"
STARTS_WITHIN = 120
SID_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"

GROUPS = (
    "base.group_user", "base.group_partner_manager", "sales_team.group_sale_salesman_all_leads",
    "account.group_account_invoice", "account.group_account_manager", "sign_oca.sign_oca_group_admin",
    "agreement.group_agreement_user",
)  # fmt: skip
"""What the user of the synchronisation may do."""

FIELDS = (
    ("crm.lead", "x_contract", "char", "Contract"),
    ("contract.contract", "x_clmcrm_facts", "text", "Contract facts"),
    ("agreement", "x_clmcrm_facts", "text", "Contract facts"),
)
"""The three text fields that an administrator adds once (docs/howto/connect_odoo.md)."""

PREPARING = """
import json
from datetime import datetime, timedelta
for model, name, kind, label in {fields!r}:
    env["ir.model.fields"].create({{
        "model_id": env["ir.model"]._get_id(model), "name": name, "ttype": kind, "field_description": label,
    }})
groups = [env.ref(name).id for name in {groups!r} if env.ref(name, raise_if_not_found=False)]
made = {{}}
for login, given in (("sync", groups), ("clerk", groups), ("guest", [env.ref("base.group_user").id])):
    user = env["res.users"].create({{"name": login.title(), "login": login, "group_ids": [(6, 0, given)]}})
    made[login] = user
made["admin"] = env.ref("base.user_admin")
euro = env.ref("base.EUR")
euro.active = True
env.company.currency_id = euro
until = datetime.now() + timedelta(days=80)
keys = {{login: env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "clmcrm", until)
        for login, user in made.items()}}
env.cr.commit()
with open({where!r}, "w") as out:
    json.dump(keys, out)
"""


@frozen(kw_only=True)
class Odoo:
    """A running server: its address, its databases, and the keys of its users by login (the same in each)."""

    url: str
    databases: tuple[str, ...]
    keys: Mapping[str, str]
    log: Path


@contextmanager
def running(where: Path, databases: Sequence[str] = ("crm",)) -> Generator[Odoo]:
    """A server on loopback with a fresh copy of the template for each of `databases`; killed at the end."""
    made = _template()
    keys = json.loads((made / "keys.json").read_text())
    with a_server(copy_of=made / "data") as connection:
        place = dict(part.split("=") for part in connection.split())
        for database in databases:
            command = ["createdb", "-h", place["host"], "-U", place["user"], "-T", TEMPLATE, database]
            _ = subprocess.run(command, check=True)
        port = _free_port()
        log = where / "odoo.log"
        configuration = _configuration(where, place, port)
        _ = shutil.copytree(made / "files" / TEMPLATE, where / "files" / "filestore" / databases[0])
        for database in databases[1:]:
            _ = shutil.copytree(made / "files" / TEMPLATE, where / "files" / "filestore" / database)
        with log.open("wb") as writes:
            server = subprocess.Popen(
                _odoo(configuration, "--database", ",".join(databases)), env=_environment(),
                stdout=writes, stderr=subprocess.STDOUT,
            )  # fmt: skip
            try:
                _wait_for(port, server, log)
                yield Odoo(url=f"http://127.0.0.1:{port}", databases=tuple(databases), keys=keys, log=log)
            finally:
                server.kill()
                _ = server.wait()


def _home() -> Path:
    return kept() / PACKAGE


def _template() -> Path:
    """The database with every module installed, made when it is not there; one process at a time makes it."""
    made = _home() / "template"
    with (kept() / f"{PACKAGE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            began = time.monotonic()
            _install()
            installed = time.monotonic()
            _make(made)
            took = f"installed in {installed - began:.0f} s, made in {time.monotonic() - installed:.0f} s"
            _ = (_home() / "times.txt").write_text(took + "\n")
    return made


def _install() -> None:
    home = _home()
    if not (home / "tree").exists():
        with tempfile.TemporaryDirectory() as work:
            package = _download(Path(work))
            home.mkdir(exist_ok=True)
            _quietly("dpkg", "-x", package, home / "unpacked")
            _ = (home / "unpacked").rename(home / "tree")
    python = home / "venv" / "bin" / "python"
    if not python.exists():
        _quietly(sys.executable, "-m", "venv", home / "venv")
    _quietly(python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", *REQUIRED)
    if not (home / "oca").exists():
        addons = [f"odoo-addon-{name}==19.0.*" for name in ADDONS]
        _quietly(
            python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--no-deps",
            "--target", home / "oca", *addons,
        )  # fmt: skip


def _download(work: Path) -> Path:
    """The package, by lists of our own: the system's are not touched."""
    for folder in ("lists/partial", "cache/archives/partial", "etc"):
        (work / folder).mkdir(parents=True)
    _ = (work / "etc/sources.list").write_text(f"deb [signed-by={SID_KEYS}] {_mirror()} sid main\n")
    ours = [
        "-o", f"Dir::Etc::sourcelist={work}/etc/sources.list", "-o", "Dir::Etc::sourceparts=/dev/null",
        "-o", f"Dir::State::lists={work}/lists", "-o", f"Dir::Cache={work}/cache",
        "-o", "APT::Get::List-Cleanup=0", "-o", "Acquire::Languages=none",
    ]  # fmt: skip
    _quietly("apt-get", *ours, "update")
    _quietly("apt-get", *ours, "download", PACKAGE, cwd=work)
    return next(work.glob(f"{PACKAGE}_*.deb"))


def _mirror() -> str:
    """The Debian mirror that this system is set up with."""
    line = re.compile(r"^(?:URIs:\s*|deb\s+(?:\[[^]]*\]\s*)?)(\S+/debian)/?(?:\s|$)", re.MULTILINE)
    etc = Path("/etc/apt")
    for path in [*sorted((etc / "sources.list.d").glob("*")), etc / "sources.list"]:
        found = line.search(path.read_text()) if path.is_file() else None
        if found:
            return found[1]
    pytest.skip("this system has no Debian mirror to take the package from")


def _make(made: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        where, kept_data = Path(work), _home() / "data"
        if kept_data.exists():
            shutil.rmtree(kept_data)
        where.chmod(0o755)
        with a_server(keep=kept_data) as connection:
            place = dict(part.split("=") for part in connection.split())
            configuration = _configuration(where, place, _free_port())
            _quietly(
                *_odoo(configuration, "--database", TEMPLATE, "--init", ",".join(MODULES), "--stop-after-init"),
                env=_environment(),
            )
            keys = where / "keys.json"
            script = PREPARING.format(fields=FIELDS, groups=GROUPS, where=str(keys))
            shell = _odoo(configuration, "--database", TEMPLATE, "--no-http", command="shell")
            _quietly(*shell, env=_environment(), given=script)
        parts = _home() / "parts"
        shutil.rmtree(parts, ignore_errors=True)
        parts.mkdir()
        _ = shutil.move(keys, parts / "keys.json")
        _ = shutil.copytree(where / "files" / "filestore", parts / "files")
        _ = kept_data.rename(parts / "data")
        _ = parts.rename(made)


def _odoo(configuration: Path, *options: str, command: str = "") -> list[str]:
    program = [str(_home() / "venv/bin/python"), str(_home() / "tree/usr/bin/odoo")]
    return [*program, *([command] if command else []), "--config", str(configuration), *options]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_home() / "tree/usr/lib/python3/dist-packages")}


def _configuration(where: Path, place: Mapping[str, str], port: int) -> Path:
    packages = _home() / "tree/usr/lib/python3/dist-packages"
    addons = ",".join(map(str, (packages / "odoo/addons", packages / "addons", _home() / "oca/odoo/addons")))
    path = where / "odoo.conf"
    _ = path.write_text(
        f"[options]\ndb_host = {place['host']}\ndb_user = {place['user']}\nhttp_interface = 127.0.0.1\n"
        f"http_port = {port}\naddons_path = {addons}\ndata_dir = {where / 'files'}\nwithout_demo = True\n"
        "max_cron_threads = 0\nlist_db = False\nlog_level = warn\n"
    )
    return path


def _quietly(
    *command: object, cwd: Path | None = None, env: Mapping[str, str] | None = None, given: str | None = None
) -> None:
    line = [str(part) for part in command]
    done = subprocess.run(line, cwd=cwd, env=env, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{line[:6]} ended with {done.returncode}: {done.stdout[-800:]}{done.stderr[-2000:]}"


def _free_port() -> int:
    with closing(socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        with closing(socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
