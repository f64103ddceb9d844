"""Files of postings and content: what is sound is accepted, what is not is refused by name."""

import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.feeds import RECORD_LIMIT, Accepted, Refused, count_items, read_feed
from schemas.content import CONTENT_KINDS, Content
from schemas.content_json import content_to_json
from schemas.job_json import job_to_json
from schemas.jobs import Job
from tests.unit.catalog.items import CONTENT, JOBS, a_job, a_posting


@pytest.fixture
def feed(tmp_path):
    """Answer a function that writes a file and reads it as a feed."""

    def read(text, name="feed.json"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list(read_feed(path))

    return read


def the_ids(answers):
    return [answer.item.id if isinstance(answer, Accepted) else None for answer in answers]


def the_sentences(answers):
    return [str(answer) for answer in answers if isinstance(answer, Refused)]


@given(st.lists(JOBS | CONTENT, min_size=1, max_size=4))
def test_json_lines_of_our_own_form_are_read_back(tmp_path_factory, items):
    path = tmp_path_factory.mktemp("feed") / "items.jsonl"
    path.write_bytes(b"\n".join(job_to_json(i) if isinstance(i, Job) else content_to_json(i) for i in items))

    answers = list(read_feed(path))

    assert [answer.item for answer in answers if isinstance(answer, Accepted)] == items
    assert [answer.line for answer in answers] == list(range(1, len(items) + 1))


def test_a_line_that_is_wrong_is_refused_and_the_rest_loads(feed):
    lines = [
        json.dumps({"id": "j-1", "title": "Nurse", "employer": "City"}),
        "",
        json.dumps({"id": "j-2", "title": "Cook", "employer": "City", "salary": {"currency": "USD", "unit": "MOON"}}),
        '{"id": "j-3", ',
        json.dumps({"id": "c-1", "kind": "hero", "title": "Welcome"}),
        json.dumps({"id": "c-2", "kind": "billboard", "title": "Welcome"}),
        json.dumps(["a list"]),
        "17",
    ]

    answers = feed("\n".join(lines), "jobs.jsonl")

    assert the_ids(answers) == ["j-1", None, None, "c-1", None, None, None]
    assert the_sentences(answers) == [
        "jobs.jsonl:3: j-2: salary.unit is 'MOON', expected one of HOUR, DAY, WEEK, MONTH, YEAR",
        "jobs.jsonl:4: it is not JSON: unexpected end of data at column 14",
        f"jobs.jsonl:6: c-2: kind is 'billboard', expected one of {', '.join(CONTENT_KINDS)}",
        "jobs.jsonl:7: it is 'a list', expected an object",
        "jobs.jsonl:8: it is 17, expected an object",
    ]


def test_a_refusal_holds_its_parts(feed):
    (answer,) = feed(json.dumps({"id": "j-1", "title": "Nurse"}), "jobs.jsonl")

    expected = Refused("jobs.jsonl", 1, "employer", "is missing, expected a text that is not empty", "j-1")
    assert answer == expected


def test_a_misspelt_member_is_named_and_does_no_harm(feed):
    (answer,) = feed(json.dumps({"id": "j-1", "title": "Nurse", "employer": "City", "salery": 5, "Places": []}))

    assert answer == Accepted(Job("j-1", "Nurse", "City"), 1, ignored=("Places", "salery"))


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", ["jobs.json", "jobs.jsonld", "jobs", "jobs.json.gz"])
@pytest.mark.parametrize(
    "document",
    [
        [a_posting(identifier="j-1"), a_posting(identifier="j-2")],
        {"@context": "https://schema.org", "@graph": [a_posting(identifier="j-1"), a_posting(identifier="j-2")]},
        [{"@graph": [a_posting(identifier="j-1"), {"@type": "Organization"}]}, a_posting(identifier="j-2")],
        [{"id": "j-1", "title": "Nurse", "employer": "City"}, {"id": "j-2", "kind": "hero", "title": "Welcome"}],
    ],
)
def test_a_document_may_be_a_list_or_a_graph_written_on_one_line_or_many(feed, document, name, indent):
    text = json.dumps(document, indent=indent).encode()

    answers = feed(gzip.compress(text) if name.endswith(".gz") else text, name)

    assert the_ids(answers) == ["j-1", "j-2"]


@pytest.mark.parametrize("indent", [None, 4])
def test_one_posting_is_a_feed(feed, indent):
    assert the_ids(feed(json.dumps(a_posting(), indent=indent))) == ["j-1"]


def test_each_entry_of_a_list_is_told_by_its_own_line(feed):
    text = '[\n  {"id": "j-1", "title": "A", "employer": "E"},\n\n  {"id": "j-2",\n   "title": "B"},\n  {"id": "j-3", "title": "C", "employer": "E"}\n]'  # noqa: E501  # one text with its line breaks

    answers = feed(text)

    assert the_ids(answers) == ["j-1", None, "j-3"]
    assert [answer.line for answer in answers] == [2, 4, 6]


def test_what_stands_before_a_broken_place_in_a_list_is_loaded(feed):
    answers = feed('[{"id": "j-1", "title": "A", "employer": "E"},\n {"id": j-2}]')

    assert the_ids(answers) == ["j-1", None]
    assert the_sentences(answers) == ["feed.json:2: it is not JSON: Expecting value; nothing behind it could be read"]


def test_a_list_without_its_end_is_noticed(feed):
    answers = feed('[{"id": "j-1", "title": "A", "employer": "E"},')

    assert the_ids(answers) == ["j-1", None]
    assert the_sentences(answers) == ["feed.json:1: it is not JSON: the list has no end"]


def test_lines_of_json_ld_are_read_whatever_the_file_is_called(feed):
    text = json.dumps(a_posting(identifier="j-1")) + "\n" + json.dumps(a_posting(identifier="j-2"))

    assert the_ids(feed(text, "feed.txt")) == ["j-1", "j-2"]


def test_a_broken_first_line_does_not_hide_the_others(feed):
    answers = feed('{"id": "j-1",\n{"id": "j-2", "title": "B", "employer": "E"}', "feed.txt")

    assert the_ids(answers) == [None, "j-2"]


PAGE = """<!DOCTYPE html>
<html><head><title>Jobs</title>
<script>var x = {"@type": "JobPosting"};</script>
<script type="application/ld+json">
{"@context": "https://schema.org", "@id": "#us", "@type": "Organization", "name": "City Clinic"}
</script>
<SCRIPT TYPE='application/ld+json; charset=utf-8'>
//<![CDATA[
{"@context": "https://schema.org", "@type": ["JobPosting"], "identifier": "j-1", "title": "Nurse",
 "hiringOrganization": {"@id": "#us"}, "description": "<p>One
two</p>"}
//]]>
</SCRIPT></head><body><script type="application/ld+json">{"@type": "JobPosting", "title": ""}</script></body></html>
"""


def test_an_html_page_is_read_for_its_json_ld(feed):
    first, second = feed(PAGE, "page.html")

    assert (first.item.id, first.item.employer, first.line) == ("j-1", "City Clinic", 9)
    assert str(second).startswith("page.html:13: identifier is missing")


def test_a_page_without_a_posting_is_refused(feed):
    assert the_sentences(feed("<html><body>Hello</body></html>")) == [
        "feed.json: it holds no posting and no content item"
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "[]", '{"@graph": []}'])
def test_a_file_without_any_item_is_refused(feed, text):
    assert the_sentences(feed(text)) == ["feed.json: it holds no posting and no content item"]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"@type": "Organization", "name": "City"}, "@type is 'Organization', expected JobPosting"),
        ({"@context": "https://schema.org", "title": "Nurse"}, "@type is missing, expected JobPosting"),
    ],
)
def test_json_ld_of_another_type_is_refused_where_it_stands_alone(feed, document, sentence):
    assert the_sentences(feed(json.dumps(document))) == [f"feed.json:1: {sentence}"]


@pytest.mark.parametrize(
    "kind", ["JobPosting", "https://schema.org/JobPosting", "schema:JobPosting", ["Thing", "JobPosting"]]
)
def test_a_type_may_be_written_as_an_address(feed, kind):
    assert the_ids(feed(json.dumps(a_posting(**{"@type": kind})))) == ["j-1"]


def test_a_byte_order_mark_is_no_part_of_the_first_line(feed):
    assert the_ids(feed(b"\xef\xbb\xbf" + job_to_json(a_job()))) == ["j-1"]


def test_text_that_is_not_utf_8_is_refused(feed):
    (line,) = feed(b'{"id": "\xff"}', "jobs.jsonl")
    (page,) = feed(b"<html>\xff</html>", "page.html")

    assert "is not JSON" in line.problem
    assert page.problem == "is not UTF-8 text: invalid start byte at byte 6"


def test_a_compressed_file_that_breaks_off_gives_what_it_holds(feed):
    lines = b"\n".join(job_to_json(a_job(id=f"j-{n}", title="x" * 300)) for n in range(2000))
    whole = gzip.compress(lines)

    answers = feed(whole[: len(whole) // 2], "jobs.jsonl.gz")

    assert the_ids(answers[:2]) == ["j-0", "j-1"]
    assert the_sentences(answers)[-1].startswith("jobs.jsonl.gz: it is compressed, and breaks off")


def test_half_a_character_is_refused(feed):
    answers = feed('[{"id": "j-1", "title": "\\ud800", "employer": "E"}, {"id": "j-2", "title": "T", "employer": "E"}]')

    assert the_ids(answers) == [None, "j-2"]
    assert the_sentences(answers) == ["feed.json:1: j-1: it holds half a character (a lone surrogate)"]


def test_an_item_too_large_for_kafka_is_refused(feed):
    (answer,) = feed(json.dumps({"id": "c", "kind": "article", "title": "T", "payload": {"text": "x" * RECORD_LIMIT}}))

    assert answer.problem == "has 1,000,077 bytes, at most 1,000,000 fit into a record"


@pytest.mark.parametrize("item", [{"id": "j-1", "title": "Nurse", "employer": "City"}, a_posting()])
def test_descriptions_are_sanitised_in_every_form(feed, item):
    (answer,) = feed(json.dumps({**item, "description": "<p onclick='x()'>Hi<script>alert(1)</script></p>"}))

    assert answer.item.description == "<p>Hi</p>"


def test_nesting_without_end_is_refused(feed):
    answers = feed('[{"id": ' + "[" * 100_000)

    assert the_sentences(answers) == [
        "feed.json:1: it is not JSON: it is nested too deeply, or a number is too long; nothing behind it could be read"
    ]


@given(st.binary(max_size=60) | st.text('[]{},:"@<>! \nabc17', max_size=60).map(str.encode))
def test_no_file_raises_anything(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("feed") / "feed"
    path.write_bytes(content)

    assert all(isinstance(answer, Accepted | Refused) for answer in read_feed(path))
    assert count_items(path) >= 0


def test_a_file_that_is_not_there_is_the_callers_matter(tmp_path):
    with pytest.raises(FileNotFoundError):
        list(read_feed(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("text", "items"),
    [('{"a": 1}\n\n{broken\n', 2), (json.dumps([{}, {}, {}], indent=1), 3), (PAGE, 3), ("", 0)],
)
def test_items_are_counted_before_they_are_read(tmp_path, text, items):
    path = tmp_path / "feed"
    path.write_text(text)
    assert count_items(path) == items

    path.write_bytes(gzip.compress(text.encode()))
    assert count_items(path) == items


def test_a_feed_is_read_as_it_is_asked_for(tmp_path):
    path = tmp_path / "jobs.jsonl"
    path.write_bytes(job_to_json(a_job()) + b"\n" + b"x" * 1000)
    answers = read_feed(path)

    assert next(answers) == Accepted(a_job(), 1)


def test_content_is_typed(feed):
    (answer,) = feed(json.dumps({"id": "c", "kind": "hero", "title": "T", "facets": {"skill": ["Python"]}}))

    assert answer.item == Content("c", "hero", "T", facets={"skill": ("Python",)})
