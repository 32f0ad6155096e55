"""A page seen in a real browser: what it shows, asks for and complains about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


class Visit:
    """One visitor, who opens pages from the disk."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def open(self, page: Path) -> None:
        """Open `page`; what an earlier page logged is forgotten."""
        _ = self.browser.get_log("browser")  # type: ignore[no-untyped-call] # selenium
        self.browser.get(page.as_uri())

    @property
    def outside_requests(self) -> list[str]:
        """Every address the page asked for that is not a file beside it."""
        code = "return performance.getEntriesByType('resource').map(entry => entry.name)"
        names: list[str] = self.browser.execute_script(code)
        return [name for name in names if not name.startswith(("file:", "data:"))]

    @property
    def errors(self) -> list[str]:
        """What the console complains about."""
        log: list[dict[str, str]] = self.browser.get_log("browser")  # type: ignore[no-untyped-call] # selenium
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    @property
    def sideways(self) -> int:
        """By how many pixels the page is wider than the window; zero when nothing has to be scrolled."""
        code = "const e = document.documentElement; return e.scrollWidth - e.clientWidth"
        return int(self.browser.execute_script(code))

    def resize(self, width: int, height: int) -> None:
        """Give the page a window of `width` x `height` pixels, as a phone or a screen would."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        _ = self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
