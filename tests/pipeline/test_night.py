"""A night over a source: who is heard, what is posted, what is kept when something breaks, and that again is free."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from builders import NOW, a_lead
from fakes import ListedSource, PhraseModel, ScriptReader
from office import JOB, NEED, PITCH, PLUMBER, Office, calls

from insights.adapters.store import SqlStore
from insights.domain.campaigns import Pause
from insights.domain.dashboard_nights import nights_told
from insights.domain.intents import Intent
from insights.domain.leads import FormContact, LeadId, LeadKind
from insights.domain.ledger import EntryKind
from insights.domain.money import Money
from insights.errors import LeadFailure, UnknownLead
from insights.pipeline.fetch import fetch_recording
from insights.pipeline.night import NightIsRunning, agreement, one_night, open_night, run_stage
from insights.pipeline.triage import PIPELINE
from insights.ports import Quarantined
from insights.ports_record import Lease

TOMORROW = NOW + timedelta(days=1)


def test_a_night_proposes_a_verdict_for_every_call_it_could_hear(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=JOB))
    summary = office.night()

    assert office.proposals() == {
        "L1": ("billable", "new_customer"),
        "L2": ("non_billable", "solicitor"),
        "L3": ("non_billable", "job_seeker"),
    }
    assert summary.leads_seen == summary.proposals_posted == summary.proposals_standing == 3
    assert summary.by_screening == {"ready": 3}
    assert summary.by_verdict == {"billable": {"new_customer": 1}, "non_billable": {"job_seeker": 1, "solicitor": 1}}
    assert summary.audio_s == 30
    assert {name: counts["done"] for name, counts in summary.stages.items()} == dict.fromkeys(PIPELINE, 3)
    assert summary.failures == []


def test_a_proposal_quotes_the_call_and_names_every_version_behind_it(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L2=PITCH))
    office.night()
    (entry,) = office.entries(EntryKind.PROPOSAL)

    assert "google listing" in entry.body["evidence"][0]["quote"]
    assert (entry.body["evidence"][0]["start"], entry.body["evidence"][0]["end"]) == (5.0, 10.0)
    assert entry.body["versions"] == {
        "code": "1.0",
        "policy": office.deps.policies.at(NOW, PLUMBER.policy).version,
        "speech": "reader-1",
        "intent": "phrases-1",
    }
    assert entry.body["audio_sha256"] and entry.body["transcript_sha256"]
    assert (entry.at, entry.actor) == (NOW, "pipeline")


METADATA: dict[str, tuple[dict[str, Any], str, tuple[str, str] | None]] = {
    "a missed call": ({"answered": False}, "missed", ("billable", "missed_call")),
    "a voicemail": ({"voicemail": True}, "voicemail", ("billable", "missed_call")),
    "a call in a pause": (
        {"received_at": NOW - timedelta(days=2)},
        "campaign_paused",
        ("non_billable", "campaign_paused"),
    ),
    "a missed call in a pause": (
        {"received_at": NOW - timedelta(days=2), "answered": False},
        "missed",
        ("billable", "missed_call"),
    ),
    "a call of eight days ago": ({"received_at": NOW - timedelta(days=8)}, "too_old", None),
    "a call that was not recorded": ({"recording_enabled": False}, "recording_disabled", None),
    "a call of tomorrow": ({"received_at": TOMORROW}, "not_yet_received", None),
    "a form one can answer": (
        {"kind": LeadKind.FORM, "form": FormContact(email="dana@example.com")},
        "form",
        ("billable", "new_customer"),
    ),
    "a form nobody can answer": (
        {"kind": LeadKind.FORM, "form": FormContact(email="dana@nowhere")},
        "form",
        ("non_billable", "unreachable_contact"),
    ),
    "an old form nobody can answer": (
        {"kind": LeadKind.FORM, "received_at": NOW - timedelta(days=8)},
        "too_old",
        None,
    ),
}


@pytest.mark.parametrize(("told", "screening", "verdict"), METADATA.values(), ids=METADATA.keys())
def test_what_metadata_decides_is_never_fetched_nor_heard(
    tmp_path: Path, store: SqlStore, told: dict[str, Any], screening: str, verdict: tuple[str, str] | None
) -> None:
    """The source holds a recording all the same: whether one exists decides nothing."""
    paused = replace(PLUMBER, pauses=(Pause(NOW - timedelta(days=3), NOW - timedelta(days=1)),))
    source = ListedSource([a_lead(lead_id=LeadId("L1"), **told)], [paused], {"L1": PITCH.encode()})
    office = Office(tmp_path, store, source)
    summary = office.night()

    assert summary.by_screening == {screening: 1}
    assert office.proposals().get("L1") == verdict
    assert source.fetched == []
    assert office.engine.heard == []
    assert office.model.judged == 0


def test_a_second_night_fetches_hears_and_posts_nothing(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=NEED, L2=PITCH)
    source.leads.append(a_lead(lead_id=LeadId("L3"), answered=False))
    first = Office(tmp_path, store, source).night()
    again = Office(tmp_path, store, source)
    fetched = list(source.fetched)
    second = again.night(NOW + timedelta(hours=1))

    assert (first.proposals_posted, second.proposals_posted, second.proposals_standing) == (3, 0, 3)
    assert source.fetched == fetched
    assert (again.engine.heard, again.model.judged) == ([], 0)
    assert {name: counts["reused"] for name, counts in second.stages.items()} == dict.fromkeys(PIPELINE, 2)
    assert second.audio_s == 0


def test_every_received_lead_is_charged_once_at_its_own_price_else_the_campaigns(
    tmp_path: Path, store: SqlStore
) -> None:
    source = calls(L1=NEED, L2=NEED, L3=NEED)
    source.leads[1] = replace(source.leads[1], price=Money.parse("70", "CAD"))
    source.leads[2] = replace(source.leads[2], received_at=TOMORROW)
    office = Office(tmp_path, store, source)
    office.night()
    office.night()

    charges = [(e.lead_id, e.body["amount"], e.body["currency"]) for e in office.entries(EntryKind.CHARGE)]
    assert charges == [("L1", "45.00", "USD"), ("L2", "70", "CAD")]


def test_a_lead_that_nobody_priced_is_charged_nothing(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=NEED)
    source.campaigns = [replace(PLUMBER, price=None)]
    office = Office(tmp_path, store, source)
    office.night()
    assert [entry.body["amount"] for entry in office.entries(EntryKind.CHARGE)] == ["0"]


def test_leads_that_expire_soonest_are_heard_first(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=NEED, L2=NEED + " Please.", L3=NEED + " Today.")
    for index, days in enumerate((1, 6, 3)):
        source.leads[index] = replace(source.leads[index], received_at=NOW - timedelta(days=days))
    Office(tmp_path, store, source).night()
    assert source.fetched == ["L2", "L3", "L1"]


def test_money_at_stake_is_summed_by_currency_over_the_leads_proposed_as_not_billable(
    tmp_path: Path, store: SqlStore
) -> None:
    source = calls(L1=NEED, L2=PITCH, L3=JOB)
    source.leads[2] = replace(source.leads[2], price=Money.parse("70", "CAD"))
    assert Office(tmp_path, store, source).night().money == {"USD": "45.00", "CAD": "70"}


def test_a_broken_recording_is_named_and_the_other_leads_go_on(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken", L2=PITCH))
    summary = office.night()

    (failure,) = summary.failures
    assert (failure["lead_id"], failure["stage"], failure["code"]) == ("L1", "transcribe", "not_audio")
    assert failure["message"] == "the bytes are no sound. Ask for another copy."
    assert summary.stages["transcribe"]["failed"] == 1
    assert set(office.proposals()) == {"L2"}
    assert summary.stages["classify"]["done"] == 1, "a lead that failed is passed over by the later stages"


def test_a_lead_that_failed_for_good_is_left_alone_until_its_row_changes(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken"))
    office.night()
    fetched = list(office.source.fetched)

    assert office.night(TOMORROW).failures[0]["code"] == "not_audio"
    assert office.source.fetched == fetched

    office.source.recordings["L1"] = PITCH.encode()
    whole = sha256(PITCH.encode()).hexdigest()
    office.change("L1", replace(office.source.leads[0], recording_sha256=whole))
    assert office.night(TOMORROW).failures == []
    assert office.proposals() == {"L1": ("non_billable", "solicitor")}


def test_a_person_may_ask_to_try_failed_leads_again(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1="broken"))
    office.night()
    assert office.night(retry_failed=True).stages["transcribe"]["failed"] == 1


def test_a_source_that_did_not_answer_is_asked_again_the_next_night(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH, L2=NEED))
    office.source.unsteady = {"L1": 1}

    assert [f["code"] for f in office.night().failures] == ["source_down"]
    failure = office.failure("L1")
    assert failure is not None and failure.transient
    assert set(office.proposals()) == {"L2"}

    assert office.night(TOMORROW).failures == []
    assert office.failure("L1") is None
    assert set(office.proposals()) == {"L1", "L2"}
    assert office.source.fetched == ["L1", "L2", "L1"]


@pytest.mark.parametrize("harm", ["lost", "changed"])
def test_a_stored_recording_that_was_lost_or_changed_is_fetched_anew(
    tmp_path: Path, store: SqlStore, harm: str
) -> None:
    """Found when the lead is to be heard again, by newer weights; the night after has it heard."""
    office = Office(tmp_path, store, calls(L1=PITCH))
    night = open_night(office.deps, office.source.uri, NOW)
    run_stage(office.deps, "fetch", night.source, night.ready, NOW)
    (kept,) = (path for path in (tmp_path / "recordings").rglob("*") if path.is_file())
    if harm == "lost":
        kept.unlink()
    else:
        kept.write_bytes(JOB.encode())
    run_stage(office.deps, "transcribe", night.source, night.ready, NOW)
    failure = office.failure("L1")

    assert failure is not None and failure.stage == "transcribe" and failure.transient
    assert office.night(TOMORROW).failures == []
    assert office.proposals() == {"L1": ("non_billable", "solicitor")}


def test_a_surprise_in_mid_night_is_seen_and_what_was_finished_is_not_done_again(
    tmp_path: Path, store: SqlStore
) -> None:
    source = calls(L1=NEED, L2=PITCH, L3=JOB)
    office = Office(tmp_path, store, source)
    office.engine.fails_on = "hiring"
    with pytest.raises(ZeroDivisionError):
        office.night()
    assert len(office.engine.heard) == 4, "two calls of two turns each"

    again = Office(tmp_path, store, source)
    summary = again.night()
    assert again.engine.heard == ["Blue Pipe Plumbing.", "Are you hiring apprentices?"]
    assert source.fetched == ["L1", "L2", "L3"]
    assert summary.proposals_posted == summary.proposals_standing == 3


def test_newer_weights_speak_again_and_their_proposal_stands_beside_the_old_one(
    tmp_path: Path, store: SqlStore
) -> None:
    source = calls(L1=PITCH)
    Office(tmp_path, store, source).night()
    newer = Office(tmp_path, store, source)
    newer.engine = ScriptReader("reader-2")
    assert newer.night(TOMORROW).proposals_posted == 1
    assert [e.body["versions"]["speech"] for e in newer.entries(EntryKind.PROPOSAL)] == ["reader-1", "reader-2"]
    assert len(newer.entries(EntryKind.CHARGE)) == 1


def test_what_older_weights_said_stands_again_once_they_are_in_force_again(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH))
    older = office.model
    office.night()
    office.model = PhraseModel({"google listing": Intent.WRONG_NUMBER}, "phrases-2")
    office.night(NOW + timedelta(hours=1))
    assert office.proposals() == {"L1": ("non_billable", "wrong_number")}
    office.model = older
    assert office.night(NOW + timedelta(hours=2)).proposals_posted == 1
    assert office.proposals() == {"L1": ("non_billable", "solicitor")}
    assert office.night(NOW + timedelta(hours=3)).proposals_posted == 0


def test_two_leads_with_the_same_recording_are_heard_once(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH, L2=PITCH))
    office.night()
    assert (len(office.engine.heard), office.model.judged) == (2, 1), "the two turns of one recording"
    assert set(office.proposals()) == {"L1", "L2"}


def test_bad_rows_of_the_source_stand_in_the_summary(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    office.source.quarantined = (Quarantined("leads.csv line 7", "answered is missing", "L9"),)
    assert office.night().quarantined == [
        {"where": "leads.csv line 7", "lead_id": "L9", "reason": "answered is missing"}
    ]


def test_of_a_night_nothing_is_kept_that_a_caller_or_the_source_said(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED, L2="broken"))
    said, fault = "price: no number (got '614 555 0114')", "price: no number"
    office.source.quarantined = (Quarantined("leads.csv line 7", said, "L9", fault), Quarantined("line 8", said))
    told = office.night()
    assert [row["reason"] for row in told.quarantined] == [said, said] and told.failures[0]["message"]
    with store() as unit:
        (night,) = unit.nights(5)
    assert night.body["quarantined"] == [
        {"where": "leads.csv line 7", "lead_id": "L9", "reason": fault},
        {"where": "line 8", "lead_id": "", "reason": "it cannot be read"},
    ]
    assert [set(row) for row in night.body["failures"]] == [{"lead_id", "stage", "code"}]
    (shown,) = nights_told([night])
    assert (shown.failed, shown.quarantined[0]) == (1, ("leads.csv line 7", fault))


def test_whoever_watches_is_told_of_every_lead_of_every_stage(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED, L2="broken"))
    office.night()
    assert office.progress.stages == {"screen": 2}
    assert office.progress.steps == [
        *(("screen", lead) for lead in ("L1", "L2")),
        *(("fetch", lead) for lead in ("L1", "L2")),
        *(("transcribe", lead) for lead in ("L2", "L1")),  # what is broken is known before the others are heard
        *(("classify", lead) for lead in ("L2", "L1")),  # what failed before is passed over
        *(("propose", lead) for lead in ("L2", "L1")),
    ]


def test_a_second_night_on_one_database_is_refused_while_the_first_one_lives(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    with one_night(office.deps, "elsewhere/1/1"), pytest.raises(NightIsRunning, match="elsewhere/1/1"):
        office.night()
    assert office.night().leads_seen == 0, "the lease ends with its night"


def test_the_lease_of_a_night_that_died_or_lasted_too_long_is_taken_over(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    with store() as unit:
        assert unit.take_lease(Lease.NIGHT, "elsewhere/1/1", NOW, NOW + timedelta(hours=1)) is None
        unit.commit()
    with pytest.raises(NightIsRunning):
        office.night()
    assert office.night(NOW + timedelta(hours=1)).leads_seen == 0


def test_a_night_that_failed_gives_its_lease_back(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=JOB))
    office.engine.fails_on = "hiring"
    with pytest.raises(ZeroDivisionError):
        office.night()
    with one_night(office.deps, "elsewhere/1/1"):
        pass


@pytest.mark.parametrize("stage", list(PIPELINE)[1:])
def test_a_stage_asked_for_a_lead_that_is_not_that_far_names_it(tmp_path: Path, store: SqlStore, stage: str) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    open_night(office.deps, office.source.uri, NOW)
    ((named, failure),) = PIPELINE[stage](office.deps, office.source.uri, [LeadId("L1")], NOW)
    assert named == "L1"
    assert isinstance(failure, LeadFailure) and "was not" in failure.message


def test_a_lead_that_nobody_registered_is_a_mistake_of_the_caller(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    with pytest.raises(UnknownLead, match="no lead 'L9'"):
        list(PIPELINE["fetch"](office.deps, office.source.uri, [LeadId("L9")], NOW))


def test_a_lead_that_was_never_screened_has_no_verdict(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    ((_, failure),) = PIPELINE["propose"](office.deps, office.source.uri, [LeadId("L9")], NOW)
    assert isinstance(failure, LeadFailure) and "never screened" in failure.message


def test_a_transcript_that_was_not_classified_has_no_verdict(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=NEED))
    night = open_night(office.deps, office.source.uri, NOW)
    for stage in ("fetch", "transcribe", "propose"):
        run_stage(office.deps, stage, night.source, night.ready, NOW)
    failure = office.failure("L1")
    assert failure is not None and failure.code == "not_classified"


def test_a_recording_is_fetched_again_when_the_source_tells_another_hash(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(L1=PITCH))
    open_night(office.deps, office.source.uri, NOW)
    kept, reused = fetch_recording(office.deps, office.source.uri, LeadId("L1"))
    assert not reused
    office.change("L1", replace(office.source.leads[0], recording_sha256=kept.upper()))
    open_night(office.deps, office.source.uri, NOW)
    assert fetch_recording(office.deps, office.source.uri, LeadId("L1")) == (kept, True)
    office.change("L1", replace(office.source.leads[0], recording_sha256="0" * 64))
    open_night(office.deps, office.source.uri, NOW)
    assert not fetch_recording(office.deps, office.source.uri, LeadId("L1"))[1]


def test_a_night_is_compared_with_labels_over_the_calls_that_were_heard(tmp_path: Path, store: SqlStore) -> None:
    source = calls(L1=NEED, L2=PITCH, L3=JOB, L4="broken")
    source.leads.append(a_lead(lead_id=LeadId("L5"), answered=False))
    summary = Office(tmp_path, store, source).night()
    labels = {"L1": "new_customer", "L2": "new_customer", "L3": "job_seeker", "L4": "solicitor", "L5": "missed_call"}
    found = agreement(summary, labels)

    assert (found.heard, found.right, found.wrong_credits) == (3, 2, 1)
