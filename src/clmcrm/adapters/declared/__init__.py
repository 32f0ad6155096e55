"""An adapter described in a TOML file and no code: endpoints, paging, field maps, preconditions and limits.

`clmcrm.adapters.declared.reading.load_description` reads the file, `clmcrm.adapters.declared.system.DeclaredSystem`
is the adapter that it describes.
"""
