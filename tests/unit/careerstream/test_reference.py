"""The reference is what the code says, and what is written links to what is there."""

import re
from pathlib import Path

import pytest

from careerstream.reference import FOLDER, pages

ROOT = Path(__file__).parents[3]
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_made_from_the_code_is_up_to_date(name):
    assert (FOLDER / name).read_text() == pages()[name], "run `make reference`"


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_between_pages_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []
