"""An Ironclad of ours: a company with records, workflows, entities and obligations, behind its public API."""
