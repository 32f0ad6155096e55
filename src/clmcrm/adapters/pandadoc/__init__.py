"""PandaDoc as the service that collects signatures."""
