"""Writes MODEL_CARD.md from the metadata beside the bundled checkpoint, so that the card cannot differ from it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SETS = {
    "natural": "Natural sentences, core voices",
    "held_out_voice": "Natural sentences, voices never trained on",
    "digits": "Phone numbers, core voices",
}


def percent(rate: float) -> str:
    """A rate as whole percent; error rates may be above 100 %."""
    return f"{100 * rate:.0f} %"


def card(metadata: dict[str, Any]) -> str:
    """The model card as Markdown."""
    metrics = metadata.get("metrics")
    voices = metadata.get("voices", {})
    dims = metadata["dims"]
    lines = [
        "# Model card: the bundled Whisper checkpoint",
        "",
        f"`{metadata['file']}` ({metadata['bytes'] / 1e6:.1f} MB, SHA-256 `{metadata['sha256']}`), "
        f"written {metadata['date']}. This page is made by `python -m models.whisper.card`; do not edit it.",
        "",
        "## What it is",
        "",
        "A very small English speech recogniser in Whisper's own architecture and file layout, so that a machine",
        "without a network can run the real path (`whisper.load_model`, `transcribe`) on real audio in the demo and",
        f"in the tests. {dims['n_audio_layer']} encoder and {dims['n_text_layer']} decoder layers, "
        f"{dims['n_audio_state']} channels.",
        "",
        "## What it is not",
        "",
        "**It must not be used for real calls.** It has heard synthetic voices only, never a human being. It writes",
        "fluent sentences of the trade that nobody said, so its transcripts are no evidence by themselves; a verdict",
        "that rests on them must be doubted. It was not trained by OpenAI and shares no weights with the official",
        "models. For real calls configure an official model name or a checkpoint of your own.",
        "",
        "## Training",
        "",
        f"- Origin: {metadata['origin']}",
    ]
    if "steps" in metadata:
        lines += [
            f"- Start: {metadata['training']}.",
            f"- Seen: {metadata['hours']} hours of audio (repetitions, padding included), {metadata['steps']} steps,",
            f"  {metadata['minutes']:.0f} minutes on two shared cores.",
            "- Text: turns of hand-written calls (the training split only; a twentieth of the calls held out), their",
            "  clauses recombined, generated facts and phrases, words in random order. No fixture was used.",
            f"- Spelling: the first {metadata['merges']} merges of Whisper's vocabulary, so it can write any word.",
            "- Channel: 8 kHz, about 300-3400 Hz, mu-law (most), GSM (some) or neither, noise 15-45 dB below speech.",
            f"- Code version {metadata['code_version']}, seed {metadata['seed']}.",
            "",
            "| voice | share of the corpus |",
            "| --- | --- |",
            *(f"| {voice} | {share} % |" for voice, share in voices.items()),
        ]
    if metrics:
        lines += ["", *_measured(metrics, metadata.get("baseline"))]
    return "\n".join(lines) + "\n"


def _measured(metrics: dict[str, Any], baseline: dict[str, Any] | None) -> list[str]:
    lines = [
        "## Measured",
        "",
        "Word error rate after Whisper's `EnglishTextNormalizer`; greedy, temperature 0, no previous text; no sentence",
        "of these sets was spoken in training. The normaliser joins spoken digits into one number, so that one wrong",
        "digit makes a whole phone number wrong; compared word by word as spoken, phone numbers have "
        f"{percent(metrics['sets']['digits']['wer_as_spoken'])} WER.",
        "",
        "| set | clips | WER |" + (" WER before this training |" if baseline else ""),
        "| --- | --- | --- |" + (" --- |" if baseline else ""),
    ]
    for name, title in SETS.items():
        found = metrics["sets"][name]
        row = f"| {title} | {found['clips']} | {percent(found['wer'])} |"
        lines.append(row + (f" {percent(baseline['sets'][name]['wer'])} |" if baseline else ""))
    lines += ["", "| voice | set | WER |", "| --- | --- | --- |"]
    for name in ("natural", "held_out_voice"):
        for voice, rate in metrics["sets"][name]["by_voice"].items():
            lines.append(f"| {voice} | {'core' if name == 'natural' else 'never trained on'} | {percent(rate)} |")
    silent = metrics["nonspeech"]
    invented = ", ".join(f"{kind} {count}" for kind, count in silent["invented_words"].items())
    lines += [
        "",
        f"Invented words on {silent['clips']} clips without speech of {silent['seconds_each']:.0f} s each: {invented}.",
        "",
        "What it makes of natural sentences (the first ones of each core voice, not chosen):",
        "",
        "| said | heard |",
        "| --- | --- |",
        *(f"| {example['said']} | {example['heard']} |" for example in metrics["examples"]),
    ]
    return lines


def main() -> None:
    """Write the model card of the bundled checkpoint from its metadata."""
    parser = argparse.ArgumentParser(prog="python -m models.whisper.card", description=main.__doc__)
    parser.add_argument("--metadata", type=Path, default=HERE / "bundled.json")
    parser.add_argument("--out", type=Path, default=HERE / "MODEL_CARD.md")
    arguments = parser.parse_args()
    arguments.out.write_text(card(json.loads(arguments.metadata.read_text(encoding="utf-8"))), encoding="utf-8")


if __name__ == "__main__":
    main()
