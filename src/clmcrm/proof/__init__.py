"""What happened to a contract, so that anyone can check it later without us: logs, evidence packs, erasure."""
