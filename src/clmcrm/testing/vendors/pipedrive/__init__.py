"""A Pipedrive that answers in the same process: organizations, persons and deals, their fields, search and changelog.

Written from the vendor's documentation; the vendor's reference, a client of others and our adapter all drive it.
"""
