"""A small school for tests of learning: an office of decided leads, a real shelf, a trainer that trains nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from builders import NOW, a_campaign, a_decision, a_transcript
from fakes import PhraseModel
from office import PITCH, PLUMBER, Office, calls

from insights.adapters.store import SqlStore
from insights.adapters.weights_shelf import DiskWeightsShelf
from insights.domain.campaigns import Campaign
from insights.domain.intents import Intent
from insights.domain.leads import LeadId
from insights.domain.lessons import kept_for_replay
from insights.domain.scoring import Label, LabelledTranscript
from insights.errors import TrainingFailed, WeightsRejected
from insights.ports import IntentModel, LearnDeps, TrainingOptions

NAMES = [f"L{number}" for number in range(1, 300)]
TAUGHT = [name for name in NAMES if not kept_for_replay(LeadId(name))]
REPLAYED = [name for name in NAMES if kept_for_replay(LeadId(name))]

PHRASES = {"google listing": Intent.SOLICITOR, "hiring": Intent.JOB_SEEKER}
"""What the office's model knows."""
WRONG_GOOGLE = {"google listing": Intent.WRONG_NUMBER, "hiring": Intent.JOB_SEEKER}
"""A model that is worse at pitches."""

GOLD_LINES = {
    Intent.SOLICITOR: "I can get your google listing to the top.",
    Intent.JOB_SEEKER: "Are you hiring apprentices?",
    Intent.NEW_CUSTOMER: "I need my drain cleaned, can you come out?",
}


def gold(each: int = 10) -> list[LabelledTranscript]:
    """So many calls of each reason that the office's model knows."""
    return [
        LabelledTranscript(
            f"gold-{intent}-{number}",
            a_transcript("agent: Blue Pipe Plumbing.", f"caller: {line}"),
            a_campaign(),
            False,
            Label(intent is Intent.NEW_CUSTOMER, intent, None),
        )
        for intent, line in GOLD_LINES.items()
        for number in range(each)
    ]


class NamedTrainer:
    """Trains nothing: notes the pool and hands out a folder that names the next of its models."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.next_model = folder, "new-1"
        self.pools: list[list[LabelledTranscript]] = []
        self.options: list[TrainingOptions] = []
        self.cleaned = 0
        self.breaks = False

    def train(self, pool: Sequence[LabelledTranscript], options: TrainingOptions) -> Path:
        self.pools.append(list(pool))
        self.options.append(options)
        if self.breaks:
            raise TrainingFailed("the training ended with status 1.")
        self.folder.mkdir(exist_ok=True)
        (self.folder / "model.txt").write_text(self.next_model)
        return self.folder

    def clean_up(self) -> None:
        self.cleaned += 1


class School:
    """An office whose leads reviewers decide, and everything that learning needs. ``models``: phrases by model name."""

    def __init__(
        self,
        folder: Path,
        store: SqlStore,
        scripts: Mapping[str, str] | None = None,
        campaign: Campaign = PLUMBER,
    ) -> None:
        self.office = Office(folder, store, calls(**(scripts or dict.fromkeys(TAUGHT[:6], PITCH))))
        self.office.source.campaigns = [campaign]
        self.office.night()
        self.models: dict[str, Mapping[str, Intent]] = {"new-1": PHRASES, "new-2": PHRASES, "worse": WRONG_GOOGLE}
        self.shelf = DiskWeightsShelf(folder / "models")
        self.trainer = NamedTrainer(folder / "workshop")
        self.gold, self.least_new, self.pinned = gold(), 1, None
        self.posted = 0

    @property
    def parts(self) -> LearnDeps:
        return LearnDeps(
            self.office.deps, self.shelf, self.trainer, self.load, lambda: self.gold, self.least_new, self.pinned
        )

    def load(self, folder: Path) -> IntentModel:
        """The phrases of the model whose name lies in a folder of weights."""
        path = folder / "model.txt"
        if not path.is_file() or path.read_text() not in self.models:
            raise WeightsRejected(f"{path} is damaged.")
        return PhraseModel(dict(self.models[path.read_text()]), path.read_text())

    def decide(
        self,
        lead_id: str,
        answer: str = "override",
        reason: str = "solicitor",
        outcome: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """A reviewer decides a lead, a minute after the decision before."""
        self.posted += 1
        when = at or NOW + timedelta(minutes=self.posted)
        with self.office.store() as unit:
            unit.post(a_decision(lead_id, answer, reason, outcome=outcome, at=when, key=str(self.posted)))
            unit.commit()
        self.office.clock.instant = max(self.office.clock.instant, when)

    def decide_all(self) -> None:
        for lead in self.office.source.leads:
            self.decide(lead.lead_id)

    def state(self) -> tuple[str | None, list[str]]:
        """The model in force and the kinds of events so far."""
        current = self.shelf.current()
        return current.model if current else None, [event.kind.value for event in self.shelf.history()]
