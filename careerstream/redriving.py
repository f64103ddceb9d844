"""`careerstream redrive`: dead letters back to the topics they came from, each once."""

from collections.abc import Sequence

from aiokafka.errors import KafkaError

from careerstream.errors import Stopped
from careerstream.parts import topic_names
from careerstream.settings import Settings
from streams.redrive import redrive, waiting
from streams.sink import KafkaSink


async def run_redrive(settings: Settings, *, bootstrap: str, reasons: Sequence[str], dry_run: bool) -> str:
    """Drive dead letters in again, or with `dry_run` only count them, and answer the closing sentence."""
    names, kafka = topic_names(settings), settings.kafka.client_options(bootstrap)
    try:
        async with KafkaSink(kafka) as sink:
            if dry_run:
                found = await waiting(kafka=kafka, names=names, sink=sink, reasons=reasons)
                counts = ", ".join(f"{count:,} {reason}" for reason, count in sorted(found.items()))
                return f"would drive in again: {counts}" if counts else "no dead letter waits"
            done = await redrive(kafka=kafka, names=names, sink=sink, reasons=reasons)
    except KafkaError as error:
        raise Stopped(f"Kafka went away ({type(error).__name__}); run it again, it goes on where it stopped") from error
    return f"{done.driven:,} driven in again, {done.passed_over:,} passed over"
