"""HubSpot as a CRM: companies, contacts, deals with their line items, and contract terms written back."""
