"""What the two wings show together: the return of a contract system, the likelihood of a renewal."""
