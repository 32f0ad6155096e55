"""Other people's systems and packages, brought to the ports and protocols of this library."""
