"""The demo: a day of escalations for real on this machine, in stepped time; other histories the same way."""
