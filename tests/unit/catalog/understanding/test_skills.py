import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalog.understanding.phrases import PhraseIndex, key_of, words_of
from catalog.understanding.skills import Skill, SkillFinder, Spelling, names_of, traits

POSTING = """We seek an engineer with experience in Python, Django and PostgreSQL.
Knowledge of project management. Kubernetes is not required. No experience with Salesforce needed."""


def said(understanding, text):
    return {mention.skill.name for mention in understanding.skills.mentions(text)}


def test_skills_are_found_with_the_words_that_say_so(understanding):
    mentions = {mention.skill.name: mention for mention in understanding.skills.mentions(POSTING)}

    assert {"Python", "Django", "PostgreSQL", "Project management"} <= mentions.keys()
    assert POSTING[mentions["Django"].start : mentions["Django"].end] == "Django"
    assert 0.25 <= mentions["Django"].confidence <= 1


def test_what_is_denied_is_told_and_does_not_count(understanding):
    mentions = understanding.skills.mentions(POSTING)
    denied = {mention.skill.name for mention in mentions if mention.negated}

    assert denied == {"Kubernetes", "Salesforce"}
    assert denied.isdisjoint(names_of(mentions))


def test_not_only_is_no_denial(understanding):
    (mention,) = [
        each for each in understanding.skills.mentions("Experience with not only Java") if each.skill.name == "Java"
    ]

    assert not mention.negated


@pytest.mark.parametrize(
    "text",
    [
        "Excel at what you do.",
        "Go to the office by train.",
        "Our teams of nurses rest in spring.",
        "The word of the chef has access to the kitchen.",
    ],
)
def test_ordinary_words_that_name_a_tool_are_ordinary(understanding, text):
    assert said(understanding, text) == set()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Skills: Excel, Word, Outlook", "Microsoft Excel"),
        ("Experience with node.js, React", "Node.js"),
        ("Experience with NodeJS, React", "Node.js"),
        ("C#, .NET, SQL Server", "C#"),
        ("C#, .NET, SQL Server", ".NET"),
        ("Technologies: TCP/IP, DNS", "TCP/IP"),
    ],
)
def test_a_skill_has_one_name_however_it_is_written(understanding, text, name):
    assert name in said(understanding, text)


def test_stated_names_are_coded_where_the_lexicon_has_them(understanding):
    skills = understanding.skills.coded(["node js", "NODE.JS", "Wizardry of a kind nobody lists"])

    assert [skill.name for skill in skills] == ["Node.js"]


def test_a_phrase_does_not_reach_across_a_full_stop():
    index = PhraseIndex({key_of("project management")})

    assert [phrase.key for phrase in index.phrases(words_of("Lead a project. Management decides."))] == []
    assert [phrase.key for phrase in index.phrases(words_of("project\nmanagement"))] == ["project management"]


def test_the_longest_phrase_wins():
    index = PhraseIndex({key_of(name) for name in ("SQL", "SQL Server", "SQL Server Reporting Services")})
    found = index.phrases(words_of("SQL Server Reporting, SQL Server Reporting Services"))

    assert [phrase.key for phrase in found] == ["sql server", "sql server reporting services"]


def test_a_text_may_end_inside_a_longer_phrase():
    index = PhraseIndex({key_of(name) for name in ("SQL Server", "SQL Server Reporting Services")})

    assert [phrase.key for phrase in index.phrases(words_of("We use SQL Server"))] == ["sql server"]


SPELLINGS = {
    key_of(written): Spelling(Skill(f"own:{written}", written, "tool"), written, "own", 1.0, commonness)
    for written, commonness in (("Java", 0), ("spring", 2), ("SQL Server", 0), ("Data", 3))
}
SAID = (
    "Java",
    "java",
    "JAVA",
    "Spring",
    "spring",
    "SQL Server",
    "data",
    ",",
    "and",
    "or",
    "experience",
    "developer",
    "no",
)
SIGNS = (
    "bias", "trust", "as_spelt", "as_spelt_small", "capital", "capitals", "inner_capital", "length1", "length2", "near0", "near1",
    "near2", "near3", "list_before", "list_after", "trigger", "idiom", "<and", ">and", "<or", ">experience", "<developer", ">java",
)  # fmt: skip


@given(
    st.lists(st.sampled_from(SAID)).map(" ".join),
    st.dictionaries(st.sampled_from(SIGNS), st.integers(-3, 3).map(float)),
)
def test_nothing_is_passed_over_that_all_signs_together_would_have_kept(text, weights):
    finder, words = SkillFinder(SPELLINGS, weights, least=0.5), words_of(text)
    kept = [
        words.starts[phrase.first]
        for phrase, spelling, held in finder.weighed(words)
        if sum(weights.get(name, 0) for name in ("bias", "trust", *traits(spelling), *held)) >= 0
    ]

    assert [mention.start for mention in finder.mentions(text)] == kept


PIECES = ("C", "#", "++", ".NET", "asp", "_", " ", "\u00e9", "\u4eba", "\U0001f600", "7")


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_the_words_of_a_text_are_those_of_a_spelling(text):
    assume("\u0130" not in text)  # a dotted capital I, two letters in lower case

    assert " ".join(words_of(text).lower) == key_of(text)


@given(st.text(max_size=300))
def test_words_stand_where_they_are_said_to(text):
    words = words_of(text)

    assert all(
        text[start:end].lower() == word or not word.isascii()
        for start, end, word in zip(words.starts, words.ends, words.lower, strict=True)
    )
    assert words.starts == sorted(words.starts)
