"""Every figure we name, measured in one run beside its limit or a rival; `python -m benchmarks` prints them."""
