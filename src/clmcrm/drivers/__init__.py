"""Runs what adapters ask for: retries, budgets, timeouts, tokens and tracing, once for all of them.

An adapter yields calls and never waits, sleeps or retries. Everything the drivers need comes from outside:
the transport, the clock, the sleep.
"""
