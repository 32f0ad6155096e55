"""The CLM wing: contracts, what they promise, and their life from request to extinction."""
