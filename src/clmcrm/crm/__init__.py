"""The customer's side: who might buy, what was offered, and how the sale went.

The contract's side is another wing; the two refer to each other by id only.
"""
