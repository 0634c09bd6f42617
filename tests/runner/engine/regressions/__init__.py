"""What went wrong in other systems, each by its name: shown to go right here."""
