"""What others look at: of a person's kind of work and place first, then of anywhere."""

from scorers.models import PriorModel
from scorers.pipeline import Stages, decide
from scorers.policy import Policy, Shortlisting
from scorers.sources.trending import Trending
from scorers.trends import HOT_LIMIT, Trends
from tests.unit.scorers.builders import NOW, a_catalog, a_job, a_person, a_query, asked

COOKS = [a_job(f"cook-{number}", title="Cook", town="Ulm") for number in range(3)]
NURSES = [a_job(f"nurse-{number}", title="Nurse", town="Berlin") for number in range(40)]
HEAT = {**{job.id: 100.0 - number for number, job in enumerate(NURSES)}, **{job.id: 1.0 for job in COOKS}}


def proposed(person, trends=HEAT, count=4):
    ((_, recall),) = decide(
        [a_query(person)], catalog=a_catalog(*COOKS, *NURSES), policy=Policy(shortlisting=Shortlisting(trending=count)),
        model=PriorModel(), trends=Trends(trends), now=NOW, stages=Stages(sources=(Trending(),)),
    )  # fmt: skip
    return set(recall().considered)


def test_who_is_not_known_gets_the_hottest_of_all():
    assert proposed(a_person()) == {"nurse-0", "nurse-1", "nurse-2", "nurse-3"}


def test_what_trends_in_the_kind_of_work_looked_at_is_proposed_however_little_it_is_beside_all():
    cook = a_person(viewed=["cook-0"])

    assert proposed(cook) == {"cook-0", "cook-1", "cook-2", "nurse-0", "nurse-1"}


def test_the_kind_of_work_asked_for_goes_before_what_was_looked_at():
    turned = a_person(viewed=["nurse-9"], preferences=asked(occupations=("Cooks",)))

    assert {"cook-0", "cook-1", "cook-2"} <= proposed(turned)


def test_what_trends_in_the_group_of_occupations_is_proposed_under_any_name():
    seen = a_job("seen", title="Head Gardener", occupation="Gardeners", occupation_code="37-3011.00", town="Ulm")
    beside = a_job("beside", title="Arborist", occupation="Arborists", occupation_code="37-3013.00", town="Köln")
    ((_, recall),) = decide(
        [a_query(a_person(viewed=["seen"]))], catalog=a_catalog(seen, beside, *NURSES), model=PriorModel(), now=NOW,
        policy=Policy(shortlisting=Shortlisting(trending=4)), trends=Trends({**HEAT, "beside": 1.0}),
        stages=Stages(sources=(Trending(),)),
    )  # fmt: skip

    assert "beside" in recall().considered


def test_what_trends_in_the_place_looked_at_is_proposed_as_well():
    at_ulm = a_person(preferences=asked(places=("Ulm",)))

    assert {"cook-0", "cook-1", "cook-2"} <= proposed(at_ulm)


def test_no_kind_of_work_is_kept_with_more_than_is_looked_at():
    heat = Trends(HEAT).heat(catalog := a_catalog(*COOKS, *NURSES))
    nurses, cooks = (catalog.dictionary.find("occupation", name) for name in ("Nurses", "Cooks"))

    assert len(heat.hottest) == min(len(HEAT), HOT_LIMIT)
    assert [catalog.ids[row] for row in heat.by_value[nurses]] == [f"nurse-{number}" for number in range(32)]
    assert {catalog.ids[row] for row in heat.by_value[cooks]} == {job.id for job in COOKS}
