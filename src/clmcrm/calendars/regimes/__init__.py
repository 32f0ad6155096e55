"""How the law of a place counts periods: one module per legal order, each rule with its source.

`clmcrm.calendars.regimes.known` finds a regime by name.
"""
