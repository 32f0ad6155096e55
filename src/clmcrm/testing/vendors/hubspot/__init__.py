"""A HubSpot account that keeps its data in memory: objects, search with its lag, associations, merges, refusals.

It knows nothing of our adapter, and is driven by the vendor's own client in a test, which keeps it honest.
"""
