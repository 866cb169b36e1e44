"""Speaks texts with the free synthetic voices of Debian, and says which sounds and words come when.

Four clear voices carry the corpus, a few others widen it, and three are never heard in training. Needs the
programs ``flite``, ``festival`` (voices kal, ked, cmu-us-slt-arctic-hts) and ``espeak-ng``.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

# The share of the corpus that each voice speaks, in percent.
CORE_VOICES = {"flite:slt": 24, "flite:rms": 20, "flite:kal16": 22, "espeak:en-us": 11, "espeak:en-us+f3": 9}
BREADTH_VOICES = {"flite:awb": 5, "festival:cmu_us_slt_arctic_hts": 4, "festival:kal_diphone": 5}
TRAINING_VOICES = CORE_VOICES | BREADTH_VOICES
HELD_OUT_VOICES = ("festival:ked_diphone", "espeak:en-gb", "espeak:en-us+m7")

# Mean pitch in Hz of the flite voices; a take varies around it.
PITCH = {"flite:slt": 172.0, "flite:awb": 125.0, "flite:rms": 95.0, "flite:kal16": 105.0}

# Written as one word, said otherwise.
SAID_AS = {
    "hvac": "h vac", "ac": "ay c", "dui": "d u i", "rv": "r v", "tv": "t v", "suv": "s u v", "pvc": "p v c",
    "gps": "g p s", "vin": "vinn", "hoa": "h o ay", "mph": "miles per hour", "gfci": "g f c i", "atv": "ay t v",
    "mhm": "m hmm", "asap": "ay sap",
}  # fmt: skip

PHONES = """aa ae ah ao aw ax ay b ch d dh dx eh el em en er ey f g hh hv ih iy jh k l m n nx ng ow oy p r s sh t th
uh uw v w y z zh""".split()

# Festival's text analysis without the waveform: words, their phones and where each phone ends, in seconds.
_ANALYSE = """(voice_kal_diphone)
(define (analyse number text)
  (let ((u (eval (list 'Utterance 'Text text))))
    (Initialize u) (Text u) (Token_POS u) (Token u) (POS u) (Phrasify u) (Word u) (Pauses u) (Intonation u)
    (PostLex u) (Duration u)
    (format t "U %d" number)
    (mapcar (lambda (word) (format t "|")
      (mapcar (lambda (syllable)
        (mapcar (lambda (phone) (format t " %s %.3f %.3f" (item.name phone)
            (item.feat phone "segment_start") (item.feat phone "end")))
          (item.daughters syllable)))
        (item.daughters (item.relation word 'SylStructure))))
      (utt.relation.items u 'Word))
    (format t "\\n")))
"""


@dataclass(frozen=True)
class Take:
    """How one text is spoken: the voice, its tempo (1.1 is slower), its pitch relative to the voice's own."""

    voice: str
    stretch: float
    pitch: float


@dataclass(frozen=True)
class Analysis:
    """Sounds of a text: the phones in order, and each word's (start, end) as shares of the spoken span."""

    phones: tuple[str, ...]
    word_spans: tuple[tuple[float, float], ...]


def choose_take(rng: Random) -> Take:
    """Draw a voice by its share, and a tempo and pitch around it."""
    voice = rng.choices(list(TRAINING_VOICES), list(TRAINING_VOICES.values()))[0]
    return Take(voice, rng.uniform(0.9, 1.18), rng.uniform(0.87, 1.18))


def plain_take(voice: str, rng: Random) -> Take:
    """A take near the voice's own tempo and pitch, for evaluation."""
    return Take(voice, rng.uniform(0.98, 1.1), rng.uniform(0.95, 1.06))


def takes_of_call(speakers: Sequence[str], rng: Random) -> list[Take]:
    """A voice for each speaker of a call, the same in all its turns; who is not named speaks in turn."""
    caller, agent = rng.sample(list(CORE_VOICES), 2)
    takes = {"caller": plain_take(caller, rng), "agent": plain_take(agent, rng), "ivr": plain_take(agent, rng)}
    return [
        takes[speaker] if speaker in takes else (takes["agent"], takes["caller"])[number % 2]
        for number, speaker in enumerate(speakers)
    ]


def say_as(text: str) -> str:
    """Spell out what the synthesisers would misread: abbreviations, and the letter a among spelled letters."""
    words = [SAID_AS.get(word, word) for word in text.split()]
    said = " ".join(words)
    return re.sub(r"\ba(?= [b-hj-z]\b)|(?<=\b[b-hj-z] )a\b(?! [a-z]{2})", "ay", said)


def analyse(texts: Sequence[str], folder: Path) -> list[Analysis | None]:
    """Phones and word spans of each text (None where festival finds no sound)."""
    script = folder / "analyse.scm"
    calls = [f'(analyse {number} "{say_as(text)}")' for number, text in enumerate(texts)]
    script.write_text("\n".join([_ANALYSE, *calls]), encoding="utf-8")
    printed = subprocess.run(["festival", "-b", str(script)], capture_output=True, text=True, check=False).stdout
    found: list[Analysis | None] = [None] * len(texts)
    for line in printed.splitlines():
        if line.startswith("U "):
            number, _, words = line[2:].partition("|")
            found[int(number)] = _read_analysis(words, texts[int(number)])
    return found


def _read_analysis(printed: str, text: str) -> Analysis | None:
    phones: list[str] = []
    spans: list[tuple[float, float]] = []
    for word in printed.split("|"):
        fields = word.split()
        if len(fields) < 3:
            continue
        phones.extend(phone for phone in fields[0::3] if phone in PHONES)
        spans.append((float(fields[1]), float(fields[-1])))
    if not phones:
        return None
    first, last = spans[0][0], spans[-1][1]
    words = text.split()
    if len(spans) == len(words):
        scaled = tuple(((start - first) / (last - first), (end - first) / (last - first)) for start, end in spans)
    else:  # festival split or joined a word: share the time out by letters
        total = sum(len(word) + 1 for word in words)
        ends = [sum(len(word) + 1 for word in words[: count + 1]) / total for count in range(len(words))]
        scaled = tuple(zip([0.0, *ends[:-1]], ends, strict=True))
    return Analysis(tuple(phones), scaled)


def speak(texts: Sequence[str], takes: Sequence[Take], folder: Path) -> list[Path]:
    """Speak each text with its take into ``folder``; return the WAV paths (a failed one does not exist)."""
    paths = [folder / f"{number}.wav" for number in range(len(texts))]
    festival: dict[str, list[str]] = {}
    for text, take, path in zip(texts, takes, paths, strict=True):
        engine, _, name = take.voice.partition(":")
        said = say_as(text)
        if engine == "flite":
            pitch = PITCH[take.voice] * take.pitch
            settings = [f"duration_stretch={take.stretch:.2f}", f"int_f0_target_mean={pitch:.0f}"]
            command = ["flite", "-voice", name, "--setf", settings[0], "--setf", settings[1], "-t", said, str(path)]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        elif engine == "espeak":
            speed, tone = round(165 / take.stretch), round(50 + (take.pitch - 1) * 120)
            command = ["espeak-ng", "-v", name, "-s", str(speed), "-p", str(tone), "-w", str(path), said]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        else:
            festival.setdefault(name, []).append(
                f"(Parameter.set 'Duration_Stretch {take.stretch:.2f})"
                f'(utt.save.wave (utt.synth (Utterance Text "{said}")) "{path}")'
            )
    for name, commands in festival.items():
        script = folder / f"{name}.scm"
        script.write_text("\n".join([f"(voice_{name})", *commands]), encoding="utf-8")
        subprocess.run(["festival", "-b", str(script)], capture_output=True, check=False)
    return paths
