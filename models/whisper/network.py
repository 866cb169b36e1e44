"""The network as it is trained: Whisper's own modules, a small token table, and helper losses that are dropped later.

Plain training of a small Whisper stalls, because attention does not find the audio that belongs to a token. Three
helpers cure that: a CTC loss on phones on a middle layer of the encoder, a CTC loss on tokens on its last layer, and
a penalty on cross-attention that looks away from the time at which the token is spoken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from models.whisper.spelling import Spelling
from models.whisper.voices import PHONES
from models.whisper.windows import Batch
from whisper.model import ModelDimensions, MultiHeadAttention, ResidualAttentionBlock, Whisper

FRAME_S = 0.02
ATTENTION_WIDTH_S = 0.22
GUIDED_HEADS = 2


@dataclass(frozen=True)
class Weights:
    """Share of each helper loss beside the cross-entropy of the decoder."""

    phones: float = 0.6
    tokens: float = 0.5
    attention: float = 0.6


def dimensions(width: int, encoder_layers: int, decoder_layers: int) -> ModelDimensions:
    """Dimensions of an English-only Whisper of this size, 64 channels a head."""
    heads = width // 64
    return ModelDimensions(
        n_mels=80,
        n_audio_ctx=1500,
        n_audio_state=width,
        n_audio_head=heads,
        n_audio_layer=encoder_layers,
        n_vocab=51864,
        n_text_ctx=448,
        n_text_state=width,
        n_text_head=heads,
        n_text_layer=decoder_layers,
    )


class TrainedWhisper(nn.Module):
    """Whisper with a table of only the learned tokens; its last row stands for all others together."""

    def __init__(self, dims: ModelDimensions, spelling: Spelling) -> None:
        super().__init__()
        width = dims.n_text_state
        self.dims, self.spelling = dims, spelling
        whisper = Whisper(dims)
        self.encoder, self.decoder = whisper.encoder, whisper.decoder
        del self.decoder.token_embedding
        self.table = nn.Parameter(torch.randn(len(spelling) + 1, width) * 0.05)
        self.phone_layer = max(1, dims.n_audio_layer * 2 // 3)
        self.phone_norm = nn.LayerNorm(width)
        self.phone_head = nn.Linear(width, len(PHONES) + 1)
        self.token_head = nn.Linear(width, width)
        self.token_blank = nn.Linear(width, 1)
        self.others = math.log(dims.n_vocab - len(spelling))
        self._start_small()

    def _start_small(self) -> None:
        with torch.no_grad():
            self.decoder.positional_embedding.copy_(_sinusoids(self.dims.n_text_ctx, self.dims.n_text_state) * 0.05)
            for module in self.modules():
                if isinstance(module, nn.Linear):
                    nn.init.normal_(module.weight, std=0.04)
                    if module.bias is not None:
                        module.bias.zero_()
            for block in [*self.encoder.blocks, *self.decoder.blocks]:
                block.attn.out.weight.mul_(0.5)
                block.mlp[2].weight.mul_(0.5)
            for layer, block in enumerate(self.encoder.blocks):
                _look_locally(block.attn, self.dims.n_audio_state, reach=3 + 3 * (layer % 4))
            self.encoder.conv1.weight.mul_(1.5)
            self.encoder.conv2.weight.mul_(2.5)
            self.token_head.weight.copy_(torch.eye(self.dims.n_text_state) * 0.1)
            self.token_blank.bias.fill_(5.0)  # most frames carry no symbol
            self.phone_head.bias[0] = 2.0

    def encode(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """Encoder states after the last layer and after the phone layer, ``[batch, frames / 2, width]``."""
        x = F.gelu(self.encoder.conv1(mel))
        x = F.gelu(self.encoder.conv2(x)).permute(0, 2, 1)
        x = x + self.encoder.positional_embedding[: x.shape[1]]
        middle = x
        for number, block in enumerate(self.encoder.blocks, start=1):
            x = _block(block, x, None, causal=False)[0]
            if number == self.phone_layer:
                middle = x
        return self.encoder.ln_post(x), self.phone_norm(middle)

    def decode(self, rows: Tensor, audio: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logits over the small table (last column: all other tokens) and cross-attention of each layer."""
        x = F.embedding(rows, self.table) + self.decoder.positional_embedding[: rows.shape[1]]
        looks: list[Tensor] = []
        for block in self.decoder.blocks:
            x, look = _block(block, x, audio, causal=True)
            if look is not None:
                looks.append(look)
        logits = F.linear(self.decoder.ln(x), self.table)
        return torch.cat([logits[..., :-1], logits[..., -1:] + self.others], -1), looks

    def losses(self, batch: Batch, inputs: Tensor) -> dict[str, Tensor]:
        """Cross-entropy of the decoder and the three helper losses of a batch."""
        audio, middle = self.encode(batch.mel)
        logits, looks = self.decode(inputs, audio)
        spelled = F.linear(self.token_head(audio), self.table[: self.spelling.text_count])
        tokens = torch.cat([self.token_blank(audio), spelled], -1)
        return {
            "words": F.cross_entropy(logits.flatten(0, 1), batch.targets.flatten(), ignore_index=-100),
            "phones": _ctc(self.phone_head(middle), batch.phones, batch.lengths),
            "tokens": _ctc(tokens, [[row + 1 for row in rows] for rows in batch.tokens], batch.lengths),
            "attention": _looking_away(looks, batch.centers),
        }

    def whisper_state(self) -> dict[str, Tensor]:
        """Weights under Whisper's names, with the full token table: all unlearned rows are equal."""
        state = {f"encoder.{name}": value for name, value in self.encoder.state_dict().items()}
        state |= {f"decoder.{name}": value for name, value in self.decoder.state_dict().items()}
        table = self.table.detach()[-1:].repeat(self.dims.n_vocab, 1)
        table[self.spelling.index] = self.table.detach()[:-1]
        state["decoder.token_embedding.weight"] = table
        return {name: value.detach().clone() for name, value in state.items()}

    def load_whisper_state(self, state: dict[str, Tensor]) -> None:
        """Take the weights of a checkpoint in Whisper's layout and of the same dimensions."""
        own = {name: value.float() for name, value in state.items() if "token_embedding" not in name}
        missing, unexpected = self.load_state_dict(own, strict=False)
        unexplained = [name for name in missing if name.startswith(("encoder.", "decoder."))]
        if unexplained or unexpected:
            raise ValueError(f"not these dimensions: missing {unexplained}, unexpected {unexpected}")
        full = state["decoder.token_embedding.weight"].float()
        unlearned = next(row for row in range(self.dims.n_vocab - 1, 0, -1) if row not in set(self.spelling.token_ids))
        with torch.no_grad():
            self.table[:-1] = full[self.spelling.index]
            self.table[-1] = full[unlearned]
            self.phone_norm.load_state_dict(self.encoder.ln_post.state_dict())


def _block(
    block: ResidualAttentionBlock, x: Tensor, audio: Tensor | None, causal: bool
) -> tuple[Tensor, Tensor | None]:
    """A residual block's output, and where its cross-attention looked if it has any."""
    x = x + _attend(block.attn, block.attn_ln(x), causal)
    look = None
    if audio is not None and block.cross_attn is not None:
        seen, look = _attend_visibly(block.cross_attn, block.cross_attn_ln(x), audio)
        x = x + seen
    return x + block.mlp(block.mlp_ln(x)), look


def _attend(attention: MultiHeadAttention, x: Tensor, causal: bool) -> Tensor:
    query, key, value = (
        projection(x).unflatten(-1, (attention.n_head, -1)).transpose(1, 2)
        for projection in (attention.query, attention.key, attention.value)
    )
    out = F.scaled_dot_product_attention(query, key, value, is_causal=causal)
    result: Tensor = attention.out(out.transpose(1, 2).flatten(2))
    return result


def _attend_visibly(attention: MultiHeadAttention, x: Tensor, audio: Tensor) -> tuple[Tensor, Tensor]:
    query = attention.query(x).unflatten(-1, (attention.n_head, -1)).transpose(1, 2)
    key = attention.key(audio).unflatten(-1, (attention.n_head, -1)).transpose(1, 2)
    value = attention.value(audio).unflatten(-1, (attention.n_head, -1)).transpose(1, 2)
    look = torch.softmax(query * query.shape[-1] ** -0.5 @ key.transpose(-1, -2), -1)
    return attention.out((look @ value).transpose(1, 2).flatten(2)), look


def _ctc(scores: Tensor, targets: list[list[int]], lengths: Tensor) -> Tensor:
    """CTC loss a target symbol, over the windows that have any; column 0 is the blank."""
    spoken = [number for number, target in enumerate(targets) if target]
    if not spoken:
        return scores.sum() * 0.0
    joined = torch.tensor([symbol for number in spoken for symbol in targets[number]], device=scores.device)
    sizes = torch.tensor([len(targets[number]) for number in spoken], device=scores.device)
    likely = F.log_softmax(scores[spoken].float(), -1).transpose(0, 1)
    total = F.ctc_loss(likely, joined, lengths[spoken], sizes, reduction="sum", zero_infinity=True)
    return total / sizes.sum()


def _looking_away(looks: list[Tensor], centers: Tensor) -> Tensor:
    """Attention of the guided heads outside of a bell around each token's time, mean over the timed tokens."""
    timed = centers >= 0
    times = (torch.arange(looks[0].shape[-1], device=centers.device) + 0.5) * FRAME_S
    away = 1 - torch.exp(-((times - centers[..., None]) ** 2) / (2 * ATTENTION_WIDTH_S**2))
    total = torch.stack([((look[:, :GUIDED_HEADS] * away[:, None]).sum(-1) * timed[:, None]).sum() for look in looks])
    return total.sum() / (GUIDED_HEADS * len(looks) * timed.sum().clamp(min=1))


def _look_locally(attention: MultiHeadAttention, width: int, reach: int) -> None:
    """Start the heads of an encoder layer looking at the same, an earlier and a later frame.

    Sinusoidal positions make a shift by ``d`` frames a rotation, which query and key matrices can express.
    """
    half = width // 2
    pairs = width // attention.n_head // 2
    rates = torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half))
    for head in range(attention.n_head):
        shift = (0, -reach, reach)[head % 3]
        rows = slice(head * 2 * pairs, (head + 1) * 2 * pairs)
        query, key = torch.zeros(2 * pairs, width), torch.zeros(2 * pairs, width)
        for pair in range(pairs):
            cosine, sine = math.cos(rates[pair] * shift), math.sin(rates[pair] * shift)
            key[pair, pair] = key[pairs + pair, half + pair] = 1.0
            query[pair, pair], query[pair, half + pair] = cosine, sine
            query[pairs + pair, half + pair], query[pairs + pair, pair] = cosine, -sine
        attention.query.weight[rows] = query + 0.02 * torch.randn_like(query)
        attention.key.weight[rows] = key + 0.02 * torch.randn_like(key)


def _sinusoids(length: int, width: int) -> Tensor:
    rates = torch.exp(-math.log(10_000) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * rates[None]
    return torch.cat([angles.sin(), angles.cos()], 1)
