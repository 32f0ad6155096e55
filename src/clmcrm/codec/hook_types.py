"""What cattrs hands to a rule and expects back: annotations, values, and the functions that write and read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_origin

from clmcrm.ports.records import Json

# An annotation is whatever stands in a class body, and a value whatever a caller hands over.
Annotation = Any
"""A type as it is annotated."""
Value = Any
"""A value of some annotated type, or the JSON it is read from."""
Reader = Callable[[Value, Annotation], Value]
"""Reads JSON as a value of the annotated type."""
Writer = Callable[[Value], Json]
"""Writes a value as JSON."""


def origin_of(annotation: Annotation) -> Annotation:
    """What the annotation is built of: tuple for `tuple[int, ...]`, None for a plain class.

    >>> origin_of(tuple[int, ...]), origin_of(int)
    (<class 'tuple'>, None)
    """
    return get_origin(annotation)
