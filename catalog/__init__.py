"""Jobs and content: feeds, enrichment, index and live item statistics."""
