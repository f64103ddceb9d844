"""Descriptions of feeds as HTML that may stand on a page."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.descriptions import html_of, unescaped

_MARKUP = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<b>",
            "</i>",
            "<ul><li>",
            "&amp;",
            "&lt;",
            "&gt;",
            "&lt;b&gt;",
            "&amp;lt;p&amp;gt;",
            "<script>",
            "</script>",
            "<a href='javascript:x'>",
            "\n",
            "\n\n",
            "• ",
            "- ",
            "text",
            "<",
            ">",
            "&",
            "<!--",
        ]
    )
    | st.text(max_size=5),
    max_size=12,
).map("".join)
_PLAIN = st.text(st.characters(categories=["L", "N"], include_characters=" .,:!?&<>\n"), max_size=80).filter(
    lambda text: not re.search("<[a-zA-Z][^<>]*>", text)
)
"""Neither a tag, of which nobody can say that it is none, nor (it has no semicolon) an entity."""


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("", ""),
        ("Plain & <5 years", "<p>Plain &amp; &lt;5 years</p>"),
        ("One.\nTwo.\n\nThree.", "<p>One.<br>Two.</p>\n<p>Three.</p>"),
        (
            "You will:\n• lift\n- carry\nThe end",
            "<p>You will:</p>\n<ul><li>lift</li><li>carry</li></ul>\n<p>The end</p>",
        ),
        ("<p>Kept <b>whole</b></p>", "<p>Kept <b>whole</b></p>"),
        ("&lt;p&gt;R&amp;amp;D&lt;/p&gt;", "<p>R&amp;D</p>"),
        ("&amp;lt;p&amp;gt;Twice&amp;lt;/p&amp;gt;", "<p>Twice</p>"),
        ("<p onclick='x()' style='color:red'>Hi</p>", "<p>Hi</p>"),
        ("<script>alert(1)</script><p>Hi</p>", "<p>Hi</p>"),
        ("<img src=x onerror=alert(1)>Hi", "<p>Hi</p>"),
        ("<a href='javascript:alert(1)'>go</a>", '<a rel="nofollow noopener noreferrer">go</a>'),
        ("<div>a</div><div>b</div>", "<div>a</div><div>b</div>"),
        ("nul\x00l", "<p>null</p>"),
    ],
)
def test_a_description_becomes_html_that_may_stand_on_a_page(written, html):
    assert html_of(written) == html


@given(_MARKUP)
def test_what_was_cleaned_once_stays_as_it_is(written):
    assert html_of(html_of(written)) == html_of(written)


@given(_MARKUP)
def test_no_description_brings_a_script_or_a_handler(written):
    html = html_of(written).lower()

    assert "<script" not in html
    assert "javascript:x'>" not in html


@given(_PLAIN)
def test_no_word_of_a_plain_text_is_lost(text):
    said = html_of(text).replace("<br>", " ").replace("<p>", " ").replace("</p>", " ")

    assert unescaped(said).split() == text.split()


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("R&D", "R&D"),
        ("R&amp;D", "R&D"),
        ("a&notit", "a&notit"),
        ("&#228;&#xe4;&auml;", "äää"),
        ("&#0;&#xD800;", "&#0;&#xD800;"),
    ],
)
def test_only_whole_entities_are_resolved(written, text):
    assert unescaped(written) == text
