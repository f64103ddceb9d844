"""Whatever is sent by whomever, each answer is one that the OpenAPI document declares, and none says that something broke.

`make fuzz` makes a thousand cases for every route and sends each as every kind of caller; inside `make test` it is a few.
"""

import asyncio
import os
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, note, reject, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import openapi_document
from api.enriching import Enriching
from careerstream.documents import SandboxedDocuments
from catalog.understanding.understanding import read_understanding
from tests.unit.api.credentials import CREDENTIALS, a_guarded_door, a_visitor
from tests.unit.api.doors import a_hero, a_job

CASES = int(os.environ.get("FUZZ_CASES", "10"))
"""Cases for each route; every kind of caller sends each."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
HOLDERS = {"nobody": {}, **CREDENTIALS}
SCHEMA = schemathesis.openapi.from_dict(openapi_document())
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)}


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def door(runner):
    """A house with postings, content and people, open as long as the module."""
    built = a_guarded_door(enriching=Enriching(SandboxedDocuments(), read_understanding))
    built.offer(*(a_job(f"j{number}", days_old=number) for number in range(9)), content=(a_hero(),))
    opening = built.open()
    opened = runner.run(opening.__aenter__())
    for who in ({"userId": "u1"}, {"anonymousId": a_visitor()}, {"userId": "u2", "anonymousId": "sdk"}):
        for event in ("Job Viewed", "Job Saved"):
            message = {"event": event, "properties": {"job_id": "j1"}, **who}
            runner.run(opened.post("/v1/track", message, key="sk_demo"))
    runner.run(opened.fold())
    yield opened
    runner.run(opening.__aexit__(None, None, None))


async def answered(door, case, headers) -> httpx.Response:
    sent: dict[str, Any] = case.as_transport_kwargs(base_url="http://door")
    own = {name: value for name, value in dict(sent.pop("headers", None) or {}).items() if name.lower() not in headers}
    try:
        request = httpx.Request(
            sent["method"],
            sent["url"],
            params=sent.get("params"),
            headers={**_sendable(own), **headers},
            content=sent["data"] if isinstance(sent.get("data"), bytes | str) else None,
            json=sent.get("json"),
        )
    except httpx.InvalidURL:
        reject()  # longer than the client can send
    answer: httpx.Response = await door.http.send(request)
    return answer


def _sendable(headers):
    return {
        name: value
        for name, value in headers.items()
        if isinstance(value, str) and value.isascii() and value.isprintable()
    }


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_declared_and_none_is_broken(runner, door, label):
    operation = OPERATIONS[label]
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])

    @seed(4)
    @settings(
        max_examples=CASES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def sends(case):
        # Making a case costs ten times what sending it does.
        for holder, headers in HOLDERS.items():
            note(f"sent by {holder}")
            answer = runner.run(answered(door, case, headers))
            case.validate_response(answer, checks=CHECKS)

    sends()
