"""Whether something answers at an address, with a certificate that can be believed, and by which clock."""

from __future__ import annotations

import socket
import ssl
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from clmcrm.adapters.transports import trusted
from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock
from clmcrm.errors import InvalidRecord

_SKEW: Final = timedelta(minutes=2)
_WAIT_S: Final = 10
_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 80
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_ADDRESS = 9, 10, 62, 64


def reached(address: str) -> Check:
    """Whether something answers at the address, with a certificate that can be believed.

    Where calls go through a proxy nothing is reached directly: then the first call will tell.
    """
    try:
        scheme, host, port = _origin(address)
    except ValueError:
        shown = "(not shown: it names a user)" if "@" in address else repr(address[:_LONGEST])
        return Check("address", f"{shown} is no address", ok=False, repair="write it as https://host")
    what = f"address {scheme}://{host}:{port}"
    bare, near = scheme != "https", host in ("localhost", "127.0.0.1", "::1")
    open_, repair = ("; not encrypted", "" if near else "use https") if bare else ("", "")
    proxy = _proxy(scheme, host)
    if proxy is not None:
        return Check(what, f"asked through the proxy {proxy}{open_}", ok=not repair, repair=repair)
    try:
        found = _met(host, port, bare=bare)
    except InvalidRecord as unread:
        return Check("certificates", str(unread), ok=False, repair="correct or unset the variable it names")
    except ssl.SSLCertVerificationError as refused:
        why = f"certificate: {refused.verify_message}"
        return Check(what, why, ok=False, repair=_of_certificate(refused.verify_code))
    except (OSError, UnicodeError) as refused:
        why = str(refused.strerror or refused) if isinstance(refused, OSError) else "no host name"
        return Check(what, why, ok=False, repair="check the address, the name server and the proxy")
    return Check(what, f"{found}{open_}", ok=not repair, repair=repair)


def _of_certificate(code: int) -> str:
    """What helps against a certificate that is not believed, by the code of OpenSSL's X509_verify_cert."""
    if code in (_NOT_YET_VALID, _EXPIRED):
        return f"set {clock_here()}; if that is right, tell the system's owner"
    if code in (_OTHER_NAME, _OTHER_ADDRESS):
        return "the certificate is another host's: check the address"
    return "SSL_CERT_FILE can name your company's own authority"


def _met(host: str, port: int, *, bare: bool) -> str:
    """What was found there, by the certificates that calls believe too."""
    with socket.create_connection((host, port), timeout=_WAIT_S) as plain:
        if bare:
            return "reached"
        with trusted().wrap_socket(plain, server_hostname=host) as secure:
            return f"reached; certificate believed, {secure.version()}"


def _origin(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address; raises `ValueError` for what calls are not sent to."""
    parts = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise ValueError("no plain http or https address")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def _proxy(scheme: str, host: str) -> str | None:
    """The proxy that calls to the host go through, by the environment, as httpx reads it; None for none."""
    proxies = getproxies()
    told = proxies.get(scheme) or proxies.get("all")
    if not told or proxy_bypass(host):
        return None
    try:
        parts = urlsplit(told if "://" in told else f"http://{told}")
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    except ValueError:
        return "of the environment, whose address is none"


def clock_here() -> str:
    """This machine's clock and what it says, for whoever is refused because of the time."""
    return f"this machine's clock (it says {utc_clock():%Y-%m-%d %H:%M} UTC)"


def clock_check(told: datetime | None) -> Check:
    """How far this machine's clock is from the one a system states (None: it states no time)."""
    if told is None:
        return Check("clock", "the system states no time", ok=True)
    skew = abs(told - utc_clock())
    found = f"{int(skew.total_seconds())} s apart"
    return Check("clock", found, ok=skew <= _SKEW, repair="" if skew <= _SKEW else "set this machine's clock by NTP")
