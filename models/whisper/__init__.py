"""Corpus, training, evaluation and export of the small bundled Whisper checkpoint (see README.md)."""
