from profiles.candidate import Stored
from profiles.sections import EMPTY
from schemas.topics import Topic
from streams.cache import NOTHING_YET, SectionCache


def key(n: int):
    return (Topic.CLICKS, f"u:{n}")


def stored(n: int) -> Stored:
    return Stored(EMPTY[Topic.CLICKS], n)


def test_what_was_asked_for_and_not_found_is_known_to_be_absent():
    cache = SectionCache()
    cache.fill([key(1), key(2)], {key(1): stored(7)})

    assert cache.get(key(1)) == stored(7)
    assert cache.get(key(2)) == stored(NOTHING_YET)
    assert cache.missing([key(1), key(2), key(3)]) == [key(3)]


def test_the_sections_used_last_are_kept():
    cache = SectionCache(limit=3)
    cache.put({key(n): stored(n) for n in range(3)})
    cache.get(key(0))
    cache.put({key(3): stored(3)})

    assert len(cache) == 3
    assert cache.missing([key(n) for n in range(4)]) == [key(1)]


def test_what_is_dropped_is_asked_for_again():
    cache = SectionCache()
    cache.put({key(1): stored(1), key(2): stored(2)})
    cache.drop([key(1), key(9)])

    assert cache.missing([key(1), key(2)]) == [key(1)]
