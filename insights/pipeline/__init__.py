"""Use cases, one verb a file: gather, decide, apply. No library names here."""
