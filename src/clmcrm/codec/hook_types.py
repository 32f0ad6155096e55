"""What cattrs hands to a rule and expects back: annotations, values, and the functions that write and read them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
