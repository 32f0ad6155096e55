"""The fault rig: seeded histories of everything that breaks, with a truth beside them that knows every edit.

`python -m clmcrm.testing.faults --seeds N --start S` runs it. The same seed makes the same history.
"""
