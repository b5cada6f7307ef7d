"""Clients as processes: what was said, on which channel, with which exit status."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys

from .service import PATIENCE

# beside the Python that runs the tests: the environment that requirements.txt made
PROGRAMS = pathlib.Path(sys.executable).parent


@dataclasses.dataclass
class Said:
    words: list
    exit: int
    out: str
    err: str

    def well(self):
        """It succeeded, and had nothing to complain about."""
        assert (self.exit, self.err) == (0, ""), self
        return self

    def json(self):
        return json.loads(self.well().out)

    def rows(self):
        """The rows of a table of lines, by its heads."""
        lines = [line for line in self.well().out.splitlines() if line.startswith("|")]
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        return [dict(zip(cells[0], row, strict=True)) for row in cells[1:]]

    def properties(self):
        """A table of two columns: what each property is."""
        return {row["Property"]: row["Value"] for row in self.rows()}

    def complaint(self):
        """It failed, and printed nothing but why."""
        assert (self.exit, self.out) == (1, ""), self
        return self.err.strip()


def run(words, folder, **environment):
    """Runs a program of a client's with nothing of our own environment that could be its setting."""
    done = subprocess.run(
        [PROGRAMS / words[0], *words[1:]],
        env=clean_environment(folder) | environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return Said(words, done.returncode, done.stdout, done.stderr)


def clean_environment(folder):
    """No settings, no proxies, no files of a user's; terminals as wide as their tables."""
    path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(folder), "XDG_CACHE_HOME": str(PROGRAMS.parent / "cache"), "LANG": "C.UTF-8"}
