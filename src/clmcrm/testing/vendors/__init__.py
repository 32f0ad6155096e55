"""Stateful fakes of vendors, for tests without an account: each is driven by its vendor's own client, to be honest."""
