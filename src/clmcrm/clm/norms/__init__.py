"""The life of norms: what became of each duty and each power, from a ledger of facts and a day."""
