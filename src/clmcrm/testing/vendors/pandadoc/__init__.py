"""A PandaDoc of ours: its documents, what people do with them, and how it answers."""
