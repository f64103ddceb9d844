"""The candidate's state: the fold, its sections, identity, segments and consent."""
