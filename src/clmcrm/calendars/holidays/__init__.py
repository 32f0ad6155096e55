"""Legal holidays of the places this library knows, each with the text that sets it and its validity.

Import from the module of the place, or ask `clmcrm.calendars.catalogue`.
"""
