"""docs/clients.md: every block is run as it stands, but for the service's address, and prints what stands below it."""

import pathlib
import re

import pytest
from harness import document

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs" / "clients.md"
SEED = ROOT / "docs" / "seed.yaml"
SECTIONS = document.sections(PAGE)
CLIENTS = {"python-openstackclient", "openstacksdk", "python-cinderclient", "huaweicloudsdkevs"}


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_runs_as_it_stands(service, tmp_path, section):
    service.command("import", str(SEED))
    blocks = SECTIONS[section]
    known = SEED.read_text() + "".join(block.text for block in blocks)
    folder = tmp_path / "reader"
    folder.mkdir()
    for block, printed in zip(blocks, document.run(blocks, folder, service.url), strict=True):
        assert document.settled(printed, known) == document.settled(block.expected or "", known), block.text


def test_the_page_names_the_versions_that_are_tried():
    pinned = set((ROOT / "tests" / "clients" / "requirements.txt").read_text().splitlines())
    named = set(re.findall(r"`([\w-]+==[\d.]+)`", PAGE.read_text()))
    assert named == {requirement for requirement in pinned if requirement.split("==")[0] in CLIENTS}
