"""Contracts out of somebody else's CSV file: columns guessed or declared, every unreadable cell reported.

Rows come from `cells`, their meaning from a `mapping` (guessed by `columns` or loaded from a TOML file), and
`contracts` joins the two. A row is never dropped for what is in it.
"""
