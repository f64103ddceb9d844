import asyncio
import re

import pytest

from api.metrics import METRIC_NAMES, Metrics
from tests.unit.api.doors import Door


async def well():
    return None


async def behind():
    return "17 records behind"


async def broken():
    raise OSError


async def hanging():
    await asyncio.sleep(60)


async def test_a_process_that_answers_is_alive(door):
    assert (await door.get("/healthz", key=None)).json() == {"status": "alive"}


async def test_ready_means_that_every_part_works():
    async with Door(options={"probes": {"kafka": well}}).open() as door:
        assert (await door.get("/readyz", key=None)).status_code == 200


@pytest.mark.parametrize(
    ("probe", "says"), [(behind, "17 records behind"), (broken, "OSError"), (hanging, "no answer")]
)
async def test_what_is_missing_is_named(probe, says):
    async with Door(options={"probes": {"kafka": well, "agents": probe}}).open() as door:
        answer = await door.get("/readyz", key=None)

    assert answer.status_code == 503
    assert says in answer.json()["missing"]["agents"]
    assert "kafka" not in answer.json()["missing"]
    assert int(answer.headers["retry-after"]) >= 1


async def test_metrics_count_by_route_and_never_by_path(door):
    await door.post("/v1/track", {"event": "X", "anonymousId": "a1"})
    await door.get("/v1/jobs/somebody-secret")

    page = (await door.get("/metrics", key=None)).text
    assert 'careerstream_http_requests_total{route="/v1/track",status="200"} 1.0' in page
    assert "somebody-secret" not in page


async def test_metrics_time_every_stage_of_collecting_and_deciding(door):
    await door.post("/v1/track", {"event": "Job Viewed", "anonymousId": "a1", "properties": {"job_id": "j1"}})
    await door.decide("jobs", user={"anonymousId": "a1"})

    page = (await door.get("/metrics", key=None)).text

    for stage in ("parse", "dedup", "produce"):
        assert f'careerstream_collect_seconds_count{{stage="{stage}"}} 1.0' in page
    for stage in ("profile", "score", "answer"):
        assert f'careerstream_decide_seconds_count{{stage="{stage}"}} 1.0' in page


def test_every_metric_is_named_in_the_list_and_none_else():
    page = Metrics().page().decode()

    described = {line.split()[2] for line in page.splitlines() if line.startswith("# HELP") and "_created" not in line}
    assert described == set(METRIC_NAMES)


async def test_global_privacy_control_is_promised(door):
    answer = (await door.get("/.well-known/gpc.json", key=None)).json()

    assert answer["gpc"] is True
    assert answer["lastUpdate"]


async def test_a_site_folder_is_served_at_the_root(tmp_path):
    (tmp_path / "index.html").write_text("<h1>Careers</h1>")

    async with Door(options={"site": tmp_path}).open() as door:
        assert "Careers" in (await door.get("/", key=None)).text
        assert (await door.get("/v1/nothing", key=None)).json()["code"] == "not_found"


async def test_every_route_is_documented_with_a_sentence(door):
    document = (await door.get("/openapi.json", key=None)).json()

    for path, methods in document["paths"].items():
        for method, told in methods.items():
            assert told.get("summary"), f"{method} {path}"
            for named in re.findall(r"'\$ref': '([^']*)'", str(told)):
                assert named.removeprefix("#/components/schemas/") in document["components"]["schemas"], (method, path)
    decided = document["paths"]["/v1/decide"]["post"]
    assert "selectors" in str(decided["requestBody"])
    assert "choices" in str(document["components"]["schemas"]["Decided"])
