"""Documents that run: the blocks of a section are one session, and what stands below a block is what it prints."""

import dataclasses
import pathlib
import re
import subprocess
import sys

from .cli import clean_environment
from .service import PATIENCE

ADDRESS = "http://127.0.0.1:8776"  # where a reader's service listens
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# What is another one each time; each has one width, so that tables stay as they are.
CHANGES = {
    "id": r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
    "time": r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\b",
    "key": r"\b(?=[0-9]*[a-f])[0-9a-f]{16}\b",
}
PROGRAM = {"sh": ["bash"], "python": [sys.executable]}
# A session: each block after the other in one shell or interpreter, what it prints in a file of its own.
SHELL = ". ./block-{n} >printed-{n} 2>&1 || true\n"  # a block may show what fails
PYTHON = """
with open("printed-{n}", "w") as printed, contextlib.redirect_stdout(printed):
    exec(compile(open("block-{n}").read(), "block {n}", "exec"), globals())
"""
SESSION = {"sh": SHELL, "python": PYTHON}
BEGIN = {"sh": "", "python": "import contextlib\n"}


@dataclasses.dataclass
class Block:
    language: str
    text: str
    expected: str | None = None


def sections(path):
    """The blocks of each section, by its heading."""
    found = {}
    for part in re.split(r"^## ", path.read_text(), flags=re.MULTILINE):
        blocks = []
        for language, text in FENCE.findall(part):
            if language == "text":
                blocks[-1].expected = text
            else:
                blocks.append(Block(language, text))
        if blocks:
            found[part.splitlines()[0]] = blocks
    return found


def run(blocks, folder, address):
    """Runs a section against the service at an address; what each block printed, as a reader would see it."""
    (language,) = {block.language for block in blocks}
    session = BEGIN[language]
    for n, block in enumerate(blocks):
        (folder / f"block-{n}").write_text(block.text.replace(ADDRESS, address))
        session += SESSION[language].format(n=n)
    done = subprocess.run(
        [*PROGRAM[language], "-c", session],
        env=clean_environment(folder) | {"PYTHONWARNINGS": "ignore"},
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE * len(blocks),
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, ""), done.stderr
    return [(folder / f"printed-{n}").read_text().replace(address, ADDRESS) for n in range(len(blocks))]


def settled(text, known):
    """A text with what changes each time made the same, but for what is known beforehand."""
    for pattern in CHANGES.values():
        text = re.sub(pattern, lambda found: found[0] if found[0] in known else "·" * len(found[0]), text)
    return text
