"""Seed calls, training, evaluation and card of the intent model (see MODEL_CARD.md)."""
