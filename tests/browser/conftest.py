"""A real Chromium, and the real app with an empty ``EMNIST_HOME``, both for the whole session."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.browser import CHROMIUM, FLAGS, HOW_TO_GET_ONE, App, Visitor, serve

COMPLAINTS = ("Traceback", "Error:", "Warning", "deprecated", "created with a default value")
"""What stands in a line of the server's log when Streamlit, a library or a page found something wrong."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, at the end, why the browser tests were skipped."""
    if CHROMIUM is None and "skipped" in terminalreporter.stats:
        terminalreporter.write_line(HOW_TO_GET_ONE)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; without one the tests are skipped."""
    if CHROMIUM is None:
        pytest.skip(HOW_TO_GET_ONE)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def app(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:  # noqa: ARG001
    """The app; it is not started when there is no browser to look at it."""
    with serve(tmp_path_factory.mktemp("app")) as running:
        yield running


@pytest.fixture
def visit(chromium: Browser, app: App) -> Iterator[Callable[..., Visitor]]:
    """``visit(**options)`` opens a window of its own; nothing may have gone wrong in it by the test's end."""
    visitors = []

    def visit(**options: object) -> Visitor:
        context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})
        visitors.append(Visitor(app, context.new_page()))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.assert_sound()
        visitor.page.context.close()
    log = (app.home / "server.log").read_text(encoding="utf-8")
    assert [line for line in log.splitlines() if any(sign in line for sign in COMPLAINTS)] == []
