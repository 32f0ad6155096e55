"""The report in a real browser: it is complete, asks nobody for anything, and reads on every size of paper."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import frozen

from clmcrm.bridge.account_view import AccountView
from clmcrm.clm.stages import Stage
from clmcrm.parties.accounts import Account
from clmcrm.report.account_page import render_account
from clmcrm.report.lifecycle_picture import lifecycle_picture
from clmcrm.report.page import render_html
from clmcrm.report.plan_page import PlanShown, render_plan
from clmcrm.report.sections import Card, Cell, section
from clmcrm.sync.standard import standard_rules
from clmcrm.sync.steps import Plan
from clmcrm.values.ids import AccountId
from clmcrm.values.wording import Language, Wording

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DRIVER = shutil.which("chromedriver")
BROWSER = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")
AXE = os.environ.get("CLMCRM_AXE", "")
"""Where axe.min.js lies (axe-core), for the checks of accessibility."""


@frozen
class Browser:
    """A headless browser, steered over the WebDriver protocol."""

    url: str

    def call(self, path: str, **body: object) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own driver on this machine
            f"{self.url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - a driver on loopback
            return json.load(answer)["value"]

    def devtools(self, command: str, **params: object) -> Any:
        return self.call("/goog/cdp/execute", cmd=command, params=params)

    def run(self, script: str) -> Any:
        return self.call("/execute/sync", script=script, args=[])

    def log(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("/se/log", type=kind)
        return found

    def open(self, path: Path, *, width: int, scheme: str) -> None:
        """The file at that width (in CSS pixels), in the light or the dark scheme."""
        _ = self.log("performance")
        self.devtools(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500
        )
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        _ = self.call("/url", url=path.as_uri())

    def requests(self) -> list[str]:
        """What the page asked for since it was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        sent = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in sent if not url.startswith("data:")]

    def screenshot(self, path: Path) -> None:
        taken = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        _ = path.write_bytes(base64.b64decode(taken["data"]))


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{url}/status", timeout=5):  # noqa: S310 - a driver on loopback
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    pytest.fail("chromedriver did not answer in ten seconds")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if DRIVER is None or BROWSER is None:
        pytest.skip("no chromium with chromedriver found on the path")
    port = _free_port()
    driver = subprocess.Popen([DRIVER, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
        wanted = {
            "goog:chromeOptions": {"binary": BROWSER, "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        opened = Browser(url).call("/session", capabilities={"alwaysMatch": wanted})
        session = Browser(f"{url}/session/{opened['sessionId']}")
        yield session
        _ = urllib.request.urlopen(urllib.request.Request(session.url, method="DELETE"), timeout=60).close()  # noqa: S310 - a driver on loopback
    finally:
        driver.terminate()
        _ = driver.wait(timeout=20)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: the folder CLMCRM_SHOTS names, or a temporary one."""
    named = os.environ.get("CLMCRM_SHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("shots")
    folder.mkdir(exist_ok=True, parents=True)
    return folder


@pytest.fixture(scope="module")
def page(portfolio: Any, shots: Path) -> Path:
    path = shots / "report.html"
    _ = path.write_text(render_html(portfolio.report), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_the_page_reads_on_every_screen(browser: Browser, page: Path, shots: Path, width: int, scheme: str) -> None:
    browser.open(page, width=width, scheme=scheme)
    assert browser.run("return window.innerWidth") == width
    assert browser.run("return document.documentElement.scrollWidth") == width, "the page scrolls sideways"
    assert browser.requests() == [page.as_uri()]
    assert browser.log("browser") == []
    browser.screenshot(shots / f"report-{width}-{scheme}.png")


WORD = "Rindfleischetikettierung" * 12
LONG = f"{WORD} \u202e{WORD}\u200b {'漢' * 90}"


def _long_report(portfolio: Any) -> str:
    """A report in which every text of a user is one word that fits no screen."""
    said = Wording(LONG, LONG)
    entries = tuple(attrs.evolve(entry, title=LONG, number=WORD, what=said) for entry in portfolio.agenda.entries)
    undated = tuple(attrs.evolve(one, title=LONG, reason=LONG, why=None) for one in portfolio.agenda.undated)
    whole = portfolio.exposures.whole
    left_out = tuple(attrs.evolve(one, record=LONG) for one in whole.left_out)
    lanes = tuple(attrs.evolve(lane, title=LONG) for lane in portfolio.timeline.lanes)
    report = attrs.evolve(
        portfolio.report,
        title=LONG,
        agenda=attrs.evolve(portfolio.agenda, entries=entries, undated=undated),
        exposures=attrs.evolve(portfolio.exposures, whole=attrs.evolve(whole, left_out=left_out)),
        timeline=attrs.evolve(portfolio.timeline, lanes=lanes),
        names=dict.fromkeys(portfolio.names, LONG),
        sections=(section(LONG, (LONG, "b"), ((LONG, Cell(LONG, more=(LONG,))),), intro=LONG),),
        assumptions=(LONG,),
        cards=(Card(label=LONG, value=LONG, note=LONG),),
    )
    return render_html(report)


def _long_plan(_: Any) -> str:
    return render_plan(PlanShown(plan=Plan(rules=standard_rules()), as_of=date(2026, 1, 1), title=LONG))


def _long_account(_: Any) -> str:
    account = Account(id=AccountId("a"), name=LONG)
    return render_account(AccountView(account=account, as_of=date(2026, 1, 1)))


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("made", [_long_report, _long_plan, _long_account])
def test_no_word_is_too_long_for_the_page(
    browser: Browser, portfolio: Any, tmp_path: Path, made: Callable[[Any], str], width: int
) -> None:
    path = tmp_path / "long.html"
    # Everything is opened, so that what is folded away is looked at too.
    _ = path.write_text(made(portfolio).replace("<details", "<details open"), encoding="utf-8")
    browser.open(path, width=width, scheme="light")
    assert browser.run(_STICKING_OUT) == []
    assert browser.run("return document.documentElement.scrollWidth") == width, "the page scrolls sideways"


# Every element with a text of its own that reaches beyond the screen, unless it stands in a box that scrolls.
_STICKING_OUT = """
return [...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.scroll, .unseen, .skip') && e.getBoundingClientRect().right > window.innerWidth + 1)
  .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 20));
"""


def test_a_page_that_asks_for_something_would_be_noticed(browser: Browser, page: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "spoilt.html"
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    asking = '<img alt="" src="http://127.0.0.1:9/x.png"><div style="width:3000px">wide</div></body>'
    _ = spoilt.write_text(text.replace("</body>", asking), encoding="utf-8")
    browser.open(spoilt, width=390, scheme="light")
    assert browser.run("return document.documentElement.scrollWidth") > 390
    assert "http://127.0.0.1:9/x.png" in browser.requests()
    assert browser.log("browser") != []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_text_of_a_picture_is_clipped_or_overlaps_another(
    browser: Browser, portfolio: Any, shots: Path, language: Any
) -> None:
    path = shots / f"report-{language}.html"
    _ = path.write_text(render_html(portfolio.report, language), encoding="utf-8")
    browser.open(path, width=1280, scheme="light")
    assert browser.run(_OVERLAPS) == []
    browser.screenshot(shots / f"report-1280-{language}.png")


def test_the_lifecycle_picture_has_no_overlapping_text(browser: Browser, shots: Path) -> None:
    for scheme, stage, language in _PICTURES:
        path = shots / f"lifecycle-{scheme}.svg"
        _ = path.write_text(lifecycle_picture(stage, language), encoding="utf-8")
        browser.open(path, width=1000, scheme=scheme)
        assert browser.run(_OVERLAPS) == []
        browser.screenshot(shots / f"lifecycle-{scheme}.png")


_PICTURES: tuple[tuple[str, Stage | None, Language], ...] = (
    ("light", None, "en"),
    ("dark", Stage.IN_EFFECT, "fr"),
)

# Every text of every picture against every other, and against the picture's own edges.
_OVERLAPS = """
const found = [];
for (const svg of document.querySelectorAll('svg')) {
  const frame = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()]);
  texts.forEach(([a, r], i) => {
    if (r.left < frame.left - 1 || r.right > frame.right + 1 || r.bottom > frame.bottom + 1) found.push([a, 'edge']);
    for (const [b, s] of texts.slice(i + 1)) {
      const wide = Math.min(r.right, s.right) - Math.max(r.left, s.left);
      const high = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top);
      if (wide > 1 && high > 3) found.push([a, b]);
    }
  });
}
return found;
"""


def test_the_printed_report_holds_every_step(browser: Browser, portfolio: Any, page: Path, shots: Path) -> None:
    browser.open(page, width=1280, scheme="dark")
    browser.devtools("Emulation.setEmulatedMedia", media="print", features=[])
    printed = browser.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    pdf = base64.b64decode(printed["data"])
    _ = (shots / "report.pdf").write_bytes(pdf)
    sizes = {
        tuple(round(float(n)) for n in box.split()) for box in re.findall(rb"/MediaBox ?\[([^\]]*)\]", _plain(pdf))
    }
    pages = len(re.findall(rb"/Type ?/Page\b", _plain(pdf)))
    assert sizes == {(0, 0, 595, 842)}, "not A4"
    assert 4 <= pages <= 14
    steps = browser.run("return document.querySelectorAll('.agenda .steps li').length")
    opened = browser.run("return [...document.querySelectorAll('.agenda .steps')].map(e => e.offsetHeight)")
    assert steps >= sum(len(entry.steps) for entry in portfolio.agenda.entries)
    assert all(height > 0 for height in opened), "a closed explanation would be missing on paper"
    colour = browser.run("return getComputedStyle(document.body).color")
    assert colour == "rgb(24, 32, 43)", "print is always light"


def _plain(pdf: bytes) -> bytes:
    """The file with its compressed object streams unpacked."""
    parts = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            parts.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(parts)


def test_the_page_can_be_walked_by_keyboard(browser: Browser, page: Path) -> None:
    browser.open(page, width=1280, scheme="light")
    for kind in ("keyDown", "keyUp"):
        browser.devtools("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert browser.run("return document.activeElement.className") == "skip"
    assert browser.run("return document.activeElement.getBoundingClientRect().top") >= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(browser: Browser, page: Path, tmp_path: Path, width: int, scheme: str) -> None:
    if not AXE:
        pytest.skip("CLMCRM_AXE does not name axe.min.js (axe-core)")
    copy = tmp_path / "axe.html"
    # Everything is opened, so that what is folded away is looked at too.
    text = page.read_text(encoding="utf-8").replace("<details", "<details open")
    _ = copy.write_text(text, encoding="utf-8")
    browser.open(copy, width=width, scheme=scheme)
    _ = browser.run(Path(AXE).read_text(encoding="utf-8"))
    assert browser.call("/execute/async", script=_AXE_RUN, args=[]) == []


def test_axe_would_find_a_page_without_a_language(browser: Browser, page: Path, tmp_path: Path) -> None:
    if not AXE:
        pytest.skip("CLMCRM_AXE does not name axe.min.js (axe-core)")
    spoilt = tmp_path / "spoilt.html"
    _ = spoilt.write_text(page.read_text(encoding="utf-8").replace('<html lang="en">', "<html>"), encoding="utf-8")
    browser.open(spoilt, width=1280, scheme="light")
    _ = browser.run(Path(AXE).read_text(encoding="utf-8"))
    assert [found[0] for found in browser.call("/execute/async", script=_AXE_RUN, args=[])] == ["html-has-lang"]


_AXE_RUN = """
const done = arguments[0];
const brief = v => [v.id, v.impact, v.nodes.map(n => n.html).slice(0, 3)];
axe.run().then(r => done(r.violations.map(brief)));
"""
