"""The page in a browser: nothing leaves it, nothing is wrong with it, and it fits a telephone.  Needs Chromium."""

from __future__ import annotations

import http.server
import re
import subprocess
import threading

import pytest

from dq.report.html import render

from . import runs
from .browser import CHROMIUM
from .test_html import poisoned, texts

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")]
PROBE = "probe.invalid"
QUIET = ("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run")


class Listener(http.server.BaseHTTPRequestHandler):
    """A proxy that answers nothing and remembers what was asked of it."""

    asked: list[str]

    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_error(404)

    do_CONNECT = do_POST = do_HEAD = do_GET  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def listener():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def browse(path, listener, *options):
    """Open a file and return the page as it stood after a while, and what the console said."""
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", *QUIET, f"--user-data-dir={path.parent / 'profile'}",
         f"--proxy-server=127.0.0.1:{listener.server_port}", "--proxy-bypass-list=<-loopback>", "--enable-logging=stderr",
         "--virtual-time-budget=4000", *options, "--dump-dom", f"file://{path}"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def asked(listener):
    return [path for path in listener.asked if PROBE in path]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return runs.reports(tmp_path_factory.mktemp("reports"))["every type"]


ATTACKS = (
    f'"><img src="http://{PROBE}/a"><script>document.title="run"</script>',
    f"</script><script>fetch('http://{PROBE}/b')</script>",
    f"</style><style>@import 'http://{PROBE}/c';</style>",
    f"<svg onload=\"location='http://{PROBE}/d'\">",
)


def test_the_listener_hears_a_page_that_fetches(tmp_path, listener):
    (tmp_path / "page.html").write_text(f"<img src='http://{PROBE}/x'>")
    browse(tmp_path / "page.html", listener)
    assert asked(listener)


def test_no_attack_in_the_data_makes_the_page_fetch_run_or_complain(tmp_path, listener, report):
    (tmp_path / "page.html").write_bytes(render(poisoned(report, texts(*ATTACKS))))
    page, console = browse(tmp_path / "page.html", listener)
    assert asked(listener) == []
    assert console == []
    assert "<title>run</title>" not in page


def test_the_policy_stops_what_escaping_would_have_let_through(tmp_path, listener, report):
    """Were a value not escaped, its script would not run and its picture would not be fetched."""
    page = render(report).replace(b"</main>", "".join(ATTACKS).encode() + b"</main>")
    (tmp_path / "page.html").write_bytes(page)
    shown, console = browse(tmp_path / "page.html", listener)
    assert asked(listener) == []
    assert console
    assert "<title>run</title>" not in shown


def test_the_script_brings_controls(tmp_path, listener, report):
    (tmp_path / "page.html").write_bytes(render(report))
    page, console = browse(tmp_path / "page.html", listener)
    assert console == []
    assert page.count('type="search"') == 2
    assert re.search(r"<th[^>]*><button[^>]*>Check</button>", page)


@pytest.mark.parametrize("width", [320, 390, 768, 1001, 1280])
def test_the_page_is_never_wider_than_its_window(tmp_path, listener, report, width):
    """With long words everywhere, and everything unfolded."""
    (tmp_path / "page.html").write_bytes(render(poisoned(report, texts("unbreakable" * 12))))
    (tmp_path / "frame.html").write_text(
        f"<iframe width={width} height=800 src=page.html></iframe><script>onload = () => {{"
        "const page = document.querySelector('iframe').contentDocument;"
        "for (const each of page.querySelectorAll('details')) each.open = true;"
        "document.title = page.documentElement.scrollWidth + ' of ' + page.documentElement.clientWidth; }</script>"
    )
    page, _ = browse(tmp_path / "frame.html", listener, "--allow-file-access-from-files")
    found = re.search(r"<title>(\d+) of (\d+)</title>", page)
    assert int(found[1]) <= int(found[2])
    assert width - 20 <= int(found[2]) <= width
