import pytest

from careerstream.statistics import StatisticsFollower
from profiles.counts import Tally
from profiles.store import Advance, Commit, TopicPartition
from schemas.events import JobsShown, JobViewed
from schemas.jobs import Place
from schemas.topics import Topic
from tests.unit.api.doors import NOON, a_job

BRONX = (Place(locality="Bronx", region="NY", country="US"),)


@pytest.fixture
def offered(door):
    door.offer(
        a_job("nurse", title="Registered Nurse", days_old=3),
        a_job(
            "clerk", title="Office Clerk", days_old=1, categories=("Clerical",), skills=("filing",), employer="Parks"
        ),
        a_job("remote", title="Nurse Analyst", days_old=2, workplace="REMOTE", places=BRONX),
        a_job("ended", title="Nurse", days_old=9, valid_through=NOON - 1),
        a_job("closed", title="Nurse", status="CLOSED"),
    )
    return door


async def ids(door, query=""):
    answer = await door.get(f"/v1/jobs?{query}", key="pk_demo")
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["jobs"]]


async def test_open_postings_are_listed_newest_first(offered):
    assert await ids(offered) == ["clerk", "remote", "nurse"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("query=nurses", ["remote", "nurse"]),
        ("query=nurse analyst", ["remote"]),
        ("query=filing", ["clerk"]),
        ("query=unheardof", []),
        ("category=clerical", ["clerk"]),
        ("category=Clerical&category=Health", ["clerk", "remote", "nurse"]),
        ("place=Bronx, NY", ["remote"]),
        ("workplace=REMOTE&category=Health", ["remote"]),
        ("employer=Parks", ["clerk"]),
        ("category=Nothing", []),
    ],
)
async def test_words_and_filters_narrow_the_list(offered, query, found):
    assert await ids(offered, query) == found


async def test_pages_join_up_without_gap_or_repetition(offered):
    offered.offer(*[a_job(f"n{number}", days_old=10 + number % 7) for number in range(50)])
    page = (await offered.get("/v1/jobs?limit=7", key="pk_demo")).json()
    seen = [job["id"] for job in page["jobs"]]

    while page["next"]:
        page = (await offered.get(f"/v1/jobs?limit=7&cursor={page['next']}", key="pk_demo")).json()
        seen += [job["id"] for job in page["jobs"]]

    assert len(seen) == len(set(seen)) == page["total"] == 53


async def test_a_cursor_of_somebody_elses_is_malformed(offered):
    assert (await offered.get("/v1/jobs?cursor=x", key="pk_demo")).status_code == 400


async def test_one_posting_is_read_whole_or_as_json_ld(offered):
    whole = (await offered.get("/v1/jobs/nurse", key="pk_demo")).json()
    linked = await offered.get("/v1/jobs/nurse?format=jsonld", key="pk_demo")

    assert (whole["title"], whole["description"], whole["city"]) == ("Registered Nurse", "<p>Care.</p>", "Brooklyn")
    assert whole["salary"]["maximum"] == 110_000
    assert whole["is_open"] is True
    assert linked.headers["content-type"] == "application/ld+json"
    assert linked.json()["@type"] == "JobPosting"


async def test_a_posting_that_is_gone_is_not_found(offered):
    assert (await offered.get("/v1/jobs/never", key="pk_demo")).json()["code"] == "not_found"


async def test_facets_are_counted_over_open_postings(offered):
    facets = (await offered.get("/v1/facets", key="pk_demo")).json()["facets"]

    assert {"value": "Clerical", "count": 1} in facets["category"]
    assert facets["workplace"][0]["value"] == "ON_SITE"


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/jobs/nurse", "/v1/facets"])
async def test_the_catalogue_is_read_with_a_key_only(offered, path):
    assert (await offered.get(path, key=None)).status_code == 401


def a_described(job_id, **members):
    return a_job(job_id, **{"skills": (), **members})


@pytest.fixture
def described(door):
    door.offer(
        a_described("clerk", title="Clerk", days_old=1, description="<p>Files for the nurses.</p>"),
        a_described("nurse", title="Registered Nurse", days_old=3, description="<p>Night shifts in a clinic.</p>"),
        a_described("driver", title="Driver", days_old=2, description="<p>Drives a truck.</p>"),
        a_described("ended", title="Nurse", days_old=9, valid_through=NOON - 1, description="Nursing"),
    )
    return door


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("query=nurse", ["nurse", "clerk"]),
        ("query=trucks", ["driver"]),
        ("query=nurse&workplace=REMOTE", []),
        ("query=qqxzzq", []),
        ("query=", ["clerk", "driver", "nurse"]),
    ],
)
async def test_the_best_match_comes_first_and_descriptions_are_searched(described, query, found):
    assert await ids(described, f"order=best&{query}") == found


async def test_a_search_follows_postings_as_they_change_and_go(described):
    described.offer(a_described("clerk", title="Clerk", days_old=1, description="Files for the drivers."))
    described.catalog.apply_job("nurse", None)

    assert await ids(described, "order=best&query=nurse") == []
    assert set(await ids(described, "order=best&query=driver")) == {"driver", "clerk"}


async def test_a_search_says_how_many_texts_it_could_not_look_at_yet(described):
    described.offer(*[a_described(f"n{number}", title="Night porter", days_old=number) for number in range(30)])

    first = (await described.get("/v1/jobs?order=best&query=porter", key="pk_demo")).json()
    described.catalog.index_texts(100)
    second = (await described.get("/v1/jobs?order=best&query=porter", key="pk_demo")).json()

    assert first["unindexed"] > 0
    assert first["total"] + first["unindexed"] == second["total"] == 30
    assert second["unindexed"] == 0
    assert "unindexed" not in (await described.get("/v1/jobs?query=porter", key="pk_demo")).json()


async def test_pages_of_best_matches_join_up(described):
    described.offer(*[a_described(f"n{number}", title="Night porter", days_old=number) for number in range(9)])
    page = (await described.get("/v1/jobs?order=best&query=porter&limit=4", key="pk_demo")).json()
    seen = [job["id"] for job in page["jobs"]]

    while page["next"]:
        page = (
            await described.get(f"/v1/jobs?order=best&query=porter&limit=4&cursor={page['next']}", key="pk_demo")
        ).json()
        seen += [job["id"] for job in page["jobs"]]

    assert seen == [f"n{number}" for number in range(9)]


async def test_colleagues_read_what_happened_to_a_posting(offered):
    await offered.store.commit(
        Commit(await offered.store.generation(), {TopicPartition(Topic.CLICKS, 0): Advance(None, 1)}, counts=counted())
    )

    def take(figures, _responses):
        offered.current.figures = figures

    await StatisticsFollower(offered.store, offered.catalog, offered.clock, on_read=take).read()

    answer = await offered.get("/v1/items/nurse/statistics", key="sk_demo")

    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["windows"]["hour"] == {"shown": 2.0, "viewed": 1.0, "saved": 0.0, "applied": 0.0, "dismissed": 0.0}
    assert body["rates"]["expectedViews"] == 1.0
    assert body["examined"]["1"] == 1.0


async def test_a_posting_of_which_nothing_was_counted_has_no_rates(offered):
    answer = await offered.get("/v1/items/clerk/statistics", key="sk_demo")

    assert answer.json()["windows"]["week"]["viewed"] == 0
    assert answer.json()["rates"] == {}


async def test_statistics_of_nothing_are_not_found_and_none_of_a_pages_business(offered):
    assert (await offered.get("/v1/items/nothing/statistics", key="sk_demo")).status_code == 404
    assert (await offered.get("/v1/items/nurse/statistics", key="pk_demo")).status_code == 403


def counted():
    tally = Tally()
    tally.add(JobsShown(at=NOON, id="s-1", job_ids=("nurse", "clerk")), NOON)
    tally.add(JobsShown(at=NOON, id="s-2", job_ids=("nurse",)), NOON)
    tally.add(JobViewed(at=NOON, id="v-1", job_id="nurse", position=1), NOON)
    return tally.counts
