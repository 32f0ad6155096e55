"""Ironclad: records and workflows as contracts, entities as accounts, obligations as duties due."""
