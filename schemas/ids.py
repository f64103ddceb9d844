"""What ids may look like, so that a profile's size has a bound."""

ID_LIMIT = 64
"""Longest id that is kept: a UUID has 36 characters. A feed whose ids are URLs derives a short one."""

PERSON_ID_LIMIT = 128
"""Longest user or anonymous id in bytes of UTF-8: a person's ids stand in the names of all their keys and in their links."""


def is_usable_id(text: str) -> bool:
    """Say whether a posting, content or survey id has 1 to 64 printable ASCII characters, no quote, no backslash: a byte each in JSON."""
    return 0 < len(text) <= ID_LIMIT and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text
