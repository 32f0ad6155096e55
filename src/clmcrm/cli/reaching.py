"""Whether something answers at an address, with a certificate that can be believed, and by which clock."""

from __future__ import annotations

import socket
import ssl
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from clmcrm.cli.checks import Check
from clmcrm.cli.console import utc_clock

_SKEW: Final = timedelta(minutes=2)
_WAIT_S: Final = 10


def reached(address: str) -> Check:
    """Whether something answers at the address, with a certificate that can be believed."""
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    what = f"address {parts.scheme}://{host}:{port}"
    try:
        with socket.create_connection((host, port), timeout=_WAIT_S) as plain:
            if parts.scheme != "https":
                near = host in ("localhost", "127.0.0.1", "::1")
                return Check(what, "reached; not encrypted", ok=near, repair="" if near else "use https")
            with ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure:
                return Check(what, f"reached; certificate believed, {secure.version()}", ok=True)
    except ssl.SSLCertVerificationError as refused:
        why = f"certificate: {refused.verify_message}"
        return Check(what, why, ok=False, repair="SSL_CERT_FILE can name your company's own authority")
    except (OSError, UnicodeError) as refused:
        why = str(refused.strerror or refused) if isinstance(refused, OSError) else "no host name"
        return Check(what, why, ok=False, repair="check the address, the name server and the proxy")


def clock_check(told: datetime | None) -> Check:
    """How far this machine's clock is from the one a system states (None: it states no time)."""
    if told is None:
        return Check("clock", "the system states no time", ok=True)
    skew = abs(told - utc_clock())
    found = f"{int(skew.total_seconds())} s apart"
    return Check("clock", found, ok=skew <= _SKEW, repair="" if skew <= _SKEW else "set this machine's clock by NTP")
