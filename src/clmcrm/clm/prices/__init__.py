"""What a contract costs on a day and why: prices in force, parts of periods, revisions, volumes, deltas."""
