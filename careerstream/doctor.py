"""`careerstream doctor`: each thing the engine needs, whether it is there, and what to do if not."""

from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from careerstream.doors import kafka_problem, port_problem, redis_problem, without_password
from careerstream.parts import read_configuration
from careerstream.settings import Settings
from careerstream.topics import partitions_of_topics
from schemas.config import ConfigError


@dataclass(frozen=True, slots=True)
class Finding:
    """One examined thing."""

    subject: str
    sound: bool
    sentence: str


async def examine(settings: Settings) -> list[Finding]:
    """Answer a finding for settings, configuration, Kafka, its topics, Redis and the port."""
    findings = [_configuration(settings)]
    if settings.kafka.bootstrap is None:
        findings.append(Finding("Kafka", sound=True, sentence="not named; `careerstream up` starts an embedded broker"))
    else:
        findings.extend(await _kafka(settings, settings.kafka.bootstrap))
    if settings.redis.url is None:
        findings.append(Finding("Redis", sound=True, sentence="not named; `careerstream up` starts an embedded server"))
    else:
        problem = await redis_problem(settings.redis.url, settings.redis.client_options(settings.redis.url))
        findings.append(
            Finding("Redis", problem is None, problem or f"answers at {without_password(settings.redis.url)}")
        )
    problem = port_problem(settings.api.host, settings.api.port)
    findings.append(Finding("port", problem is None, problem or f"{settings.api.port} on {settings.api.host} is free"))
    return findings


def _configuration(settings: Settings) -> Finding:
    try:
        configuration = read_configuration(settings)
    except ConfigError as error:
        return Finding("configuration", sound=False, sentence=str(error))
    return Finding(
        "configuration",
        sound=True,
        sentence=f"policy {configuration.policy.version}, {len(configuration.segments)} segments",
    )


async def _kafka(settings: Settings, bootstrap: str) -> list[Finding]:
    options = settings.kafka.client_options(bootstrap)
    problem = await kafka_problem(options)
    if problem:
        return [Finding("Kafka", sound=False, sentence=problem)]
    consumer = AIOKafkaConsumer(**options)
    await consumer.start()
    try:
        there = await consumer.topics()
    finally:
        await consumer.stop()
    missing = [name for name in partitions_of_topics(settings.kafka) if name not in there]
    return [
        Finding("Kafka", sound=True, sentence=f"answers at {bootstrap}"),
        Finding(
            "topics",
            sound=not missing,
            sentence=f"missing: {', '.join(missing)}; `careerstream topics` creates them" if missing else "all there",
        ),
    ]
