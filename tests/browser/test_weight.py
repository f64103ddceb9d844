"""The site stays light and needs nobody else: it works on a train and behind a firewall."""

import re
from pathlib import Path

import web

SITE = Path(web.__file__).parent / "site"
LIMIT_KIB = 120


ON_DEMAND_KIB = 8
"""What one page may weigh that is loaded by who opens it, and by nobody else."""


def on_demand():
    """Answer the scripts that no page loads before it is opened: `import("./views/privacy.js")`."""
    sources = list(SITE.rglob("*.js"))
    named = [(file, name) for file in sources for name in re.findall(r"""import\("(\./[^"]+)"\)""", file.read_text())]
    return {(file.parent / name).resolve() for file, name in named}


def test_scripts_and_styles_of_a_visit_weigh_less_than_their_limit():
    files = {file.resolve() for kind in ("js", "css") for file in SITE.rglob(f"*.{kind}")} - on_demand()

    assert files
    assert sum(file.stat().st_size for file in files) < LIMIT_KIB * 1024


def test_a_page_that_is_loaded_on_demand_is_small():
    assert on_demand()
    assert all(file.stat().st_size < ON_DEMAND_KIB * 1024 for file in on_demand())


def test_no_file_of_the_site_names_another_host():
    for file in SITE.rglob("*"):
        if file.suffix in {".js", ".css", ".html"}:
            named = re.findall(r"https?://[\w.-]+", file.read_text())
            assert [one for one in named if one != "http://www.w3.org"] == [], file.name


def test_no_view_asks_another_host_for_anything(visit):
    visitor = visit()
    asked = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    for path in ("/search", "/preferences", "/saved", f"/jobs/{visitor.playlist()[0]}", "/"):
        visitor.go(path)
        visitor.shown()

    assert asked
    assert [url for url in asked if not url.startswith(visitor.site)] == []
