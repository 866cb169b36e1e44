"""Writes MODEL_CARD.md and its plot from the metadata beside the bundled checkpoint, so that they cannot differ.

Metadata of older exports lacks some of the figures; what it lacks is left out of the card.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from insights.plots import INK, LINE, MARK, QUIET, figure

HERE = Path(__file__).parent
PLOT = "plots/curve.svg"
SETS = {
    "natural": "Natural sentences of stories never trained on, core voices",
    "held_out_voice": "The same kind of sentences, voices never trained on",
    "combinations": "New combinations of known patterns, core voices",
    "digits": "Digit strings (phone numbers, zips), core voices",
    "calls_stereo": "Whole two-party calls of such stories, a channel each",
    "calls_mono": "The same calls on one channel",
}
INTRO = """# Model card: the bundled Whisper checkpoint

`{file}` ({megabytes:.1f} MB, SHA-256 `{sha256}`), written {date}. This page is made by
`python -m models.whisper.card`; do not edit it.

## What it is

A very small English speech recogniser in Whisper's own architecture and file layout, so that a machine
without a network can run the real path (`whisper.load_model`, `transcribe`) on real audio in the demo and
in the tests. {encoder} encoder and {decoder} decoder layers, {width} channels.

## What it is not

**It must not be used for real calls**, and a night on a real source refuses it unless told otherwise
(`--demo-speech`). It has heard synthetic voices only, never a human being. It writes fluent sentences of the
trade that nobody said, so its transcripts are no evidence by themselves; a verdict that rests on them must be
doubted. It knows no language but English, no accents, no crowd and no music behind speech. It was not trained by
OpenAI and shares no weights with the official models. For real calls configure an official model name or a
checkpoint of your own.

## Training

- Origin: {origin}
"""
TRAINING = """- Start: {training}.
- Seen: {hours} hours of audio in this run (repetitions, padding included), {steps} steps, {minutes:.0f} minutes of
  computing{pool}.
- Text: turns of hand-written calls (the training split only; of the stories told once a twentieth is held out), their
  clauses recombined, generated facts and phrases, words in random order. No fixture was used.
- Spelling: the first {merges} merges of Whisper's vocabulary, so it can write any word.
- Channel: 8 kHz, about 300-3400 Hz, mu-law (most), GSM (some) or neither, noise 15-45 dB below speech.
- Code version {code_version}, seed {seed}.

| voice | share of the corpus |
| --- | --- |
"""
METHOD = """
## Measured

Recordings in the telephone band through the product's own path (the function behind `call-insights transcribe`:
decoder, speech finder, engine `{engine}`), greedy, no previous text. Word error rate after Whisper's
`EnglishTextNormalizer`, in brackets what holds 95 % of 1,000 draws of clips with replacement. No sentence of these sets
was spoken in training.
"""


def percent(rate: float) -> str:
    """A rate as whole percent; error rates may be above 100 %."""
    return f"{100 * rate:.0f} %"


def card(metadata: dict[str, Any]) -> str:
    """The model card as Markdown."""
    dims = metadata["dims"]
    text = INTRO.format(
        **metadata,
        megabytes=metadata["bytes"] / 1e6,
        encoder=dims["n_audio_layer"],
        decoder=dims["n_text_layer"],
        width=dims["n_audio_state"],
    )
    if "steps" in metadata:
        hours = max((row["pool_hours"] for row in metadata.get("curve", {}).get("losses", ())), default=0)
        text += TRAINING.format(**metadata, pool=f"; {hours:.0f} hours of different audio" if hours else "")
        text += "".join(f"| {voice} | {share} % |\n" for voice, share in metadata["voices"].items())
    if _has_curve(metadata):
        text += f"\n![Word error rate and loss over hours of audio]({PLOT})\n"
    if "metrics" in metadata:
        text += "\n".join(_measured(metadata["metrics"], metadata.get("baseline"))) + "\n"
    return text


def _measured(metrics: dict[str, Any], baseline: dict[str, Any] | None) -> Iterator[str]:
    yield METHOD.format(**metrics)
    before = (baseline or {}).get("sets", {})
    yield "| set | clips | WER |" + (" WER before this training |" if before else "")
    yield "| --- | --- | --- |" + (" --- |" if before else "")
    for name, title in SETS.items():
        if name in metrics["sets"]:
            row = f"| {title} | {metrics['sets'][name]['clips']} | {_rate(metrics['sets'][name])} |"
            yield row + (f" {_rate(before[name])} |" if name in before else " |" if before else "")
    if "direct" in metrics:
        direct = metrics["direct"]
        yield (
            f"\n{direct['clips']} of the natural sentences in core voices by `whisper.load_model(...).transcribe` "
            f"alone, without the product around it: {_rate(direct)}."
        )
    yield "\n" + _digits(metrics["sets"]["digits"])
    yield "\n| voice | set | WER |\n| --- | --- | --- |"
    for name, title in (("natural", "core"), ("held_out_voice", "never trained on")):
        for voice, rate in metrics["sets"][name]["by_voice"].items():
            yield f"| {voice} | {title} | {percent(rate)} |"
    yield "\n" + _nobody_speaks(metrics["nonspeech"])
    yield "\nWhat it makes of natural sentences (the first ones of each core voice, not chosen):\n"
    yield "| said | heard |\n| --- | --- |"
    yield from (f"| {example['said']} | {example['heard']} |" for example in metrics["examples"])


def _rate(found: dict[str, Any]) -> str:
    between = "-".join(f"{100 * end:.0f}" for end in found.get("interval", ()))
    return percent(found["wer"]) + (f" ({between})" if between else "")


def _digits(found: dict[str, Any]) -> str:
    spoken = f"Compared word by word as spoken, digit strings have {percent(found['wer_as_spoken'])} WER"
    voices = ", ".join(f"{voice} {percent(share)}" for voice, share in found["whole_by_voice"].items())
    return f"Digit strings heard whole, every digit right: {percent(found['whole'])} ({voices}). {spoken}."


def _nobody_speaks(found: dict[str, Any]) -> str:
    invented = ", ".join(f"{kind} {count}" for kind, count in found["invented_words"].items())
    return f"Words invented in {found['minutes']} minutes in which nobody speaks: {invented}."


def _has_curve(metadata: dict[str, Any]) -> bool:
    return bool(metadata.get("curve", {}).get("losses"))


def draw_curve(metadata: dict[str, Any], path: Path) -> None:
    """Error rates (points, left) and the loss on phones (line, right) over hours of audio in this run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    losses, points = metadata["curve"]["losses"], list(metadata["curve"]["points"])
    if "baseline" in metadata:
        points.insert(0, {"hours": 0.0, **metadata["baseline"]["wer"]})
    if "metrics" in metadata:
        points.append({"hours": metadata["hours"], **metadata["metrics"]["wer"]})
    with figure() as axes:
        for name, colour, label in (
            ("natural", LINE, "natural sentences"),
            ("combinations", MARK, "known patterns"),
            ("digits", INK, "digit strings"),
        ):
            there = [point for point in points if name in point]
            hours, rates = [point["hours"] for point in there], [100 * point[name] for point in there]
            axes.plot(hours, rates, "o-", color=colour, label=label)
        axes.set(xlabel="hours of audio seen in this run", ylabel="word error rate, %", ylim=(0, None))
        axes.grid(visible=True, linewidth=0.6)
        beside = axes.twinx()
        hours, phones = [row["audio_hours"] for row in losses], [row["phones"] for row in losses]
        beside.plot(hours, phones, color=QUIET, linewidth=1, linestyle="--")
        beside.set_ylabel("loss on phones (dashed)", color=QUIET)
        beside.set_yscale("log")
        if points:
            axes.legend(frameon=False)
        axes.set_title("What more hours of audio gave", fontsize=11)
        axes.figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")  # type: ignore[union-attr]


def main() -> None:
    """Write the model card of the bundled checkpoint, and its plot, from its metadata."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.card", description=main.__doc__)
    parser.add_argument("--metadata", type=Path, default=HERE / "bundled.json")
    parser.add_argument("--out", type=Path, default=HERE / "MODEL_CARD.md")
    options = parser.parse_args()
    metadata = json.loads(options.metadata.read_text(encoding="utf-8"))
    options.out.write_text(card(metadata), encoding="utf-8")
    if _has_curve(metadata):
        draw_curve(metadata, options.out.parent / PLOT)


if __name__ == "__main__":
    main()
