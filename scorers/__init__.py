"""The decision: sources, rules, features, models, rerankers and reasons."""
