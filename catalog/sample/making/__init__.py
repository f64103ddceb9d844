"""How the sample is made of its sources: one file a question; run by `catalog/sample/build.py` alone."""
