"""Keeps a CRM and a CLM consistent: pull what changed, plan, apply, and let a person resolve conflicts.

The engine merges fields and knows neither wing; what it remembers lives in a journal.
"""
