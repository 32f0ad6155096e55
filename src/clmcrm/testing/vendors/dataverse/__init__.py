"""A fake environment of Microsoft Dataverse."""
