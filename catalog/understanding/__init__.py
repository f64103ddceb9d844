"""What a posting or a résumé says in words, as codes: occupations, skills, places, pay and level.

Pure: the tables are read once by `understanding()` and handed on as values. Where they come from says PROVENANCE.md in `tables/`.
"""
