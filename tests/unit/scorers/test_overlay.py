"""Laying a request over a stored decision."""

from dataclasses import replace
from typing import Any

from catalog.index import Catalog
from profiles.preferences import WantedPlace
from schemas.content import Content
from schemas.decision import Decision
from schemas.events import Moment
from schemas.jobs import Job
from scorers.curated import curated_decision
from scorers.overlay import lay, overlay
from scorers.policy import Pin, Policy, Selector
from scorers.query import RequestContext, SelectorRequest
from tests.unit.scorers.builders import DAY, NOW, a_catalog, a_job, a_person, asked, at_town, decided

ANYWHERE = RequestContext()
JOBS = [
    a_job(f"j-{number}", title=f"Nurse {word}", employer=f"E{number}", town=town)
    for number, (word, town) in enumerate(
        zip(
            ["Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta", "Iota"],
            ["Bonn", "Köln", "Berlin"] * 3,
            strict=True,
        )
    )
]


def _decided(*items: Job | Content, **person: Any) -> tuple[Decision, Catalog]:
    catalog = a_catalog(*(items or JOBS))
    return decided(a_person(**person), catalog)[0], catalog


def _shown(decision, catalog, context=ANYWHERE, policy=None, **request) -> list[str]:
    choice = overlay(decision, SelectorRequest("jobs", **request), context, catalog, policy or Policy(), NOW)
    assert choice is not None
    return [item.id for item in choice.items]


def test_an_unknown_selector_has_no_answer():
    decision, catalog = _decided()

    assert lay(decision, SelectorRequest("sidebar"), ANYWHERE, catalog, Policy(), NOW) == (None, False)


def test_without_wishes_it_is_the_head_of_the_decision():
    decision, catalog = _decided(viewed=["j-0"])

    choice = decision.choice("jobs")
    assert choice is not None
    assert _shown(decision, catalog) == [item.id for item in choice.items[:6]]


def test_pages_follow_each_other_without_overlap_until_the_end():
    decision, catalog = _decided(viewed=["j-0"])
    pages: list[str] = []
    offset, more = 0, True

    while more:
        choice, more = lay(decision, SelectorRequest("jobs", 2, offset=offset), ANYWHERE, catalog, Policy(), NOW)
        assert choice is not None
        pages.extend(item.id for item in choice.items)
        offset += 2

    assert sorted(pages) == sorted(job.id for job in JOBS)


def test_a_posting_deleted_a_moment_ago_is_gone():
    decision, catalog = _decided(viewed=["j-0"])
    first = _shown(decision, catalog)[0]

    catalog.apply_job(first, None)

    assert first not in _shown(decision, catalog, count=50)


def test_a_posting_that_ended_since_is_gone():
    decision, catalog = _decided(*JOBS, a_job("ends", valid_through=NOW + DAY))

    choice = overlay(decision, SelectorRequest("jobs", 50), ANYWHERE, catalog, Policy(), NOW + 2 * DAY)

    assert choice is not None
    assert "ends" not in [item.id for item in choice.items]


def test_a_filter_that_the_stored_list_cannot_fill_is_filled_from_the_catalogue():
    far = [
        a_job(f"f-{number}", title=f"Gardener {number}", town="Ulm", employer=f"F{number}", workplace="HYBRID")
        for number in range(40)
    ]
    decision, catalog = _decided(*JOBS, *far, viewed=["j-0"])

    found = _shown(decision, catalog, count=30, filter={"workplace": ("hybrid",)})

    assert len(found) == 30
    assert set(found) <= {job.id for job in far}


def test_a_filter_knows_towns_regions_pay_and_age():
    catalog = a_catalog(
        a_job("a", pay=50_000.0),
        a_job("b", town="Köln", pay=30_000.0),
        a_job("c", town="Berlin", posted_at=NOW - 20 * DAY),
    )
    decision, _ = decided(a_person(), catalog)

    assert _shown(decision, catalog, filter={"city": ("bonn",)}) == ["a"]
    assert sorted(_shown(decision, catalog, filter={"place": ("NW",)})) == ["a", "b"]
    assert _shown(decision, catalog, filter={"salaryMin": ("40000",)}) == ["a"]
    assert sorted(_shown(decision, catalog, filter={"posted_within_days": ("7",)})) == ["a", "b"]
    assert _shown(decision, catalog, filter={"shoe-size": ("44",)}) == []


def test_candidates_are_all_that_is_ranked_and_known_ones_come_first():
    decision, catalog = _decided(viewed=["j-0"])
    catalog.apply_job("new", a_job("new", title="Gardener", town="Ulm"))

    assert _shown(decision, catalog, candidates=("new", "gone", "j-3")) == ["j-3", "new"]


def test_beside_a_posting_stand_those_like_it_and_never_itself():
    decision, catalog = _decided(*JOBS, a_job("driver", title="Bus Driver", town="Berlin"), viewed=["driver"])

    found = _shown(decision, catalog, item_id="j-0")

    assert found[0] in {"j-3", "j-6"}  # nurses in Bonn
    assert "j-0" not in found


def test_beside_a_posting_that_just_left_stand_those_like_it_still():
    decision, catalog = _decided()
    catalog.apply_job("j-0", None)

    assert _shown(decision, catalog, item_id="j-0")[0] in {"j-3", "j-6"}


def test_the_limits_travel_with_the_decision():
    near = WantedPlace("Bonn", radius_km=5)
    decision, catalog = _decided(viewed=["j-0"], dismissed=["j-3"], preferences=asked(places=(near,)))

    assert set(_shown(decision, catalog, count=50)) == {"j-0", "j-6"}
    assert set(_shown(decision, catalog, item_id="j-0")) == {"j-6"}
    assert set(_shown(decision, catalog, candidates=("j-3", "j-4", "j-6"))) == {"j-6"}


def test_what_is_at_the_door_moves_up_but_not_over_what_was_pinned():
    policy = Policy(pins=(Pin("jobs", "j-2"),))
    catalog = a_catalog(*JOBS)
    decision, _ = decided(a_person(viewed=["j-2"], session=at_town("Berlin")), catalog, policy=policy)
    here = RequestContext(Moment(latitude=50.73, longitude=7.10))

    there, moved = _shown(decision, catalog, policy=policy, count=9), _shown(decision, catalog, here, policy, count=9)

    assert there[0] == moved[0] == "j-2"
    assert sum(map(moved.index, ["j-0", "j-3", "j-6"])) < sum(map(there.index, ["j-0", "j-3", "j-6"]))
    assert sorted(there) == sorted(moved)


def test_content_is_shown_on_its_devices_at_its_hours_and_by_its_kind():
    catalog = a_catalog(
        Content("phone", "video", "x", {"devices": ["mobile"]}),
        Content("night", "article", "x", {"hours": [22, 6]}),
        Content("any", "event", "x"),
    )
    decision, _ = decided(a_person(), catalog)

    def seen(device: str, hour: int, **request) -> set[str]:
        context = RequestContext(Moment(device=device), local_hour=hour)
        choice = overlay(decision, SelectorRequest("media", 9, **request), context, catalog, Policy(), NOW)
        assert choice is not None
        return {item.id for item in choice.items}

    assert seen("mobile", 23) == {"phone", "night", "any"}
    assert seen("desktop", 12) == {"any"}
    assert seen("mobile", 23, filter={"kind": ("video", "event")}, exclude=frozenset({"any"})) == {"phone"}


def test_content_deleted_a_moment_ago_is_gone():
    catalog = a_catalog(Content("a", "hero", "x"))
    decision, _ = decided(a_person(), catalog)
    catalog.apply_content("a", None)

    choice = overlay(decision, SelectorRequest("hero"), ANYWHERE, catalog, Policy(), NOW)

    assert choice is not None
    assert choice.items == ()


def test_a_selector_that_is_newer_than_the_decision_is_filled_from_the_catalogue():
    decision, catalog = _decided(viewed=["j-0"])
    policy = replace(Policy(), selectors=(Selector("sidebar", playlist="for-you", count=3),))

    choice = overlay(decision, SelectorRequest("sidebar"), ANYWHERE, catalog, policy, NOW)

    assert choice is not None
    assert len(choice.items) == 3


def test_the_last_rung_holds_the_rules_too():
    catalog = a_catalog(
        *JOBS, a_job("closed", status="CLOSED"), a_job("over", valid_through=NOW), Content("h", "hero", "x")
    )
    policy = Policy(pins=(Pin("jobs", "j-5"), Pin("jobs", "closed")))

    decision = curated_decision("d", "a:p", catalog=catalog, policy=policy, now=NOW)

    assert decision.rung == "curated"
    jobs = [item.id for item in decision.choices[0].items]
    assert jobs[0] == "j-5"
    assert sorted(jobs) == sorted(job.id for job in JOBS)
    hero = decision.choice("hero")
    assert hero is not None
    assert [item.id for item in hero.items] == ["h"]
