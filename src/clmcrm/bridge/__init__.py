"""Where the two wings meet: from a won opportunity to a contract, and from a contract back to the seller."""
