"""Whether every part works: each probe answers in a few words what is missing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

Probe = Callable[[], Awaitable[str | None]]
"""Answers what is missing, or None when all is well."""

PATIENCE = 2.0


async def missing_parts(probes: Mapping[str, Probe]) -> dict[str, str]:
    """Answer what is missing, by the part's name; a probe that breaks or hangs says so itself."""
    answers = await asyncio.gather(*(_asked(probe) for probe in probes.values()))
    return {name: why for name, why in zip(probes, answers, strict=True) if why is not None}


async def _asked(probe: Probe) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await probe()
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except Exception as error:  # noqa: BLE001  # a probe that breaks is an answer, too: not ready
        return type(error).__name__
