"""Tryton as a CRM, over its JSON-RPC; see `clmcrm.adapters.tryton.crm`."""
