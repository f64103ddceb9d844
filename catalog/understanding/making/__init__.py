"""How the tables are made of their sources: one file a table; run by `build.py` alone."""
