"""What every room's tests share: how hard properties are tried, and a real browser.

`--hypothesis-profile=nightly` tries every property 250 times harder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from visits import Visit

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

# No deadline: a slow machine is no failure. print_blob shows the line that repeats a failing example.
settings.register_profile("house", max_examples=40, deadline=None, print_blob=True)
settings.register_profile("quick", max_examples=10, deadline=None, print_blob=True)  # other versions, same rules
settings.register_profile(
    "nightly",
    max_examples=10_000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how many steps the state machines took, where any ran in this process."""
    from machine_steps import summary  # noqa: PLC0415 - it reads the profile, which is chosen only later

    for line in summary():
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A Chromium without a window and without a network; skips where there is none."""
    binary = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    driver = shutil.which("chromedriver")
    if binary is None or driver is None:
        pytest.skip("no Chromium with its driver on this machine")
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is in the group browser")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    profile = tmp_path_factory.mktemp("chromium")
    for argument in (
        "headless=new", "no-sandbox", "disable-gpu", "disable-dev-shm-usage", "hide-scrollbars",
        "host-resolver-rules=MAP * ~NOTFOUND", f"user-data-dir={profile}", "window-size=1280,900",
    ):  # fmt: skip
        options.add_argument(f"--{argument}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=driver))
    yield browser
    browser.quit()


@pytest.fixture
def visit(chromium: Chrome) -> Visit:
    """What a visitor of a page would notice."""
    return Visit(chromium)
