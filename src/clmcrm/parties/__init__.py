"""Who takes part: accounts, the people in them, our own units and users, and how they hang together."""
