"""A strict reading of a vendor's own API description: what an adapter sends must stand in it, to the last field.

Works for any Swagger 2.0 or OpenAPI 3 file. `jsonschema_rs` and PyYAML (the extra `test`) are imported when a
description is read or a body is checked.
"""
