"""The ground floor: small exact values every room builds with (money, dates, ids, rates, provenance)."""
