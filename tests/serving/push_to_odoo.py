"""A program that brings the accounts of a CLM file into an Odoo; a test kills it in the middle.

`python push_to_odoo.py URL DATABASE KEY FILE` prints how many records it wrote, once settled.
"""

from __future__ import annotations

import sys

from pushing import BRIEF, push

from clmcrm.adapters.odoo.crm import OdooCrm
from clmcrm.adapters.odoo.session import OdooSession
from clmcrm.adapters.odoo.wire import VENDOR
from clmcrm.drivers.secrets import Secret


def main(url: str, database: str, key: str, file: str) -> None:
    session = OdooSession(url, database=database, key=Secret(key))
    push(VENDOR, url, OdooCrm(session, contract_field="x_contract", overlap=BRIEF, batch=100), file)


if __name__ == "__main__":
    main(*sys.argv[1:])
