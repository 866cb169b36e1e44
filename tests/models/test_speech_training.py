"""The small checkpoint is trained, stopped, continued and exported, and loads as any Whisper does."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
import torch
import whisper
from speech_pool import a_pool

from insights.adapters.whisper_weights import find_checkpoint
from models.whisper import export, train
from models.whisper.network import TrainedWhisper, dimensions
from models.whisper.spelling import Spelling
from models.whisper.windows import Batch, Batches, Pool, made_ahead

STOPS = (signal.SIGTERM, signal.SIGINT)
SMALL = "--width 64 --encoder-layers 1 --decoder-layers 1 --workers 1 --device cpu --batch-seconds 8 --log-every 1"


RUN_HOLDS = {"dims", "model_state_dict", "facts", "helpers", "optimizer", "progress", "origin"}


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., str]]:
    """Runs a program of models/whisper with these words; what it printed. Signals and threads stay as they were."""
    signals, threads = {number: signal.getsignal(number) for number in STOPS}, torch.get_num_threads()

    def words(main: Callable[[], None], *words: str | Path) -> str:
        monkeypatch.setattr(sys, "argv", ["program", *map(str, words)])
        main()
        return capsys.readouterr().out

    yield words
    torch.set_num_threads(threads)
    for number, handler in signals.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return a_pool(tmp_path_factory.mktemp("pool"), count=24)


def batches_of(pool: Path, seed: int) -> Iterator[Batch]:
    rng = Random(seed)
    shards = Pool(pool, rng)
    shards.refresh()
    torch.manual_seed(seed)
    return iter(Batches(shards, Spelling(), rng, 8.0))


def test_a_run_goes_on_where_it_stopped_and_its_export_loads_in_whisper(
    ran: Callable[..., str], pool: Path, tmp_path: Path
) -> None:
    run, out = tmp_path / "run", tmp_path / "small.pt"
    words = ["--pool", pool, "--run", run, *SMALL.split()]
    ran(train.main, *words, "--minutes", "0.001")
    stored = torch.load(run / "run.pt", map_location="cpu", weights_only=True)
    assert set(stored) == RUN_HOLDS, "runs that older versions of the program began are continued and exported"
    first = stored["progress"]["step"]
    told = ran(train.main, *words, "--minutes", f"{stored['progress']['seconds'] / 60 + 0.005}")
    assert f"resumed at step {first}" in told
    assert torch.load(run / "run.pt", map_location="cpu", weights_only=True)["progress"]["step"] > first

    ran(export.main, run / "run.pt", "--out", out, "--origin", "a test")
    curve = [json.loads(line) for line in (run / "curve.jsonl").read_text(encoding="utf-8").splitlines()]
    facts = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
    assert facts["curve"]["losses"][0] == curve[0]
    assert whisper.load_model(str(out), device="cpu").dims.n_audio_state == 64
    assert find_checkpoint(str(out)).demo, "whatever was trained here is for the demo"


def test_half_precision_as_on_a_graphics_card_gives_nearly_the_same_losses(pool: Path) -> None:
    torch.manual_seed(1)
    model = TrainedWhisper(dimensions(64, 2, 1), Spelling())
    batch = next(batches_of(pool, 3)).to(torch.device("cpu"))
    exact = model.losses(batch, batch.inputs)
    with torch.autocast("cpu", torch.bfloat16):
        rough = model.losses(batch, batch.inputs)
    sum(rough.values(), torch.tensor(0.0)).backward()

    for name, loss in exact.items():
        assert rough[name].item() == pytest.approx(loss.item(), rel=0.03), name
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters() if p.requires_grad)


def test_batches_made_ahead_are_the_same_ones(pool: Path) -> None:
    plain, ahead = batches_of(pool, 5), made_ahead(batches_of(pool, 5), 2)
    for _ in range(4):
        one, other = next(plain), next(ahead)
        assert torch.equal(one.inputs, other.inputs)
        assert torch.equal(one.mel, other.mel)


def test_trouble_of_whoever_makes_batches_ahead_reaches_whoever_trains(tmp_path: Path) -> None:
    empty = Batches(Pool(tmp_path, Random(1)), Spelling(), Random(1), 8.0)
    with pytest.raises(FileNotFoundError, match="no complete shard"):
        next(made_ahead(empty, 2))


def test_more_than_one_process_on_a_card_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "--device", "cuda", "--workers", "2", "--run", str(tmp_path / "run")]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit):
        train.main()
    assert "leave --workers out" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
