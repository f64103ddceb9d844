"""From decisions and outcomes to the next model."""
