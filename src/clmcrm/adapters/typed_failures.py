"""What escapes a flow, told in the types of the ports: a vendor's own refusal, and a reply of another shape.

Where a flow treats a refusal it knows what it means. One that it does not treat would stop a whole run as if it were a
mistake of ours; so it leaves as the error that every caller knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from clmcrm.errors import AdapterError, ClmcrmError, MalformedReply
from clmcrm.ports.calls import Flow

T = TypeVar("T")

_SHAPES: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What Python says of a reply that has another shape than the one that is read."""
_LONGEST: Final = 300


def in_types(vendor: str, flow: Flow[T], told: Callable[[Exception], AdapterError | None]) -> Flow[T]:
    """The same flow. It raises `AdapterError` where it would raise a refusal of the vendor's own, or stumble.

    `told` is the error for one of the vendor's own refusals (None: it is none). A reply of another shape is a
    `MalformedReply`.
    """
    try:
        return (yield from flow)
    except ClmcrmError:
        raise
    except _SHAPES as problem:
        what = f"a reply of another shape: {type(problem).__name__}: {problem}"
        raise MalformedReply(vendor, "$", what[:_LONGEST]) from problem
    except Exception as problem:
        known = told(problem)
        if known is None:
            raise
        raise known from problem
