"""How hard the properties are tried: `--hypothesis-profile=nightly` tries a hundred times harder."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# No deadline: a slow machine is no failure. print_blob shows the line that repeats a failing example.
settings.register_profile("house", max_examples=100, deadline=None, print_blob=True)
settings.register_profile(
    "nightly",
    max_examples=10_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")
