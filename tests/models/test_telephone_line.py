"""What the training hears is what telephone lines do to speech: clicks, somebody behind, pauses, two who talk."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest
from speech_pool import a_pool, a_tone

from models.whisper.spelling import Spelling
from models.whisper.telephone import LINE_RATE, clicks, line, log_mel, over_the_line
from models.whisper.windows import FULL_FRAMES, Batches, Pool, with_another_behind

SECONDS = 2.0


def test_what_goes_over_a_line_comes_out_as_long_and_within_the_scale() -> None:
    rng = Random(3)
    for _ in range(12):
        speech, start, end = over_the_line(a_tone(SECONDS, 400), LINE_RATE, rng)
        assert np.abs(speech).max() <= 1
        assert 0.9 * SECONDS < end - start < 1.1 * SECONDS
        quiet, loud = speech[: round(start * LINE_RATE)], speech[round(start * LINE_RATE) : round(end * LINE_RATE)]
        assert np.abs(loud).mean() > 2 * np.abs(quiet).mean(), "speech stands where it is said to"


def test_a_line_lets_the_telephone_band_through_and_little_else() -> None:
    """Tones far below, within and far above 300-3400 Hz, over many lines."""
    power = {
        pitch: np.mean([np.mean(line(a_tone(1.0, pitch), Random(seed)) ** 2) for seed in range(8)])
        for pitch in (40, 1_000, 3_950)
    }
    assert power[1_000] > 20 * power[40]
    assert power[1_000] > 4 * power[3_950]


def test_clicks_are_few_short_and_never_above_two_fifths_of_the_scale() -> None:
    for seed in range(20):
        wave = clicks(LINE_RATE, Random(seed))
        struck = np.abs(wave) > 1e-3
        assert 0 < struck.mean() < 0.05
        assert np.abs(wave).max() <= 5 * 0.4


def test_a_voice_behind_is_softer_and_leaves_what_came_before_it_alone() -> None:
    front, behind = log_mel(a_tone(3.0, 300)).astype(np.float32), log_mel(a_tone(3.0, 1_700)).astype(np.float32)
    both = with_another_behind(front, behind, Random(4))
    changed = np.flatnonzero((both != front).any(axis=1))

    assert len(both) == len(front)
    assert changed.size and (both >= front - 1e-4).all(), "powers add"
    tone_behind = behind.mean(axis=0).argmax()
    heard = both[changed[0] + 5 :, tone_behind].max()
    assert front[:, tone_behind].max() + 0.5 < heard < front.max() - 0.5


def test_windows_hold_conversations_of_two_voices_and_long_pauses_and_never_more_than_whisper_sees(
    tmp_path: Path,
) -> None:
    """Every window is a mix of the pool's utterances; the third of the mix that has several is looked at."""
    rng = Random(1)
    pool = Pool(a_pool(tmp_path, count=90), rng)
    pool.refresh()
    batches = Batches(pool, Spelling(), rng, 36.0)
    conversations = 0
    for _ in range(30):
        for group in batches._groups("full"):
            voices = [member.voice for member in group]
            assert sum(member.seconds for member in group) <= 30
            conversations += len(voices) > 3 and len(set(voices)) == 2 and voices[0::2] != voices[1::2]
    assert conversations > 5

    assert all(batch.mel.shape[2] <= FULL_FRAMES for batch in islice(batches, 10))


def test_some_pauses_last_for_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.whisper.windows.NONSPEECH_SHARE", 0.0)
    rng = Random(2)
    pool = Pool(a_pool(tmp_path, count=40), rng)
    pool.refresh()
    batches = Batches(pool, Spelling(), rng, 36.0)
    added = []
    for _ in range(100):
        group = pool.draw(3)
        window = batches._spoken(group, timestamps=False)
        added.append(len(window.mel) - sum(len(member.mel) for member in group))
    assert max(added) > 150
    assert np.median(added) < 150, "a long pause is not the rule"


def test_an_utterance_in_a_certain_voice_is_taken_where_one_is_near(tmp_path: Path) -> None:
    pool = Pool(a_pool(tmp_path, count=30), Random(5))
    pool.refresh()
    assert {pool.draw_of("slt").voice for _ in range(8)} == {"slt"}
    assert pool.draw_of("nobody").voice in {"slt", "rms", "kal"}
