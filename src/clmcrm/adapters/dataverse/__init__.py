"""Dynamics 365 on Microsoft Dataverse as a CRM, by its Web API (OData 4)."""
