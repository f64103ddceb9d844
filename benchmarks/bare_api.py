"""The rival of the decide route: a FastAPI route that reads its body and does one Redis GET of the stored decision, nothing else.

`python -m benchmarks.bare_api PORT REDIS_URL`; the same server settings as `careerstream api`.
"""

import sys
from typing import cast

import orjson
import uvicorn
from fastapi import FastAPI, Request, Response
from redis.asyncio import Redis


def create_bare(redis: Redis) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/v1/decide")
    async def decide(request: Request) -> Response:
        body = orjson.loads(await request.body())
        stored = await redis.get(body["key"])
        return Response(cast("bytes | None", stored) or b"{}", media_type="application/json")

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_bare(Redis.from_url(sys.argv[2])),
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
