"""The commands of `surety`, a module for each. They read, ask and show; what is right or wrong is decided elsewhere."""
