"""The sample company, read once."""

from __future__ import annotations

import pytest

from clmcrm.sample.company import Company, load_company


@pytest.fixture(scope="session")
def company() -> Company:
    return load_company()
