"""Transports over HTTP for the drivers: what a host passes to `Driver` and `AsyncDriver`."""

from __future__ import annotations

from clmcrm.adapters._http import MOST_BYTES, AsyncHttpTransport, HttpTransport, trusted

__all__ = ["MOST_BYTES", "AsyncHttpTransport", "HttpTransport", "trusted"]
