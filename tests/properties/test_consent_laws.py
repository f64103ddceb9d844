"""What holds of consent taken back, whatever the person did before."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from profiles.candidate import Stored, merge
from profiles.fold import fold
from profiles.sections import EMPTY
from schemas.consent import NAMES
from schemas.events import ConsentChanged
from schemas.topics import CANDIDATE_TOPICS, Topic
from tests.properties.strategies import logs

WHO = "a:x1"
LAST = 4_000_000_000_000
histories = st.fixed_dictionaries({topic: logs(topic, max_size=12) for topic in CANDIDATE_TOPICS})


def folded(history, *, refused=()):
    sections = {}
    for topic, events in history.items():
        section = EMPTY[topic]
        for event in events:
            section = fold(section, event)
        sections[topic, WHO] = Stored(section, len(events))
    if refused:
        said = ConsentChanged(at=LAST, id="last", purposes=dict.fromkeys(refused, False))
        stored = sections[Topic.PROFILES, WHO]
        sections[Topic.PROFILES, WHO] = Stored(fold(stored.section, said), stored.offset + 1)
    return sections


@given(histories)
def test_without_personalisation_nothing_is_left_but_the_answer_itself(history):
    candidate = merge(WHO, folded(history, refused=["personalization"]))
    nobody = merge(WHO, {})

    assert candidate.withheld
    assert replace(candidate, version={}, consents={}, withheld=False, first_seen=None, last_seen=None) == nobody


@given(histories)
def test_without_behaviour_the_person_is_as_if_the_site_had_seen_nothing(history):
    refused = folded(history, refused=["behaviour"])
    unseen = {key: stored for key, stored in refused.items() if key[0] not in (Topic.CLICKS, Topic.SESSIONS)}

    assert replace(merge(WHO, refused), version={}) == replace(merge(WHO, unseen), version={})


@given(
    st.lists(st.tuples(st.integers(1, LAST), st.sampled_from(NAMES), st.booleans()), max_size=40),
    st.lists(st.tuples(st.integers(1, LAST), st.text(min_size=1, max_size=60), st.booleans()), max_size=60),
    st.randoms(),
)
def test_no_invented_purpose_pushes_out_what_was_said_of_a_known_one(known, invented, chance):
    said = [ConsentChanged(at=at, id=f"e{at}", purposes={name: given}) for at, name, given in known]
    flood = [
        ConsentChanged(at=at, id=f"f{at}", purposes={name: given}) for at, name, given in invented if name not in NAMES
    ]
    mixed = [*said, *flood]
    chance.shuffle(mixed)

    alone, among = (merge(WHO, folded({Topic.PROFILES: log})).consents for log in (said, mixed))

    assert {name: given for name, given in among.items() if name in NAMES} == alone


@given(histories, st.sampled_from(["resume", "portfolio", "correspondence"]))
def test_taking_back_one_source_leaves_the_others(history, source):
    before, after = merge(WHO, folded(history)), merge(WHO, folded(history, refused=[source]))
    if before.withheld or before.consents.get("behaviour") is False:
        return

    assert after.interactions == before.interactions
    assert after.preferences == before.preferences


@given(histories)
def test_what_is_held_can_still_be_told_in_full(history):
    told = merge(WHO, folded(history, refused=["personalization"]), everything=True)

    assert told.interactions == merge(WHO, folded(history), everything=True).interactions
