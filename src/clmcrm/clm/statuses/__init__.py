"""Other systems' status words and our stages: what each word means, and which word says a stage."""
