"""Loads the intent model's weights, refuses what does not match their metadata, and scores transcripts."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from insights.adapters.intent_features import CallInput, call_input
from insights.adapters.intent_turns import signs_sha256
from insights.adapters.intent_words import WordReader
from insights.adapters.us_places import UsPlaces
from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent, IntentScores, Outcome
from insights.domain.reliability import Reliability
from insights.domain.transcript import Transcript
from insights.errors import ConfigurationError, InsightsError, ModelUnavailable, WeightsRejected

if TYPE_CHECKING:
    from insights.adapters.intent_network import IntentNetwork

WEIGHTS = "weights.safetensors"
META = "meta.json"
WORD_TENSORS = ("words.rarity", "words.weight", "words.bias")
_RETRAIN = "Restore the folder from version control, or train again with: python -m models.intent.train"


class ScoringFailed(InsightsError):
    """The network gave numbers that are no verdict (not finite)."""


@dataclass(frozen=True, slots=True)
class _Blend:
    """How the two readers make one answer: a factor each, and an addend for each intent, fitted on held-out calls."""

    network: float
    words: float
    bias: tuple[float, ...]

    @classmethod
    def of(cls, meta: Mapping[str, Any]) -> _Blend:
        """Raises KeyError, TypeError or ValueError."""
        blend = meta["blend"]
        found = cls(
            float(blend["network"]), float(blend["words"]), tuple(float(blend["bias"][label.value]) for label in Intent)
        )
        if (
            not all(map(math.isfinite, (found.network, found.words, *found.bias)))
            or found.network <= 0
            or found.words < 0
        ):
            raise ValueError(f"a blend that cannot be used: {blend}")
        return found

    def logits(self, network: Sequence[float], words: Sequence[float]) -> list[float]:
        return [
            self.network * net + self.words * word + bias
            for net, word, bias in zip(network, words, self.bias, strict=True)
        ]


class SafetensorsIntentModel:
    """The ``IntentModel`` port over ``weights.safetensors`` and ``meta.json``; make it with :meth:`load`.

    Two readers, the network and the counts of words, make one answer, calibrated on held-out calls.
    """

    def __init__(self, network: IntentNetwork, tokenizer: Any, words: WordReader, meta: Mapping[str, Any]) -> None:
        self._network = network.eval()
        self._tokenizer = tokenizer
        self._words = words
        self._blend = _Blend.of(meta)
        self._outcome_temperature = float(meta["outcome_temperature"])
        self._reliability = Reliability.from_dict(meta["reliability"])
        self._prior = {Intent(name): float(share) for name, share in meta["prior"]["intent"].items()}
        self._outcome_prior = {Outcome(name): float(share) for name, share in meta["prior"]["outcome"].items()}
        self._model = str(meta["model"])

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read and check a folder of weights.

        Raises ConfigurationError when the folder or its metadata is missing or unreadable, ModelUnavailable when the
        weights or the encoder are missing, WeightsRejected when hash, labels, encoder or layout disagree with the
        metadata.
        """
        folder = Path(folder)
        meta = read_meta(folder)
        path = folder / WEIGHTS
        if not path.is_file():
            raise ModelUnavailable(f"{path} is missing.", next_step=_RETRAIN)
        data = path.read_bytes()
        _check_weights(data, meta, path)
        network, tokenizer, words = _build(meta, data, path)
        return cls(network, tokenizer, words, meta)

    @property
    def model(self) -> str:
        """Name of the weights and their calibration, see :func:`model_name`."""
        return self._model

    @property
    def reliability(self) -> Reliability:
        """What these weights said of calls that they were not trained on."""
        return self._reliability

    def read(self, transcript: Transcript, campaign: Campaign | None, known_customer: bool) -> CallInput:
        """The call as the network reads it."""
        return read_call(self._tokenizer, self._network, transcript, campaign, known_customer)

    def score(self, transcript: Transcript, campaign: Campaign | None, known_customer: bool) -> IntentScores:
        """Calibrated probabilities of the intents and, given a new customer, of the outcomes.

        A transcript without any readable text gets the shares of the training data, and equal turn weights.
        Raises ScoringFailed when the network's numbers are not finite.
        """
        import torch

        call = self.read(transcript, campaign, known_customer)
        if not call.windows:
            count = len(transcript.turns)
            return IntentScores(self._prior, self._outcome_prior, (1 / count,) * count if count else (), self._model)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=counts_in_bfloat16()):
            intent, outcome, weights = self._network([call], int(self._tokenizer.pad_token_id or 0))
        heard = self._words.logits(transcript).tolist()
        intents = _probabilities(self._blend.logits(intent[0].tolist(), heard), 1.0)
        outcomes = _probabilities(outcome[0].tolist(), self._outcome_temperature)
        attention = weights[0].double()
        return IntentScores(
            probabilities=dict(zip(Intent, intents, strict=True)),
            outcomes=dict(zip(Outcome, outcomes, strict=True)),
            turn_weights=tuple((attention / attention.sum()).tolist()),
            model=self._model,
        )


@cache
def counts_in_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 itself: a third of the time is saved there, and probabilities move in
    the third decimal. Elsewhere it would be slower, and float32 is used."""
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def read_call(
    tokenizer: Any, network: IntentNetwork, transcript: Transcript, campaign: Campaign | None, known_customer: bool
) -> CallInput:
    """A call as the network reads it, in training and in serving."""
    return call_input(
        transcript,
        campaign,
        known_customer,
        UsPlaces(),
        tokenize=lambda text: list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]),
        start_token=int(tokenizer.cls_token_id),
        end_token=int(tokenizer.sep_token_id),
        spec=network.config.windows,
    )


def model_name(weights_sha256: str, meta: Mapping[str, Any]) -> str:
    """Names the answers of weights: their hash together with how they are calibrated. Another name, other answers."""
    calibration = [meta["blend"], meta["outcome_temperature"], meta["reliability"]]
    content = weights_sha256 + json.dumps(calibration, sort_keys=True)
    return f"intent-{hashlib.sha256(content.encode()).hexdigest()[:10]}"


def read_meta(folder: Path) -> dict[str, Any]:
    """The metadata of a folder of weights. Raises ConfigurationError."""
    path = folder / META
    if not folder.is_dir():
        raise ConfigurationError(f"There is no folder {folder} with the intent model's weights.", next_step=_RETRAIN)
    try:
        meta = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing.", next_step=_RETRAIN) from None
    except (OSError, ValueError) as trouble:
        raise ConfigurationError(f"{path} cannot be read: {trouble}", next_step=_RETRAIN) from trouble
    if not isinstance(meta, dict):
        raise ConfigurationError(f"{path} holds no JSON object.", next_step=_RETRAIN)
    return meta


def encoder_sha256(place: str) -> str:
    """SHA-256 of the encoder's own weights file, or "" when it is not kept as one safetensors file in a folder."""
    path = Path(place) / "model.safetensors"
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_weights(data: bytes, meta: Mapping[str, Any], path: Path) -> None:
    digest = hashlib.sha256(data).hexdigest()
    if digest != meta.get("sha256"):
        raise WeightsRejected(
            f"{path} has SHA-256 {digest[:12]}..., its metadata says {str(meta.get('sha256'))[:12]}...",
            next_step=_RETRAIN,
        )
    labels = meta.get("labels")
    wanted = {"intent": [str(label) for label in Intent], "outcome": [str(label) for label in Outcome]}
    if labels != wanted:
        raise WeightsRejected(
            f"{path} was trained for the labels {labels}, this version knows {wanted}", next_step=_RETRAIN
        )
    try:
        shares = [set(map(Intent, meta["prior"]["intent"])), set(map(Outcome, meta["prior"]["outcome"]))]
        temperature = float(meta["outcome_temperature"])
        _Blend.of(meta)
        Reliability.from_dict(meta["reliability"])
        signs = meta["signs_sha256"]
        named = bool(meta["model"]) and bool(meta["network"]["encoder"])
    except (KeyError, TypeError, ValueError) as trouble:
        raise WeightsRejected(f"the metadata of {path} is incomplete: {trouble!r}", next_step=_RETRAIN) from trouble
    if shares != [set(Intent), set(Outcome)] or not named:
        raise WeightsRejected(f"the metadata of {path} is incomplete", next_step=_RETRAIN)
    if not (math.isfinite(temperature) and temperature > 0):
        raise WeightsRejected(f"the temperature {temperature} of {path} cannot be used", next_step=_RETRAIN)
    if signs != signs_sha256():
        raise WeightsRejected(
            f"{path} was trained with other signs or phrases than this version has", next_step=_RETRAIN
        )


def _build(meta: Mapping[str, Any], data: bytes, path: Path) -> tuple[IntentNetwork, Any, WordReader]:
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load

    from insights.adapters.intent_network import IntentNetwork, NetworkConfig, encoder_location, load_encoder

    try:
        config = NetworkConfig.from_dict(meta["network"])
    except (KeyError, TypeError, ValueError) as trouble:
        raise WeightsRejected(f"the metadata of {path} has no usable network: {trouble!r}") from trouble
    place = encoder_location(config.encoder)
    wanted, found = str(meta.get("encoder_sha256", "")), encoder_sha256(place)
    if wanted and wanted != found and Path(place).is_dir():
        raise WeightsRejected(
            f"{path} was trained on an encoder {config.encoder!r} with SHA-256 {wanted[:12]}..., installed is "
            f"{found[:12] or 'none'}...",
            next_step="Install the version of the encoder that requirements.lock names.",
        )
    encoder, tokenizer = load_encoder(config.encoder)
    network = IntentNetwork(encoder, config)
    try:
        tensors = load(data)
    except (SafetensorError, ValueError) as trouble:
        raise WeightsRejected(f"{path} is no safetensors file: {trouble}", next_step=_RETRAIN) from trouble
    own = dict(network.named_parameters())
    try:
        words = WordReader(*(tensors.pop(name).float().numpy() for name in WORD_TENSORS))
    except (KeyError, ValueError) as trouble:
        raise WeightsRejected(f"{path} has no usable word reader: {trouble}", next_step=_RETRAIN) from trouble
    if set(tensors) != set(network.trained_names()):
        strange = sorted(set(tensors) ^ set(network.trained_names()))
        raise WeightsRejected(f"{path} has another layout than the network: {strange[:3]}", next_step=_RETRAIN)
    for name, tensor in tensors.items():
        if tensor.shape != own[name].shape or not torch.isfinite(tensor).all():
            raise WeightsRejected(f"{path}: {name} has another shape or holds numbers that are not finite")
        own[name].data.copy_(tensor)
    return network, tokenizer, words


def _probabilities(logits: list[float], temperature: float) -> list[float]:
    if not all(math.isfinite(logit) for logit in logits):
        raise ScoringFailed(
            "the intent model gave numbers that are not finite",
            next_step="Check the weights with: call-insights doctor",
        )
    top = max(logits)
    raised = [math.exp((logit - top) / temperature) for logit in logits]
    total = sum(raised)
    return [value / total for value in raised]
