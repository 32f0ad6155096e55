"""Salesforce as a CRM, over its REST API: accounts, contacts, opportunities, and terms on contracts."""
