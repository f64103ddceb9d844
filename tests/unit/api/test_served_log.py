"""What the API logs of an answer is what learning reads: the lists as they were served, and the decision they were made from."""

import asyncio

import pytest

from schemas.logged import decode_logged
from schemas.served import decode_served
from schemas.topics import Topic
from tests.unit.api.doors import Door, a_job


@pytest.fixture
async def site():
    async with Door().open() as door:
        door.offer(*(a_job(f"nurse-{number}", days_old=number + 1) for number in range(8)))
        yield door


async def test_a_served_list_is_read_back_in_order_with_its_propensities_and_its_base(site):
    answer = await site.decide("jobs", user={"anonymousId": "a1"})
    records = await _logged(site)
    served = [read for record in records if (read := decode_served(record)) is not None]
    decided = [logged.decision for record in records if (logged := decode_logged(record)) is not None]

    choice = answer["choices"][0]
    assert [(each.id, [item.id for item in each.items]) for each in served[0].choices] == [
        (choice["decisionId"], [item["id"] for item in choice["items"]])
    ]
    assert [item.propensity for item in served[0].choices[0].items] == [item["propensity"] for item in choice["items"]]
    assert served[0].base == decided[0].id
    assert (served[0].model, served[0].rung) == (choice["model"], choice["rung"])


async def _logged(site):
    async with asyncio.timeout(60):
        while len(records := [record.value for record in site.log.of(Topic.DECISIONS)]) < 2:
            await asyncio.sleep(0.01)
    return records
