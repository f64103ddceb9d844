"""What an id of a posting, a content item or a survey may look like, so that a profile's size has a bound."""

ID_LIMIT = 64
"""Longest id that is kept: a UUID has 36 characters. A feed whose ids are URLs derives a short one."""


def is_usable_id(text: str) -> bool:
    """Say whether an id has 1 to 64 printable ASCII characters, no quote, no backslash: one byte each in JSON."""
    return 0 < len(text) <= ID_LIMIT and text.isascii() and text.isprintable() and '"' not in text and "\\" not in text
