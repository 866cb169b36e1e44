"""Reads the pool of spoken utterances and puts windows of audio and their tokens together for training.

Four kinds of windows are mixed from the first step to the last, because training them one after the other lost
what the shorter ones had taught: single utterances, several in a row, full 30-second windows padded as Whisper
pads them, and windows without any speech. Of those with several utterances half are a conversation of two voices;
now and then a pause is long, or somebody else speaks softly behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Queue
from random import Random
from threading import Thread

import numpy as np
import numpy.typing as npt
import torch

from models.whisper.nonspeech import nonspeech
from models.whisper.spelling import Spelling
from models.whisper.telephone import log_mel
from models.whisper.voices import PHONES

FULL_FRAMES = 3000
MIX = {"single": 0.75, "several": 0.16, "full": 0.09}
NONSPEECH_SHARE = 0.03
TWO_PARTY_SHARE = 0.5
BEHIND_SHARE = 0.06
"""Windows in which another voice is heard softly behind a part of the speech."""
LONG_PAUSE_SHARE = 0.1
"""Pauses between utterances that last seconds."""
LOOKED_THROUGH = 300
"""Utterances of a shuffled pass in which one of a certain voice is looked for."""
PHONE_ROW = {phone: row + 1 for row, phone in enumerate(PHONES)}
Mel = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Utterance:
    """One spoken text of the pool; times in seconds from its first frame."""

    mel: npt.NDArray[np.float16]
    text: str
    voice: str
    start: float
    end: float
    word_ends: tuple[float, ...]
    phones: tuple[int, ...]

    @property
    def seconds(self) -> float:
        """Length with the silence around the speech."""
        return len(self.mel) / 100


@dataclass
class Batch:
    """Windows of one length, ready for the network. ``centers`` is -1 where a token has no time."""

    mel: torch.Tensor
    inputs: torch.Tensor
    targets: torch.Tensor
    centers: torch.Tensor
    lengths: torch.Tensor
    phones: list[list[int]]
    tokens: list[list[int]]

    @property
    def seconds(self) -> float:
        """Audio in the batch, padding included."""
        return self.mel.shape[0] * self.mel.shape[2] / 100

    def to(self, device: torch.device) -> Batch:
        """The same batch with its tensors on ``device``."""
        names = ("mel", "inputs", "targets", "centers", "lengths")
        return replace(self, **{name: getattr(self, name).to(device, non_blocking=True) for name in names})


@dataclass
class _Window:
    mel: Mel
    rows: list[int]
    centers: list[float]
    phones: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)


class Pool:
    """The utterances of all complete shards of a folder; more are taken in as they are made."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self.folder, self.rng = folder, rng
        self.utterances: list[Utterance] = []
        self._seen: set[str] = set()
        self._deck: list[Utterance] = []

    @property
    def hours(self) -> float:
        """Hours of audio in the pool."""
        return sum(len(utterance.mel) for utterance in self.utterances) / 360_000

    def refresh(self) -> None:
        """Take in new shards; what is new is drawn in this pass already."""
        for path in sorted(self.folder.glob("*.jsonl")):
            if path.name in self._seen:
                continue
            self._seen.add(path.name)
            mel = np.load(path.with_suffix(".npy"), mmap_mode="r")
            new = [_read(json.loads(line), mel) for line in path.read_text(encoding="utf-8").splitlines()]
            self.utterances.extend(new)
            self._deck.extend(new)
        self.rng.shuffle(self._deck)

    def draw(self, count: int) -> list[Utterance]:
        """The next utterances of a shuffled pass over the pool."""
        drawn: list[Utterance] = []
        while len(drawn) < count:
            if not self._deck:
                if not self.utterances:
                    raise FileNotFoundError(f"no complete shard in {self.folder}: run models.whisper.corpus first")
                self._deck = self.rng.sample(self.utterances, len(self.utterances))
            drawn.append(self._deck.pop())
        return drawn

    def draw_of(self, voice: str) -> Utterance:
        """The next utterance in this voice, or just the next one where none is near."""
        for place in range(len(self._deck) - 1, max(0, len(self._deck) - LOOKED_THROUGH) - 1, -1):
            if self._deck[place].voice == voice:
                return self._deck.pop(place)
        return self.draw(1)[0]


def _read(record: dict[str, object], mel: npt.NDArray[np.float16]) -> Utterance:
    offset, frames = int(str(record["offset"])), int(str(record["frames"]))
    word_ends = record["words"]
    assert isinstance(word_ends, list)
    return Utterance(
        mel=mel[offset : offset + frames],
        text=str(record["text"]),
        voice=str(record["voice"]),
        start=float(str(record["start"])),
        end=float(str(record["end"])),
        word_ends=tuple(word_ends),
        phones=tuple(PHONE_ROW[phone] for phone in str(record["phones"]).split()),
    )


class Batches:
    """An endless stream of mixed batches of about ``batch_seconds`` of audio each."""

    def __init__(self, pool: Pool, spelling: Spelling, rng: Random, batch_seconds: float) -> None:
        self.pool, self.spelling, self.rng = pool, spelling, rng
        self.batch_seconds = batch_seconds
        self._single: list[list[Utterance]] = []

    def __iter__(self) -> Iterator[Batch]:
        while True:
            kind = self.rng.choices(list(MIX), list(MIX.values()))[0]
            groups = self._groups(kind)
            windows = [
                self._silent(max(200, min(1500, len(group[0].mel))))
                if self.rng.random() < NONSPEECH_SHARE
                else self._spoken(group, timestamps=kind == "full" or self.rng.random() < 0.4)
                for group in groups
            ]
            yield self._collate(windows, FULL_FRAMES if kind == "full" else 0)

    def _groups(self, kind: str) -> list[list[Utterance]]:
        if kind == "single":
            if not self._single:
                self.pool.refresh()
                self._single = self._by_length(self.pool.draw(600))
            return [[utterance] for utterance in self._single.pop()]
        limit = 30.0 if kind == "full" else self.rng.choice((6.0, 9.0, 12.0))
        groups = []
        for _ in range(max(1, round(self.batch_seconds / limit))):
            wanted = limit * (self.rng.uniform(0.05, 0.9) if kind == "full" else self.rng.uniform(0.6, 1.0))
            group = self.pool.draw(1)
            parties: list[str] = []
            while sum(member.seconds for member in group) < wanted:
                extra = self.pool.draw_of(parties[len(group) % 2]) if parties else self.pool.draw(1)[0]
                if sum(member.seconds + 1.0 for member in [*group, extra]) > limit:
                    break
                group.append(extra)
                if len(group) == 2 and group[0].voice != extra.voice and self.rng.random() < TWO_PARTY_SHARE:
                    parties = [member.voice for member in group]
            groups.append(group)
        return groups

    def _by_length(self, utterances: list[Utterance]) -> list[list[Utterance]]:
        batches: list[list[Utterance]] = [[]]
        for utterance in sorted(utterances, key=lambda member: len(member.mel)):
            if batches[-1] and (len(batches[-1]) + 1) * utterance.seconds > self.batch_seconds:
                batches.append([])
            batches[-1].append(utterance)
        self.rng.shuffle(batches)
        return batches

    def _spoken(self, group: list[Utterance], timestamps: bool) -> _Window:
        spelling, rng = self.spelling, self.rng
        pieces: list[Mel] = []
        frames = 0
        spare = FULL_FRAMES - sum(len(utterance.mel) + 100 for utterance in group)
        window = _Window(np.empty((0, 80), np.float32), [spelling.sot], [])
        if not timestamps:
            window.rows.append(spelling.no_timestamps)
            window.centers.append(-1.0)
        for number, utterance in enumerate(group):
            mel = utterance.mel.astype(np.float32) + rng.uniform(-0.3, 0.3)
            if number and rng.random() < 0.5:
                length = rng.randint(5, 90)
                if spare > 200 and rng.random() < LONG_PAUSE_SHARE:
                    length = rng.randint(150, min(700, spare))
                    spare -= length
                edge = np.concatenate([mel[:5], mel[-5:]])
                gap = edge[np.random.default_rng(rng.getrandbits(32)).integers(0, len(edge), length)]
                pieces.append(gap)
                frames += len(gap)
            began = frames / 100
            if timestamps:
                window.rows.append(spelling.timestamp(began + utterance.start))
                window.centers.append(began + utterance.start)
            previous = utterance.start
            for rows, end in zip(spelling.encode(utterance.text), utterance.word_ends, strict=False):
                step = (end - previous) / len(rows)
                window.centers.extend(began + previous + step * (count + 0.5) for count in range(len(rows)))
                window.rows.extend(rows)
                window.tokens.extend(rows)
                previous = end
            if timestamps:
                window.rows.append(spelling.timestamp(began + utterance.end))
                window.centers.append(began + utterance.end)
            window.phones.extend(utterance.phones)
            pieces.append(mel)
            frames += len(mel)
        window.rows.append(spelling.eot)
        window.centers.append(-1.0)
        whole = np.concatenate(pieces)[:FULL_FRAMES]
        if rng.random() < BEHIND_SHARE:
            whole = with_another_behind(whole, self.pool.draw(1)[0].mel.astype(np.float32), rng)
        window.mel = scale(whole, rng)
        return window

    def _silent(self, frames: int) -> _Window:
        spelling, rng = self.spelling, self.rng
        mel = scale(log_mel(nonspeech(frames / 100, rng)).astype(np.float32), rng)
        starts = (spelling.no_speech, spelling.no_timestamps, spelling.timestamp(0.0))
        return _Window(mel, [spelling.sot, rng.choice(starts), spelling.eot], [-1.0, -1.0])

    def _collate(self, windows: list[_Window], frames: int) -> Batch:
        rng = self.rng
        margin = rng.choice((0, 0, 0, rng.randint(10, 130)))
        frames = frames or min(FULL_FRAMES, (max(len(window.mel) for window in windows) + margin + 1) // 2 * 2)
        length = max(len(window.rows) for window in windows) - 1
        mel = torch.zeros(len(windows), 80, frames)
        inputs = torch.full((len(windows), length), self.spelling.eot)
        targets = torch.full((len(windows), length), -100)
        centers = torch.full((len(windows), length), -1.0)
        for number, window in enumerate(windows):
            masked = mask(window.mel[:frames], rng)
            if rng.random() < 0.4:  # a file's end is padded with silence, a window's end with zeros
                mel[number] = float(masked.min())
            mel[number, :, : len(masked)] = torch.from_numpy(masked.T.copy())
            rows = torch.tensor(window.rows)
            inputs[number, : len(rows) - 1], targets[number, : len(rows) - 1] = rows[:-1], rows[1:]
            centers[number, : len(rows) - 1] = torch.tensor(window.centers)
        return Batch(
            mel=mel,
            inputs=inputs,
            targets=targets,
            centers=centers,
            lengths=torch.tensor([min(frames, len(window.mel)) // 2 for window in windows]),
            phones=[window.phones for window in windows],
            tokens=[window.tokens for window in windows],
        )


def made_ahead(batches: Iterable[Batch], count: int) -> Iterator[Batch]:
    """The same batches, put together by a thread up to ``count`` ahead of whoever asks; its trouble is raised here."""
    ready: Queue[Batch | BaseException] = Queue(count)

    def make() -> None:
        try:
            for batch in batches:
                ready.put(batch)
        except BaseException as trouble:
            ready.put(trouble)

    Thread(target=make, daemon=True).start()
    while True:
        found = ready.get()
        if isinstance(found, BaseException):
            raise found
        yield found


def with_another_behind(mel: Mel, other: Mel, rng: Random) -> Mel:
    """``mel`` with another utterance behind it, 8 to 20 dB softer; powers add, as sounds that know nothing of each
    other do."""
    softer = other + float(mel.max()) - float(other.max()) - rng.uniform(0.8, 2.0)
    start = rng.randrange(len(mel))
    both = mel.copy()
    part = both[start : start + len(softer)]
    part[:] = np.log10(10.0**part + 10.0 ** softer[: len(part)])
    return both


def scale(mel: Mel, rng: Random | None = None) -> Mel:
    """Clamp to 8 below the loudest frame and scale, as ``whisper.log_mel_spectrogram`` does.

    With ``rng`` the loudest frame may lie outside of this window, as in a longer recording.
    """
    loudest = float(mel.max()) + (rng.uniform(0, 1) if rng is not None and rng.random() < 0.3 else 0.0)
    scaled: Mel = ((np.maximum(mel, loudest - 8.0) + 4.0) / 4.0).astype(np.float32)
    return scaled


def mask(mel: Mel, rng: Random) -> Mel:
    """Blank a few short stretches of time and one narrow band, in half of the windows."""
    if rng.random() < 0.5:
        return mel
    mel = mel.copy()
    for _ in range(rng.randint(0, 1 + len(mel) // 400)):
        start = rng.randrange(len(mel))
        mel[start : start + rng.randint(1, 15)] = 0.0
    band = rng.randrange(74)
    mel[:, band : band + rng.randint(1, 6)] = 0.0
    return mel
