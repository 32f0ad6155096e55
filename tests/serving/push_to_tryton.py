"""A program that brings the accounts of a CLM file into a Tryton; a test kills it in the middle.

`python push_to_tryton.py URL PASSWORD COMPANY FILE` prints how many records it wrote, once settled.
"""

from __future__ import annotations

import sys

from pushing import BRIEF, push

from clmcrm.adapters.tryton.crm import TrytonCrm
from clmcrm.adapters.tryton.session import TrytonSession
from clmcrm.adapters.tryton.wire import VENDOR


def main(url: str, password: str, company: str, file: str) -> None:
    session = TrytonSession(url, database="crm", user="admin", password=password, company=int(company))
    push(VENDOR, url, TrytonCrm(session, overlap=BRIEF, batch=100), file)


if __name__ == "__main__":
    main(*sys.argv[1:])
