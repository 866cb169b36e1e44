"""The watch over the nights: what is new is kept once, and told to every channel whatever dies in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import A_ROW, NOW, ROW_FACTS, a_lead
from mail_server import a_mail_server
from office import JOB, NEED, PITCH, Office, calls
from receiver import SECRET, Receiver, a_receiver
from servers import ON_BOTH

from insights.adapters.alert_channels import EmailChannel, WebhookChannel
from insights.adapters.billing_sinks import FileDropSink
from insights.adapters.process_owner import this_process
from insights.adapters.store import SqlStore
from insights.domain.alerts import Alert, Kind, trial_alert
from insights.domain.billing import Answer
from insights.domain.lead_life import Verdicted
from insights.domain.leads import LeadId
from insights.domain.ledger import EntryKind
from insights.domain.tellings import Telling
from insights.errors import ChannelDown
from insights.pipeline.alerts import ToldRun, alerts_kept, notice, tell, try_channels
from insights.pipeline.decide import record_decision, start_review
from insights.pipeline.deliver import deliver_pending
from insights.pipeline.operating import is_ready, operating
from insights.ports_record import Lease

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=JOB))
    office.night()
    return office


def receive(store: SqlStore, prefix: str, instants: list[datetime], reason: str = "new_customer") -> None:
    """Judged calls of the marketing source maps, received at these instants, in one row each."""
    verdict = "billable" if reason == "new_customer" else "non_billable"
    facts = {"source": "maps", "reason": reason, "verdict": verdict, "in_hand_of": "", "in_hand_since": ""}
    with store() as unit:
        for number, at in enumerate(instants):
            lead_id = LeadId(f"{prefix}{number}")
            unit.put_lead(a_lead(lead_id=lead_id, received_at=at), "callrail://A")
            unit.put_summary(replace(A_ROW, lead_id=lead_id, received_at=at, facts=ROW_FACTS | facts))
        unit.commit()


def close_a_night(store: SqlStore, as_of: datetime, **changes: Any) -> None:
    body = {"source": "callrail://A", "failures": [], "by_screening": {}, "leads_seen": 3, "source_stopped": ""}
    with store() as unit:
        unit.put_night(as_of, body | changes, as_of)
        unit.commit()


def kinds(alerts: list[Alert]) -> list[str]:
    return [alert.kind.value for alert in alerts]


def keep(office: Office, *alerts: Alert) -> None:
    with office.store() as unit:
        for alert in alerts:
            unit.put_telling(Telling(alert, office.clock.now()))
        unit.commit()


def webhook(receiver: Receiver) -> WebhookChannel:
    return WebhookChannel(receiver.url, SECRET, timeout_s=5)


def alert(number: int = 1) -> Alert:
    return replace(trial_alert(NOW), key=f"test:{number}")


# noticing


@ON_BOTH
def test_a_usual_night_and_a_fed_billing_system_are_nobodys_alarm(office: Office, tmp_path: Path) -> None:
    deliver_pending(office.deps, FileDropSink(tmp_path / "drop"), this_process())
    assert notice(office.deps, feeds=True) == []


def test_a_night_whose_calls_fail_is_noticed_once(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(**{f"L{number}": "broken" for number in range(6)}, L9=NEED))
    office.night()
    (found,) = notice(office.deps, feeds=False)
    assert (found.kind, found.figures["failed"], len(found.leads)) == (Kind.FAILURES, 6, 6)
    assert notice(office.deps, feeds=False) == []
    office.night(NOW + HOUR)
    assert notice(office.deps, feeds=False) == [], "the same leads failed again"


def test_a_night_that_closed_while_nobody_watched_is_judged_later(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls(**{f"L{number}": "broken" for number in range(6)}))
    for hours in range(3):
        office.night(NOW + hours * HOUR)
    assert kinds(notice(office.deps, feeds=False)) == ["failures"], "and of three nights the last one"


def test_a_source_that_stopped_is_noticed_for_each_night(office: Office, store: SqlStore) -> None:
    for hours in (1, 2):
        close_a_night(store, NOW + hours * HOUR, source_stopped="503")
        assert kinds(notice(office.deps, feeds=False)) == ["source_stopped"]


@ON_BOTH
def test_a_source_without_any_lead_of_the_last_day_is_noticed(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    receive(store, "L", [NOW - day * DAY - hour * HOUR for day in range(1, 8) for hour in range(1, 20)])
    close_a_night(store, NOW)
    close_a_night(store, NOW, source="callrail://B")
    (found,) = notice(office.deps, feeds=False)
    assert found.headline == "callrail://A told 0 leads of the last day, none: 19."


@ON_BOTH
def test_spam_of_one_marketing_source_is_noticed_with_its_leads(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    receive(store, "U", [NOW - 5 * DAY - number * HOUR for number in range(60)])
    receive(store, "N", [NOW - HOUR])
    receive(store, "S", [NOW - 2 * HOUR - number * HOUR / 60 for number in range(25)], reason="solicitor")
    close_a_night(store, NOW)
    found = [alert for alert in notice(office.deps, feeds=False) if alert.kind is Kind.SPAM_BURST]
    assert [alert.headline for alert in found] == [
        "25 of 26 calls of the source maps are solicitors: 96% instead of 0%."
    ]
    assert found[0].leads == tuple(f"S{number}" for number in range(20)), "the newest ones"


@ON_BOTH
def test_another_mix_of_reasons_is_noticed_with_calls_to_listen_to(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    receive(store, "U", [NOW - 5 * DAY - number * HOUR for number in range(120)])
    receive(store, "N", [NOW - number * HOUR / 2 for number in range(1, 61)])
    receive(store, "J", [NOW - number * HOUR / 2 for number in range(1, 61)], reason="job_seeker")
    close_a_night(store, NOW)
    (found,) = (alert for alert in notice(office.deps, feeds=False) if alert.kind is Kind.MODEL_DRIFT)
    assert "most of all job_seeker: 50% instead of 0%" in found.headline
    assert found.leads == tuple(f"J{number}" for number in range(20))


@ON_BOTH
def test_leads_that_nobody_looked_at_are_noticed_before_their_window_ends(office: Office) -> None:
    office.clock.instant = NOW + 6 * DAY + 3 * HOUR
    found = [alert for alert in notice(office.deps, feeds=False) if alert.kind is Kind.EXPIRING]
    assert [set(alert.leads) for alert in found] == [{"L2", "L3"}]
    start_review(office.deps, LeadId("L2"), "ann", office.clock.instant)
    record_decision(office.deps, LeadId("L3"), "ann", Verdicted(Answer.ACCEPT), office.clock.instant)
    office.clock.instant = NOW + 6 * DAY + 21 * HOUR
    assert Kind.EXPIRING.value not in kinds(notice(office.deps, feeds=False)), "somebody looked at both"


def test_a_night_that_never_closed_is_noticed_again_each_day(office: Office) -> None:
    told = 0
    for hour in range(24, 80, 2):
        office.clock.instant = NOW + hour * HOUR
        told += kinds(notice(office.deps, feeds=False)).count("no_night")
    assert told == 3
    with office.store() as unit:
        assert unit.take_lease(Lease.NIGHT, this_process(), office.clock.instant, office.clock.instant + HOUR) is None
        unit.commit()
    office.clock.instant = NOW + DAY + 11 * HOUR
    assert notice(office.deps, feeds=False) == [], "one is at work"


@ON_BOTH
def test_a_feed_that_stands_still_for_an_hour_is_noticed_by_what_the_watch_saw(office: Office, tmp_path: Path) -> None:
    assert notice(office.deps, feeds=True) == [], "what a night posts carries an older instant, and waits only now"
    office.clock.instant += HOUR
    assert notice(office.deps, feeds=True) == []
    office.clock.instant += HOUR / 4
    assert kinds(notice(office.deps, feeds=True)) == ["feed_late"]
    assert notice(office.deps, feeds=True) == []
    deliver_pending(office.deps, FileDropSink(tmp_path / "drop"), this_process())
    office.clock.instant += 5 * HOUR
    assert notice(office.deps, feeds=True) == []
    record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), office.clock.instant)
    assert notice(office.deps, feeds=True) == [], "this one waits only now"


def test_without_a_billing_system_nothing_waits_for_one(office: Office) -> None:
    for hours in range(20):
        office.clock.instant = NOW + hours * HOUR
        assert notice(office.deps, feeds=False) == []


# telling


@ON_BOTH
def test_an_alert_is_taken_once_although_the_watch_died_between_sending_and_noting(
    office: Office, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(office, alert(1), alert(2))

    class Died(BaseException):
        """The process is gone."""

    class DiesAfterSending(WebhookChannel):
        def send(self, alert: Alert, at: datetime) -> None:
            super().send(alert, at)
            raise Died

    with pytest.raises(Died):
        tell(office.deps, [DiesAfterSending(receiver.url, SECRET)])
    assert (receiver.told, [telling.tries for telling in alerts_kept(office.deps, 9)]) == (1, [0, 0])
    assert tell(office.deps, [webhook(receiver)]) == ToldRun(2, 0)
    assert receiver.order == ["test:1", "test:2"] and receiver.told == 3, "the same key: taken once"
    assert tell(office.deps, [webhook(receiver)]) == ToldRun(0, 0)
    assert {telling.told_at for telling in alerts_kept(office.deps, 9)} == {NOW}


@ON_BOTH
def test_a_channel_that_is_down_is_told_later_and_the_other_one_not_again(office: Office, receiver: Receiver) -> None:
    keep(office, alert(1), alert(2))
    with a_mail_server() as mail:
        mail.refuses["MAIL"] = "451 later"
        letters = EmailChannel("127.0.0.1", mail.port, "night@example.com", ["ops@example.com"])
        run = tell(office.deps, [webhook(receiver), letters])
        assert (run.told, run.failed) == (2, 1), "after its first no it is left alone"
        assert "451" in run.troubles[0] and "e-mail" in run.troubles[0]
        kept = {telling.alert.key: telling for telling in alerts_kept(office.deps, 9)}
        assert [kept["test:1"].tries, kept["test:2"].tries, kept["test:1"].told_at] == [2, 1, None]
        assert [telling.alert.key for telling in kept.values() if telling.in_trouble] == ["test:1"]
        mail.refuses.clear()
        assert tell(office.deps, [webhook(receiver), letters]) == ToldRun(2, 0)
        assert (receiver.told, len(mail.letters)) == (2, 2)
    assert all(telling.told_at and not telling.troubles for telling in alerts_kept(office.deps, 9))


def test_a_refused_alert_is_kept_and_holds_up_no_other(office: Office, receiver: Receiver) -> None:
    keep(office, alert(1), alert(2))
    receiver.refuses = lambda message: 422 if message["key"] == "test:1" else None
    run = tell(office.deps, [webhook(receiver)])
    assert (run.told, run.failed, receiver.order) == (1, 1, ["test:2"])
    assert tell(office.deps, [webhook(receiver)]) == ToldRun(0, 0), "by itself it is not tried again"
    receiver.refuses = lambda message: None
    assert tell(office.deps, [webhook(receiver)], refused_too=True) == ToldRun(1, 0)
    assert receiver.order == ["test:2", "test:1"]


def test_a_channel_that_was_taken_away_keeps_no_alert_open(office: Office, receiver: Receiver) -> None:
    keep(office, alert())
    gone = EmailChannel("127.0.0.1", 9, "night@example.com", ["ops@example.com"])
    assert tell(office.deps, [webhook(receiver), gone]).failed == 1
    assert tell(office.deps, [webhook(receiver)]) == ToldRun(0, 0)
    assert alerts_kept(office.deps, 1)[0].told_at == NOW


def test_without_a_channel_alerts_wait(office: Office) -> None:
    keep(office, alert())
    assert tell(office.deps, []) == ToldRun(0, 0)
    assert (alerts_kept(office.deps, 1)[0].told_at, alerts_kept(office.deps, 1)[0].tries) == (None, 0)


def test_a_test_alert_is_not_kept(office: Office, receiver: Receiver) -> None:
    gone = EmailChannel("127.0.0.1", 9, "night@example.com", ["ops@example.com"])
    answers = try_channels([webhook(receiver), gone], alert(), NOW)
    assert answers["webhook"] == "" and "ConnectionRefusedError" in answers["e-mail"]
    assert alerts_kept(office.deps, 9) == []


def test_the_newest_alerts_come_first(office: Office) -> None:
    keep(office, alert(1))
    office.clock.instant += HOUR
    keep(office, alert(2))
    assert [telling.alert.key for telling in alerts_kept(office.deps, 1)] == ["test:2"]


# figures


@ON_BOTH
def test_the_figures_of_operation_are_those_of_the_record(office: Office) -> None:
    keep(office, alert())
    record_decision(office.deps, LeadId("L3"), "ann", Verdicted(Answer.ACCEPT), NOW - HOUR)
    figures = operating(office.deps, NOW + HOUR, feeds=True)
    assert figures.night is not None
    assert (figures.night.as_of, figures.night.leads_seen, figures.night.proposals) == (NOW, 3, 3)
    assert (figures.night.failures, figures.night.audio_s > 0) == ({}, True)
    assert list(figures.night.stage_s) == ["fetch", "transcribe", "classify", "propose"]
    assert (figures.waiting, figures.expiring, figures.at_stake) == (1, 0, {"USD": 45.0})
    assert (figures.decisions, figures.feed_waiting, figures.feed_dead, figures.alerts_untold) == (1, 5, 0, 1)
    assert figures.versions["speech"] == "reader-1" and figures.versions["code"] == "1.0"
    assert operating(office.deps, NOW + 6 * DAY + 20 * HOUR, feeds=False).expiring == 1
    assert operating(office.deps, NOW + DAY, feeds=False).decisions == 0, "that was more than a day ago"


@ON_BOTH
def test_of_an_empty_record_there_are_figures_too(tmp_path: Path, store: SqlStore) -> None:
    office = Office(tmp_path, store, calls())
    figures = operating(office.deps, NOW, feeds=False)
    assert (figures.night, figures.waiting, figures.feed_waiting, figures.versions) == (None, 0, None, {})
    assert is_ready(office.deps)
    assert kinds(notice(office.deps, feeds=True)) == ["no_night"]


@ON_BOTH
def test_a_database_of_another_version_is_not_ready(office: Office) -> None:
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("insert into schema_versions (version, name) values (999, 'of the future')")
    assert not is_ready(office.deps)


def test_decisions_are_counted_by_their_instant_whatever_offset_they_carry(office: Office) -> None:
    at = datetime.fromisoformat("2026-11-20T23:30:00-06:00")
    record_decision(office.deps, LeadId("L2"), "ann", Verdicted(Answer.ACCEPT), at)
    with office.store(only_reads=True) as unit:
        counts: list[Any] = [unit.count_entries(EntryKind.DECISION, at + minutes * HOUR / 60) for minutes in (0, 1)]
    assert counts == [1, 0]


def test_channels_are_closed_also_when_one_breaks(office: Office) -> None:
    keep(office, alert())
    closed = []

    class Noting:
        name = "noting"

        def send(self, alert: Alert, at: datetime) -> None:
            raise ChannelDown("gone.")

        def close(self) -> None:
            closed.append(self.name)

    assert tell(office.deps, [Noting()]).failed == 1
    assert closed == ["noting"]
