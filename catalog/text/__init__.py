"""Postings found by their words and by what they mean: BM25 and static vectors over whole documents."""
