"""Pipedrive as a CRM: organizations, persons, deals with their products, and contract terms written back."""
