"""docs/fixture.md: its script and its pytest fixture run as they stand. Those that need an image, tests/compose.sh runs."""

import os
import pathlib
import subprocess
import sys

import pytest
from harness import document
from harness.service import BINARY, PATIENCE

ROOT = pathlib.Path(__file__).parents[2]
BLOCKS = document.sections(ROOT / "docs" / "fixture.md")["Start one"]
(SCRIPT,) = [block.text for block in BLOCKS if block.language == "sh"]
CONFTEST, TEST = [block.text for block in BLOCKS if block.language == "python"]


@pytest.fixture
def run(tmp_path):
    """Runs a program where the page's paths lead somewhere, with `handover` on the PATH."""
    programs, temporary = tmp_path / "programs", tmp_path / "temporary"
    programs.mkdir()
    temporary.mkdir()
    (programs / "handover").symlink_to(pathlib.Path(BINARY).resolve())
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path), "TMPDIR": str(temporary)}

    def run(*words):
        return subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE)

    return run


def test_the_script_starts_one_and_leaves_nothing(run, tmp_path):
    done = run("bash", "-c", SCRIPT)
    assert done.returncode == 0, done
    assert "1a7059f5-8ed7-45b7-8d05-2811e5d09f24" in done.stdout
    assert list((tmp_path / "temporary").iterdir()) == []


def test_the_script_shows_and_keeps_the_log_of_one_that_does_not_start(run, tmp_path):
    done = run("bash", "-c", SCRIPT.replace("--listen 127.0.0.1:0", "--listen 192.0.2.1:0"))
    assert done.returncode == 1, done
    (log,) = (tmp_path / "temporary").glob("*/log")
    assert f"handover does not start; {log} says why:\n{log.read_text()}" in done.stderr
    assert "192.0.2.1:0" in log.read_text()


def pytest_of(run, tmp_path, conftest):
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_text(conftest)
    (tests / "test_client.py").write_text(TEST)
    return run(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", str(tests), str(tests))


def test_the_pytest_fixture_starts_one(run, tmp_path):
    done = pytest_of(run, tmp_path, CONFTEST)
    assert "1 passed" in done.stdout, done


def test_the_pytest_fixture_shows_the_log_of_one_that_does_not_start(run, tmp_path):
    done = pytest_of(run, tmp_path, CONFTEST.replace("--listen=127.0.0.1:0", "--listen=192.0.2.1:0"))
    assert "handover does not start: " in done.stdout, done
    assert "1 error" in done.stdout
