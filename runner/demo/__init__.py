"""The demo: a day of escalations for real on this machine, in stepped time, and other histories through the same services."""
