"""What became of an alert at each of the operator's channels, and where it must still be told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from insights.domain.alerts import Alert


class Answer(StrEnum):
    """What a channel said: ``down`` ones are tried again by themselves, ``refused`` ones when somebody asks for it."""

    TOLD = "told"
    DOWN = "down"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Telling:
    """An alert as it is kept. ``answers``: what each channel said last, ``troubles`` why it did not take the alert.

    ``told_at``: when the last of the channels took it, None while one still has to; ``tries`` counts attempts.
    """

    alert: Alert
    at: datetime
    told_at: datetime | None = None
    tries: int = 0
    answers: Mapping[str, Answer] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)

    def still_to_tell(self, channels: Collection[str], *, refused_too: bool = False) -> list[str]:
        """The channels that must be told now; those that refused only where they are asked for."""
        done = {Answer.TOLD} if refused_too else {Answer.TOLD, Answer.REFUSED}
        return [] if self.told_at else [name for name in channels if self.answers.get(name) not in done]

    def after(self, channel: str, answer: Answer, trouble: str = "") -> Telling:
        """After a try at one channel."""
        troubles = {name: told for name, told in self.troubles.items() if name != channel}
        if answer is not Answer.TOLD:
            troubles[channel] = trouble[:300]
        return replace(self, tries=self.tries + 1, answers={**self.answers, channel: answer}, troubles=troubles)

    def settled(self, channels: Collection[str], now: datetime) -> Telling:
        """Told, once every channel that there is took it."""
        taken = bool(channels) and all(self.answers.get(name) is Answer.TOLD for name in channels)
        return replace(self, told_at=now) if taken else self

    @property
    def in_trouble(self) -> bool:
        """Whether some channel did not take it the last time."""
        return self.told_at is None and bool(self.troubles)
