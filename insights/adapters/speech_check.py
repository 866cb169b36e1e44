"""Lets a speech engine hear one clip of plain speech before it hears a call.

Engines have been known to answer with no text at all, and no error, on some drivers and processors. A night of empty
transcripts would pass for a night of hangups, which are billable.
"""

from __future__ import annotations

import math
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from insights.errors import EngineDeaf
from insights.ports import Clip

if TYPE_CHECKING:
    import numpy as np

    from insights.ports import SpeechEngine

TEST_CLIP: Final = Path(__file__).with_name("test_clip.wav")
"""A synthetic voice (flite's slt) on a telephone line: "hello, I need a plumber for a leaking water heater"."""


def check_hears(engine: SpeechEngine) -> None:
    """Raise EngineDeaf when the engine hears no word, or no number, in a clip of plain speech."""
    heard = engine.hear([Clip(clip_samples())])[0]
    if not heard.text or math.isnan(heard.confidence):
        raise EngineDeaf(
            f"the speech engine {engine.name} with {engine.model} hears nothing in a clip of plain speech.",
            next_step="Try --engine whisper, or CALL_INSIGHTS_SPEECH_DEVICE=cpu; update the graphics driver.",
        )


def clip_samples() -> np.ndarray[Any, np.dtype[np.float32]]:
    """The clip's samples at 16,000 Hz."""
    import numpy as np

    with wave.open(str(TEST_CLIP), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32_768
    at = np.arange(2 * samples.size) / 2
    return np.interp(at, np.arange(samples.size), samples).astype(np.float32)
