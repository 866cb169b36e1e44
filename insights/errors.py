"""Every trouble we expect, by name. Whoever raises one says what failed, for which lead, and what to do next.

InsightsError
├── UserError                 the call's words or the configuration are wrong (exit status 2)
│   ├── ConfigurationError    a setting, a policy or a model folder that cannot be used
│   ├── InputError            a file or value handed to us is missing or has the wrong form
│   ├── UnknownLead           no such lead on the billing record
│   ├── UnknownClient         no lead of such a client on the billing record
│   └── NotEnoughDecisions    fewer decided calls than a training needs
├── LeadFailure               the work failed for one lead; the night goes on (exit status 1)
│   ├── RecordingUnavailable  the source has no such recording, or will not give it
│   ├── RecordingRejected     the bytes are no recording we can trust (empty, not audio, cut short, ...)
│   └── SpeechFailed          the speech engine broke on this recording
├── SignInRefused             nobody may come in with these words (exit status 1)
├── MoveRefused            what client or reviewer wants done with a lead cannot be done now (exit status 1)
├── DatabaseBusy           others held the database for too long, or it went away (exit status 1)
├── DiskFull               a disk of ours takes nothing any more (exit status 1)
├── SourceUnavailable      a source of leads does not answer, or turns us away (exit status 1)
├── FeedUnavailable        the billing system does not answer now; it is tried again (exit status 1)
├── FeedRefused            the billing system will not take a message; somebody must look (exit status 1)
├── ChannelDown            a channel for alerts does not answer now; it is tried again (exit status 1)
├── ChannelRefused         a channel for alerts will not take one; somebody must look (exit status 1)
├── TrainingFailed            the training program ended without weights that can be used (exit status 1)
├── ModelUnavailable          weights that cannot be found or fetched (exit status 2)
├── EngineDeaf                a speech engine that hears nothing in plain speech (exit status 2)
├── WeightsRejected           weights whose hash, labels or layout are not what their metadata says (exit status 2)
└── RecordBroken              the billing record's hash chain does not hold, or its file is damaged (exit status 1)
"""

from __future__ import annotations


class InsightsError(Exception):
    """Base of all expected trouble. ``code`` is a stable word for tables and logs; ``next_step`` says what to do."""

    exit_status = 1

    def __init__(self, message: str, *, code: str = "", lead_id: str = "", next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).__name__
        self.lead_id = lead_id
        self.next_step = next_step

    def __str__(self) -> str:
        lead = f"lead {self.lead_id}: " if self.lead_id else ""
        step = f" {self.next_step}" if self.next_step else ""
        return f"{lead}{self.message}{step}"


class UserError(InsightsError):
    """The call's words or the configuration are wrong."""

    exit_status = 2


class ConfigurationError(UserError):
    """A setting, a policy or a model folder that cannot be used."""


class InputError(UserError):
    """A file or value handed to us is missing or has the wrong form."""


class UnknownLead(UserError):
    """No such lead on the billing record."""


class UnknownClient(UserError):
    """No lead of such a client on the billing record."""


class NotEnoughDecisions(UserError):
    """Fewer decided calls than a training needs; nothing was trained."""


class MoveRefused(InsightsError):
    """What a client or a reviewer wants done with a lead cannot be done now; ``code`` says why."""


class SignInRefused(InsightsError):
    """Nobody may come in with these words now; ``code`` is ``wrong`` or ``wait``."""


class DatabaseBusy(InsightsError):
    """Others held the database for longer than anybody waits, or it went away while we were at work."""


class DiskFull(InsightsError):
    """A disk of ours takes nothing any more: ``disk_full``, or ``disk_failed`` where it is broken or read-only.

    No lead is to blame. What was kept before stands, nothing is kept by half, and the same command goes on from there
    once the disk is well.
    """


class SourceUnavailable(InsightsError):
    """A source of leads does not answer, or turns us away; ``code`` says which."""


class FeedUnavailable(InsightsError):
    """The billing system does not answer now. ``wait_s``: seconds it asked to be left alone, None: it said nothing."""

    def __init__(self, message: str, *, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class FeedRefused(InsightsError):
    """The billing system will not take a message, however often it is told."""


class ChannelDown(InsightsError):
    """A channel for alerts does not answer now, or will not let us in."""


class ChannelRefused(InsightsError):
    """A channel for alerts will not take an alert, however often it is told."""


class LeadFailure(InsightsError):
    """The work failed for one lead; the others go on. ``transient`` failures are worth another try."""

    transient = False


class RecordingUnavailable(LeadFailure):
    """The source has no such recording, or will not give it now."""

    transient = True


class RecordingRejected(LeadFailure):
    """The bytes are no recording we can trust; ``code`` names why (``empty``, ``not_audio``, ``cut_short`` ...)."""


class SpeechFailed(LeadFailure):
    """The speech engine broke on this recording."""


class TrainingFailed(InsightsError):
    """The training program ended without weights that can be used."""


class ModelUnavailable(InsightsError):
    """Weights that cannot be found or fetched."""

    exit_status = 2


class EngineDeaf(InsightsError):
    """A speech engine that hears nothing where somebody speaks plainly; its transcripts would look like hangups."""

    exit_status = 2


class WeightsRejected(InsightsError):
    """Weights whose hash, labels or layout are not what their metadata says."""

    exit_status = 2


class RecordBroken(InsightsError):
    """The billing record's hash chain does not hold, or its file is damaged."""
