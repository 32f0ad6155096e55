"""Messages that other systems push: how each is believed or refused, kept, and answered; and our own, pushed out.

A message is never the truth. It is checked over its raw bytes, what it is about is kept as a hint, the answer
is given, and the engine reads the record again through the system's own API.
"""
