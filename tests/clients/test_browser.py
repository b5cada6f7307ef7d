"""What a person sees who opens the service in a browser: a real one, without a window."""

import re
import subprocess

import pytest

# None of them would be asked for by this test, and each would ask somebody else.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-quic", "--disable-sync", "--no-first-run"]


@pytest.fixture
def seen(start, tmp_path):
    """The page at a path, as it is once its scripts have run; over a service with the volumes of the tour."""
    service = start("--demo")

    def seen(path):
        place = ["--user-data-dir=" + str(tmp_path / "browser"), "--virtual-time-budget=20000"]
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", *QUIET, *place, "--dump-dom", service.url + path]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    return seen


def test_the_root_is_a_page_that_leads_to_the_others(seen):
    page = seen("/")
    assert "<title>Handover " in page
    assert "callers are whoever they say they are" in page
    assert re.findall(r'href="http://[^/"]+(/[^"]*)"', page) == [
        "/docs/",
        "/openapi.json",
        "/health/ready",
        "/health/live",
        "/metrics",
    ]


def test_the_apis_page_shows_each_operation_once_and_asks_for_what_the_tour_has(seen):
    page = seen("/docs/#/transfers/v3_transfers_show_volume_transfers")
    assert "<title>Handover: the API</title>" in page
    operations = re.findall(r'opblock-summary-method">(\w+)<.*?data-path="([^"]+)"', page)
    below = [(method, re.sub(r"^/v[23](/\{project_id\})?(?=/.)", "", path)) for method, path in operations]
    assert len(below) > 80
    assert sorted(below) == sorted(set(below)), "an operation is shown at two of its paths"
    assert {("GET", "/docs"), ("GET", "/docs/")} <= set(below), "an operation is told only as another's path"
    assert "Also at <code>/v3/volume-transfers/{transfer_id}</code>" in page
    filled = dict(re.findall(r'<input[^>]* placeholder="([^"]+)" value="([^"]+)"', page))
    assert filled == {"project_id": "firstproject", "transfer_id": "1a7059f5-8ed7-45b7-8d05-2811e5d09f24"}
