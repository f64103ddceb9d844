"""The HTTP door: collect, decide, segments, privacy and operations."""
