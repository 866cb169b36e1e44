"""The training program as a child process: what it is given, what it says, and what is left when it breaks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import a_campaign, a_transcript

from insights.adapters.training_child import LAST_LINES, ChildTrainer
from insights.domain.intents import Intent
from insights.domain.scoring import Label, LabelledTranscript
from insights.errors import ConfigurationError, InputError, TrainingFailed
from insights.ports import TrainingOptions

CALL = LabelledTranscript(
    "lead:L-1", a_transcript("caller: Are you hiring?"), a_campaign(), False, Label(False, Intent.JOB_SEEKER, None)
)

WRITES = """
import json, pathlib, sys
words = sys.argv[1:]
out = pathlib.Path(words[words.index("--out") + 1])
out.mkdir(parents=True)
(out / "words.json").write_text(json.dumps(words))
print("fold-1 epoch 1/1", file=sys.stderr)
print("weights are there")
"""


class Lab:
    """A project whose training program is a few lines, and what was heard of it."""

    def __init__(self, folder: Path, program: str) -> None:
        self.root, self.seed, self.workshop = folder / "project", folder / "seed.jsonl", folder / "workshop"
        (self.root / "models" / "intent").mkdir(parents=True)
        (self.root / "models" / "intent" / "train.py").write_text(program)
        self.seed.write_text("")
        self.said: list[str] = []
        self.trainer = ChildTrainer(self.root, self.seed, self.workshop, self.said.append)

    def train(self, options: TrainingOptions | None = None) -> Path:
        return self.trainer.train([CALL], options or TrainingOptions())


def test_the_program_reads_the_seed_and_the_pool_and_writes_where_it_is_told(tmp_path: Path) -> None:
    lab = Lab(tmp_path, WRITES)
    weights = lab.train()
    words = json.loads((weights / "words.json").read_text())

    assert words[:3] == ["--train", str(lab.seed), str(lab.workshop / "pool.jsonl")]
    assert words[3:7] == ["--out", str(weights), "--work", str(lab.workshop / "checkpoints")]
    assert words[7:] == ["--parent", str(os.getpid())]
    (row,) = [json.loads(line) for line in (lab.workshop / "pool.jsonl").read_text().splitlines()]
    assert (row["id"], row["label"]["reason"]) == ("lead:L-1", "job_seeker")


def test_options_are_passed_on(tmp_path: Path) -> None:
    weights = Lab(tmp_path, WRITES).train(TrainingOptions(epochs=1, folds=2, workers=3))
    words = json.loads((weights / "words.json").read_text())
    assert words[-6:] == ["--epochs", "1", "--folds", "2", "--workers", "3"]


def test_what_the_program_says_is_passed_on_line_by_line_and_kept(tmp_path: Path) -> None:
    lab = Lab(tmp_path, WRITES)
    lab.train()
    assert sorted(lab.said) == ["fold-1 epoch 1/1", "weights are there"]
    assert sorted((lab.workshop / "training.log").read_text().splitlines()) == sorted(lab.said)


def test_a_program_that_breaks_is_told_with_its_last_lines_and_its_log(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "for n in range(50): print('line', n)\nraise ZeroDivisionError('the loss is none')")
    with pytest.raises(TrainingFailed) as failed:
        lab.train()
    told = str(failed.value)
    assert "status 1" in told and "ZeroDivisionError: the loss is none" in told
    assert str(lab.workshop / "training.log") in told
    assert "line 10\n" not in told
    assert len(told.splitlines()) == LAST_LINES + 2


def test_weights_of_an_earlier_training_are_never_taken_for_new_ones(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "")
    left = lab.workshop / "weights"
    left.mkdir(parents=True)
    (left / "old.txt").write_text("old")
    assert not lab.train().exists()


def test_checkpoints_stay_until_the_workshop_is_cleaned_up(tmp_path: Path) -> None:
    lab = Lab(tmp_path, WRITES)
    checkpoint = lab.workshop / "checkpoints" / "half.pt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_text("half")
    lab.train()
    assert checkpoint.is_file()
    lab.trainer.clean_up()
    assert [path.name for path in lab.workshop.iterdir()] == ["training.log"], "no transcript stays behind"


def test_a_project_without_the_program_or_the_seed_is_told(tmp_path: Path) -> None:
    lab = Lab(tmp_path, WRITES)
    lab.seed.unlink()
    with pytest.raises(InputError, match="setting training_calls"):
        lab.train()
    (lab.root / "models" / "intent" / "train.py").unlink()
    with pytest.raises(ConfigurationError, match="Train in a checkout"):
        lab.train()


WAITS = """
import os, pathlib, subprocess, sys, time
if "--only" not in sys.argv:
    subprocess.Popen([sys.executable, "-m", "models.intent.train", "--only", "fold-1"])
else:
    pathlib.Path("pid").write_text(str(os.getpid()))
    print("a line", flush=True)
time.sleep(300)
"""
STOPPED = """
import sys
from pathlib import Path
from insights.adapters.training_child import ChildTrainer
from insights.ports import TrainingOptions

def stop(line):
    raise KeyboardInterrupt

folder = Path(sys.argv[1])
ChildTrainer(folder / "project", folder / "seed.jsonl", folder / "workshop", stop).train([], TrainingOptions())
"""


def test_stopped_by_hand_the_program_and_its_own_children_end_too(tmp_path: Path) -> None:
    lab = Lab(tmp_path, WAITS)
    done = subprocess.run(
        [sys.executable, "-c", STOPPED, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert "KeyboardInterrupt" in done.stderr
    deadline = time.monotonic() + 30
    pid = int((lab.root / "pid").read_text())
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(pid)


LIFELINE = Path(__file__).parents[2] / "models" / "intent" / "lifeline.py"
KILLED = """
import os, sys
from pathlib import Path
from insights.adapters.training_child import ChildTrainer
from insights.ports import TrainingOptions

def die(line):
    os.kill(os.getpid(), 9)

folder = Path(sys.argv[1])
ChildTrainer(folder / "project", folder / "seed.jsonl", folder / "workshop", die).train([], TrainingOptions())
"""
ENDS_WITH_US = """
import os, pathlib, sys, time
from models.intent.lifeline import end_with
end_with(int(sys.argv[sys.argv.index("--parent") + 1]))
pathlib.Path("pid").write_text(str(os.getpid()))
print("a line", flush=True)
time.sleep(300)
"""


def test_killed_without_a_word_the_program_ends_by_itself(tmp_path: Path) -> None:
    lab = Lab(tmp_path, ENDS_WITH_US)
    shutil.copy(LIFELINE, lab.root / "models" / "intent")
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], timeout=120, check=False)
    assert done.returncode == -9
    deadline = time.monotonic() + 30
    pid = int((lab.root / "pid").read_text())
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
