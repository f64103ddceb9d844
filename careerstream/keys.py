"""Which keys hold: the demo ones on embedded servers only, else those of the key file and those made by `careerstream keys`."""

from collections.abc import Sequence

from api.keys import Key, KeyRing, UnusableKeys, demo_keys, parse_keys
from api.stored_keys import KeyRecord, KeysAway
from careerstream.errors import Stopped
from careerstream.parts import key_store, redis_client
from careerstream.settings import PREFIX, ApiSettings, Settings

DEMO = ("pk_demo", "sk_demo")


def keys_in_force(settings: ApiSettings, *, embedded: bool, made: Sequence[KeyRecord] = ()) -> tuple[Key, ...]:
    """Answer the keys that hold as long as the process, or raise Stopped with the sentence that says what is missing.

    `made` are the keys that the house keeps; they come and go while it runs, and one of them is enough to start.
    """
    if settings.keys_file is None:
        if embedded:
            return tuple(demo_keys())
        if made:
            return ()
        raise Stopped(
            "real servers want real keys: make one with `careerstream keys create`, or name a file with --keys or "
            f"{PREFIX}API__KEYS_FILE (docs/howto/keys.md)"
        )
    try:
        keys = parse_keys(settings.keys_file.read_text(), str(settings.keys_file))
    except (UnusableKeys, OSError) as error:
        raise Stopped(str(error)) from error
    ring = KeyRing(keys)
    if not embedded and any(ring.find(key) for key in DEMO):
        raise Stopped(f"{settings.keys_file} names a demo key; demo keys hold on embedded servers only")
    return keys


async def kept_keys(settings: Settings, url: str) -> Sequence[KeyRecord]:
    """Answer the keys that the house keeps, or raise Stopped."""
    client = redis_client(settings, url)
    try:
        return await key_store(settings, client).records()
    except (KeysAway, UnusableKeys) as error:
        raise Stopped(str(error)) from error
    finally:
        await client.aclose()
