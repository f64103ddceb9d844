"""Which keys hold: the demo ones on embedded servers only, else those of the key file."""

from api.keys import KeyRing, UnusableKeys, demo_keys, parse_keys
from careerstream.errors import Stopped
from careerstream.settings import PREFIX, ApiSettings

DEMO = ("pk_demo", "sk_demo")


def keys_in_force(settings: ApiSettings, *, embedded: bool) -> KeyRing:
    """Answer the keys, or raise Stopped with the sentence that says what is missing."""
    if settings.keys_file is None:
        if embedded:
            return demo_keys()
        raise Stopped(
            f"real servers want real keys: name a file with --keys or {PREFIX}API__KEYS_FILE (docs/howto/keys.md)"
        )
    try:
        ring = KeyRing(parse_keys(settings.keys_file.read_text(), str(settings.keys_file)))
    except (UnusableKeys, OSError) as error:
        raise Stopped(str(error)) from error
    if not embedded and any(ring.find(key) for key in DEMO):
        raise Stopped(f"{settings.keys_file} names a demo key; demo keys hold on embedded servers only")
    return ring
