"""The list of who was erased, suppressed or objected: what it refuses is a function of the message and the list."""

from hypothesis import given
from hypothesis import strategies as st

from profiles.erasures import NOTHING, Erasures, Standing, decode_standing, encode_standing
from profiles.pseudonym import pseudonym
from schemas.consent import NAMES
from schemas.events import event_of
from schemas.messages import Message

times = st.integers(0, 10_000)
answers = st.dictionaries(st.sampled_from(NAMES), st.booleans(), max_size=3)
changes = st.lists(
    st.sampled_from(
        ["with_suppression", "with_objection", "without_objection", "released", "with_erasure", "with_answers"]
    ),
    max_size=8,
)


def a_message(at=5, event="Job Viewed", **ids):
    properties = {"job_id": "j"}
    return Message("m", "track", at, at, event, properties=properties, **(ids or {"user_id": "ada"}))


def refuses(standing, message):
    erasures = Erasures()
    erasures.apply(pseudonym("u:ada"), encode_standing(standing))
    return erasures.refuses(message, event_of(message))


def takes_back(standing, at):
    erasures = Erasures()
    erasures.apply(pseudonym("u:ada"), encode_standing(standing))
    return erasures.takes_back("u:ada", at)


def test_an_erasure_takes_back_what_was_before_it_also_of_who_is_taken_up_again():
    erased = NOTHING.with_erasure()

    assert takes_back(erased, 0)
    assert takes_back(erased.released(7), 6)
    assert not takes_back(erased.released(7), 7)


def test_a_suppression_takes_nothing_back():
    assert not takes_back(NOTHING.with_suppression(3), 5)
    assert not takes_back(NOTHING.with_erasure().released(7).with_suppression(8), 9)


def test_an_empty_list_refuses_nobody():
    assert not Erasures().refuses(a_message(), event_of(a_message()))


def test_of_an_erased_person_nothing_counts_however_old_it_says_it_is():
    assert refuses(NOTHING.with_erasure(), a_message(at=0))
    assert refuses(NOTHING.with_erasure(), a_message(at=10**12))


def test_a_suppressed_person_is_refused_from_then_on_until_released():
    standing = NOTHING.with_suppression(10).released(20)

    assert [refuses(standing, a_message(at=at)) for at in (9, 10, 19, 20)] == [False, True, True, False]


def test_an_objection_leaves_what_needs_no_consent():
    standing = NOTHING.with_objection(10)

    assert refuses(standing, a_message(at=11))
    assert not refuses(standing, a_message(at=11, event="Application Submitted"))


def test_a_message_that_names_somebody_in_the_list_beside_another_id_is_refused():
    assert refuses(NOTHING.with_erasure(), a_message(user_id="ada", anonymous_id="x"))
    assert not refuses(NOTHING.with_erasure(), a_message(anonymous_id="ada"))


def test_a_released_person_is_not_erased_any_more_and_what_was_before_stays_out():
    standing = NOTHING.with_erasure().released(100)

    assert not standing.erased
    assert refuses(standing, a_message(at=99))
    assert not refuses(standing, a_message(at=100))


def test_what_came_while_counting_was_refused_is_folded_and_not_counted_in_a_replay_as_in_the_first_run():
    standing = NOTHING.with_answers({"analytics": False}, 100).with_answers({"analytics": True, "email": True}, 200)
    erasures = Erasures()
    erasures.apply(pseudonym("u:ada"), encode_standing(standing))

    assert [erasures.counts(a_message(at=at)) for at in (99, 100, 199, 200)] == [True, False, False, True]
    assert not refuses(standing, a_message(at=150))
    assert set(standing.refused) == {"analytics"}


def test_what_was_refused_under_one_id_narrows_what_was_said_under_all():
    erasures = Erasures()
    erasures.apply(pseudonym("a:b"), encode_standing(NOTHING.with_answers({"ai_scoring": False}, 1)))

    assert erasures.narrowed(["u:ada", "a:b"], {"email": True}) == {"email": True, "ai_scoring": False}
    assert erasures.narrowed(["u:ada"], {"email": True}) == {"email": True}


@given(changes, st.data())
def test_a_standing_reads_back_as_it_was_written(names, data):
    standing = Standing()
    for name in names:
        change = getattr(standing, name)
        said = [data.draw(answers)] if name == "with_answers" else []
        standing = change() if name == "with_erasure" else change(*said, data.draw(times))

    assert decode_standing(encode_standing(standing)) == standing
