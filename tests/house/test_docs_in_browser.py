"""The documentation opens from the disk in a real browser: no network, no error, readable on a phone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from visits import Visit

pytestmark = pytest.mark.browser
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def site() -> Path:
    # Where `nox -s docs` builds too: only what changed since is built again.
    out = DOCS / "_build" / "html"
    command = [sys.executable, "-m", "sphinx", "-q", "-j", "auto", str(DOCS), str(out)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert ran.returncode == 0, ran.stderr
    return out


@pytest.mark.parametrize(
    "page",
    [
        "index.html",
        "tutorial/exact_values.html",
        "reference/rooms/values.html",
        "explanation/architecture.html",
    ],
)
def test_page_opens_without_network_or_error(site: Path, visit: Visit, page: str) -> None:
    visit.open(site / page)
    assert "clmcrm" in visit.browser.title
    assert visit.outside_requests == []
    assert visit.errors == []


def test_page_fits_a_phone(site: Path, visit: Visit, tmp_path: Path) -> None:
    visit.resize(390, 844)
    visit.open(site / "explanation" / "architecture.html")
    assert visit.sideways == 0
    assert visit.browser.save_screenshot(str(tmp_path / "phone.png"))


def test_a_page_that_calls_home_is_noticed(visit: Visit, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    _ = page.write_text("<title>x</title><img src='https://example.invalid/pixel.png'>", encoding="utf-8")
    visit.open(page)
    assert visit.outside_requests or visit.errors
