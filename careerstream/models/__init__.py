"""Trained models in the house: the registry on Kafka, what serves, and the verbs that train, judge and promote."""
