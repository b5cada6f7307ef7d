"""docs/expiry.md and docs/history.md: every block is run as it stands, but for the service's address, and prints what stands below it."""

import pathlib

import pytest
from harness import document
from harness.service import BINARY

DOCS = pathlib.Path(__file__).parents[2] / "docs"
SEED = DOCS / "seed.yaml"
PAGES = {page: document.sections(DOCS / page) for page in ("expiry.md", "history.md")}
# a page's first sections are one session
RUN = {"expiry.md": ["For one offer", "For all offers"], "history.md": ["Who took my volume", "Why is it stuck", "Would it be refused"]}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_as_it_stands(service, tmp_path, page):
    service.command("import", str(SEED))
    blocks = [block for section in RUN[page] for block in PAGES[page][section]]
    assert all(block.expected for block in blocks), "each says what it prints"
    folder = tmp_path / "reader"
    folder.mkdir()
    (folder / "handover").symlink_to(pathlib.Path(BINARY).resolve())
    ready = document.Block("sh", f"export PATH=$PWD:$PATH HANDOVER_DATABASE_URL={service.database}\n", "")
    known = SEED.read_text() + "".join(block.text for block in blocks)
    shown = document.run([ready, *blocks], folder, service.url)
    for block, printed in zip([ready, *blocks], shown, strict=True):
        assert document.settled(printed, known) == document.settled(block.expected, known), block.text
