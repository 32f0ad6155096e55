"""A DocuSign of ours: an account that keeps envelopes, lists them late, counts calls, and issues tokens."""
