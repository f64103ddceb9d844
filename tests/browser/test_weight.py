"""The site stays light and needs nobody else: it works on a train and behind a firewall."""

import re
from pathlib import Path

import web

SITE = Path(web.__file__).parent / "site"
LIMIT_KIB = 120


def test_scripts_and_styles_weigh_less_than_their_limit():
    files = [file for kind in ("js", "css") for file in SITE.rglob(f"*.{kind}")]

    assert files
    assert sum(file.stat().st_size for file in files) < LIMIT_KIB * 1024


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
        visitor.page.wait_for_timeout(300)

    assert asked
    assert [url for url in asked if not url.startswith(visitor.site)] == []
