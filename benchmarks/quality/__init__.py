"""How good the answers are, measured on labelled data: `python -m benchmarks.quality` writes QUALITY.md beside this folder."""
