"""What `careerstream up` starts when nobody names a Kafka or a Redis: both, as real processes."""
