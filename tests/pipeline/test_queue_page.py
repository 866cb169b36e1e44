"""The review app's queue on a real database: what a page shows and counts, and which lead comes next."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from builders import A_ROW, NOW, ROW_FACTS, a_campaign
from hypothesis import given
from hypothesis import strategies as st
from office import JOB, NEED, PITCH, Office, calls
from servers import ON_BOTH

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.domain.billing import Answer, LeadState
from insights.domain.lead_life import Verdicted
from insights.domain.leads import CampaignId, LeadId
from insights.domain.money import Money
from insights.domain.queue_filters import CONFIDENCES, FACETS, ORDERS, REASONS, STATUSES, VERDICTS, QueueFilter
from insights.domain.reasons import Reason
from insights.pipeline.decide import ask_client, record_decision, start_review
from insights.pipeline.moves import write_summaries
from insights.pipeline.queue_mirror import QueueMirror
from insights.pipeline.queue_page import TriagePage, next_lead, previous_lead, triage_page
from insights.pipeline.request import submit_request
from insights.pipeline.review import open_queue

ACCEPT = Verdicted(Answer.ACCEPT)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
L1, L2, L3, L4, L5 = (LeadId(f"L{number}") for number in range(1, 6))
EVERYTHING = QueueFilter(status="all")


@pytest.fixture
def office(tmp_path: Path, store: SqlStore) -> Office:
    """Four pitches that wait, the dearest first, and a customer, who waits for nobody."""
    source = calls(L1=PITCH, L2=PITCH, L3=JOB, L4=PITCH, L5=NEED)
    source.leads = [
        replace(lead, price=Money.parse(price))
        for lead, price in zip(source.leads, ("90", "80", "70", "60", "50"), strict=True)
    ]
    office = Office(tmp_path, store, source)
    office.night()
    return office


@pytest.fixture
def mirror() -> QueueMirror:
    return QueueMirror(ZoneInfo("America/Chicago"))


def ids(page: TriagePage) -> list[str]:
    return [item.row.lead_id for item in page.items]


@ON_BOTH
def test_the_plain_page_is_the_queue_of_the_command_line(office: Office, mirror: QueueMirror) -> None:
    page = triage_page(mirror, office.deps, QueueFilter(), NOW)
    items, in_all = open_queue(office.deps, NOW)
    assert [item.shown for item in page.items] == items
    assert (page.total, page.pages, page.clients) == (in_all, 1, {"K-1": "Blue Pipe Plumbing"})
    assert {item.clock for item in page.items} == {"next balance check in 20 h"}
    assert page.facets["status"] == {"waiting": 4, "not_reviewed": 5}
    assert page.facets["reason"] == {"solicitor": 3, "job_seeker": 1}


@ON_BOTH
def test_every_change_is_on_the_next_page(office: Office, mirror: QueueMirror) -> None:
    deps = office.deps
    assert triage_page(mirror, deps, QueueFilter(), NOW).total == 4
    start_review(deps, L2, "ann", NOW)
    record_decision(deps, L1, "bob", ACCEPT, NOW)
    submit_request(deps, L5, Reason.SOLICITOR, "A pitch.", {}, NOW)
    ask_client(deps, L3, "bob", "Which number?", NOW)

    page = triage_page(mirror, deps, QueueFilter(), NOW)
    assert sorted(ids(page)) == [L2, L4, L5]
    assert {item.row.lead_id: item.in_hand_of for item in page.items} == {L2: "ann", L4: "", L5: ""}
    assert page.facets["reviewer"] == {"nobody": 2, "ann": 1}
    everything = triage_page(mirror, deps, EVERYTHING, NOW)
    assert everything.facets["status"] == {
        "waiting": 3, "decided": 1, "in_review": 1, "information_needed": 1, "not_reviewed": 1, "submitted": 1,
    }  # fmt: skip
    (decided,) = triage_page(mirror, deps, QueueFilter(status="decided"), NOW).items
    assert (decided.row.lead_id, decided.clock, decided.row.reviewer) == (L1, "", "reviewer:bob")
    assert ids(triage_page(mirror, deps, QueueFilter(status="all", reviewer="bob"), NOW)) == [L1]


@ON_BOTH
def test_rows_made_anew_are_read_anew(office: Office, mirror: QueueMirror) -> None:
    deps = office.deps
    for lead_id in (L1, L2):
        start_review(deps, lead_id, "ann", NOW)  # their versions are the newest
    before = ids(triage_page(mirror, deps, EVERYTHING, NOW))
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("delete from lead_summaries")
    assert ids(triage_page(mirror, deps, EVERYTHING, NOW)) == []
    write_summaries(deps)
    record_decision(deps, L3, "ann", ACCEPT, NOW)
    assert sorted(ids(triage_page(mirror, deps, EVERYTHING, NOW))) == sorted(before)
    assert L3 not in ids(triage_page(mirror, deps, QueueFilter(), NOW))


@ON_BOTH
def test_words_that_were_said_find_their_calls_and_an_id_finds_its_lead(office: Office, mirror: QueueMirror) -> None:
    def found(words: str, **others: str) -> TriagePage:
        return triage_page(mirror, office.deps, QueueFilter.parse({"words": words, "status": "all", **others}), NOW)

    assert sorted(ids(found("google listing"))) == [L1, L2, L4]
    assert ids(found("google listing", reason="job_seeker")) == []
    assert (ids(found("L5")), found("L5").named) == ([L5], (L5,))
    hidden = found("L5", status="waiting")
    assert (ids(hidden), hidden.named) == ([], (L5,)), "the page can say where it is"
    assert ids(found("nobody says this")) == []
    assert not found("google").cut


def test_a_search_that_finds_too_much_says_so(
    office: Office, mirror: QueueMirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("insights.pipeline.queue_page.MOST_FOUND", 2)
    page = triage_page(mirror, office.deps, QueueFilter(words="google"), NOW)
    assert (page.total, page.cut) == (2, True)


def test_a_page_beyond_the_last_is_the_last(office: Office, mirror: QueueMirror) -> None:
    page = triage_page(mirror, office.deps, QueueFilter(page=99), NOW, page_size=3)
    assert (ids(page), page.pages, page.filter.page) == ([L4], 2, 2)
    nothing = triage_page(mirror, office.deps, QueueFilter(client="K-0", page=9), NOW)
    assert (nothing.total, nothing.pages, nothing.filter.page) == (0, 1, 1)


def test_what_ends_soon_is_counted_and_can_be_asked_for(office: Office, mirror: QueueMirror) -> None:
    then = NOW - 2 * HOUR + 6 * DAY
    page = triage_page(mirror, office.deps, QueueFilter(), then)
    assert (page.total, page.soon) == (4, 4)
    assert triage_page(mirror, office.deps, QueueFilter(), NOW).soon == 0
    assert triage_page(mirror, office.deps, QueueFilter(within_hours=23), then).total == 0
    assert triage_page(mirror, office.deps, QueueFilter(within_hours=24), then).total == 4
    assert triage_page(mirror, office.deps, QueueFilter(status="all"), then + DAY).total == 5
    assert triage_page(mirror, office.deps, QueueFilter(), then + DAY).total == 0, "their windows have closed"


def test_days_are_those_of_the_operator(office: Office) -> None:
    """Six in the morning in UTC is still midnight in Chicago, and the day before in Honolulu."""
    for zone, day in (("America/Chicago", 20), ("Pacific/Honolulu", 19)):
        asked = QueueFilter(received_from=date(2026, 11, day), received_to=date(2026, 11, day))
        assert triage_page(QueueMirror(ZoneInfo(zone)), office.deps, asked, NOW).total == 4
    before = QueueFilter(status="all", received_to=date(2026, 11, 19))
    assert triage_page(QueueMirror(ZoneInfo("America/Chicago")), office.deps, before, NOW).total == 0


@ON_BOTH
@pytest.mark.parametrize("order", ORDERS)
def test_one_works_down_the_queue_in_its_order_until_nothing_waits(
    office: Office, mirror: QueueMirror, order: str
) -> None:
    deps, filter = office.deps, QueueFilter(order=order)
    listed = ids(triage_page(mirror, deps, filter, NOW))
    worked = []
    lead = next_lead(mirror, deps, filter, None, "ann", NOW)
    while lead is not None:
        worked.append(lead)
        start_review(deps, lead, "ann", NOW)
        record_decision(deps, lead, "ann", ACCEPT, NOW)
        lead = next_lead(mirror, deps, filter, lead, "ann", NOW)
    assert worked == listed


def test_after_a_decision_one_goes_on_from_where_the_lead_stood(office: Office, mirror: QueueMirror) -> None:
    deps, filter = office.deps, QueueFilter()
    assert ids(triage_page(mirror, deps, filter, NOW)) == [L1, L2, L3, L4]
    record_decision(deps, L2, "ann", ACCEPT, NOW)
    assert next_lead(mirror, deps, filter, L2, "ann", NOW) == L3
    assert previous_lead(mirror, deps, filter, L2, "ann", NOW) == L1
    assert next_lead(mirror, deps, filter, L4, "ann", NOW) == L1, "what was passed over still waits"
    assert next_lead(mirror, deps, filter, LeadId("unknown"), "ann", NOW) == L1
    assert previous_lead(mirror, deps, filter, LeadId("unknown"), "ann", NOW) is None
    assert previous_lead(mirror, deps, filter, L1, "ann", NOW) is None


@pytest.mark.parametrize("order", ORDERS)
def test_the_previous_of_the_next_is_where_one_was(office: Office, mirror: QueueMirror, order: str) -> None:
    filter = QueueFilter(order=order)
    listed = ids(triage_page(mirror, office.deps, filter, NOW))
    for lead, following in pairwise(listed):
        assert next_lead(mirror, office.deps, filter, LeadId(lead), "ann", NOW) == following
        assert previous_lead(mirror, office.deps, filter, LeadId(following), "ann", NOW) == lead


def test_nobody_is_sent_to_a_lead_in_somebody_elses_hand(office: Office, mirror: QueueMirror) -> None:
    deps, filter = office.deps, QueueFilter()
    start_review(deps, L2, "bob", NOW)
    assert next_lead(mirror, deps, filter, L1, "ann", NOW) == L3
    assert previous_lead(mirror, deps, filter, L3, "ann", NOW) == L1
    assert next_lead(mirror, deps, filter, L1, "bob", NOW) == L2
    assert next_lead(mirror, deps, filter, L1, "ann", NOW + 4 * HOUR) == L2, "the hold is over"


def test_skipped_leads_come_again_only_when_nothing_else_waits(office: Office, mirror: QueueMirror) -> None:
    deps, filter = office.deps, QueueFilter()

    def after(lead: LeadId | None, *skipped: LeadId) -> LeadId | None:
        return next_lead(mirror, deps, filter, lead, "ann", NOW, skipped)

    assert after(L1, L1) == L2
    assert after(L4, L2, L4) == L1, "from the beginning again, past those that were skipped"
    assert after(L4, L3, L1, L2, L4) == L3, "skipped longest ago"
    assert after(L3, L3, L1, L2, L4) == L1, "never the one in front of us"
    for lead in (L1, L2, L4):
        record_decision(deps, lead, "ann", ACCEPT, NOW)
    assert after(L3, L3) is None
    assert after(L4, L3) == L3


def test_only_what_waits_comes_next_whatever_is_listed(office: Office, mirror: QueueMirror) -> None:
    assert next_lead(mirror, office.deps, QueueFilter(status="all"), L4, "ann", NOW, (L1, L2, L3)) == L1
    assert next_lead(mirror, office.deps, QueueFilter(status="decided"), None, "ann", NOW) is None


@ON_BOTH
def test_many_read_while_others_decide(tmp_path: Path, store: SqlStore, mirror: QueueMirror) -> None:
    names = [f"L{number}" for number in range(30)]
    office = Office(tmp_path, store, calls(**dict.fromkeys(names, PITCH)))
    office.night()
    faults: list[str] = []
    done = threading.Event()

    def read() -> None:
        seen = len(names)
        while not done.is_set():
            page = triage_page(mirror, office.deps, QueueFilter(), NOW)
            counted = sum(page.facets["verdict"].values())
            if page.total > seen or counted != page.total or page.facets["status"]["waiting"] != page.total:
                faults.append(f"{page.total} of {seen} wait, {counted} counted")
            seen = page.total

    def decide(mine: Sequence[str]) -> None:
        for name in mine:
            record_decision(office.deps, LeadId(name), "ann", ACCEPT, NOW)
            if any(row.lead_id == name for row in mirror.view(office.deps, NOW).index.rows if row and row.waits):
                faults.append(f"{name} was decided and still waits")

    def guarded(work: object, *told: object) -> None:
        try:
            work(*told)  # type: ignore[operator]
        except Exception as error:
            faults.append(repr(error))

    readers = [threading.Thread(target=guarded, args=(read,)) for _ in range(10)]
    deciders = [threading.Thread(target=guarded, args=(decide, names[part:20:2])) for part in (0, 1)]
    for thread in (*readers, *deciders):
        thread.start()
    for thread in deciders:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert faults == []
    assert ids(triage_page(mirror, office.deps, QueueFilter(), NOW)) == [
        item.ticket.lead_id for item in open_queue(office.deps, NOW)[0]
    ]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, QueueMirror]]:
    """Two hundred leads of every kind."""
    folder, rng = tmp_path_factory.mktemp("crowd"), Random(7)
    store = SqlStore(open_engine(f"sqlite:///{folder / 'record.sqlite'}"))
    with store() as unit:
        for number in range(3):
            unit.put_campaign(a_campaign(campaign_id=CampaignId(f"C-{number}"), client_id=f"K-{number % 2}"), NOW)
        for number in range(200):
            campaign, verdict = number % 3, rng.choice(VERDICTS)
            facts = ROW_FACTS | {
                "client_id": f"K-{campaign % 2}",
                "source": rng.choice(["search", "maps"]),
                "verdict": "" if verdict in ("failed", "none") else verdict,
                "failure": "not_audio" if verdict == "failed" else "",
                "reason": "" if verdict in ("failed", "none") else rng.choice(REASONS[:3]),
                "probability": rng.choice([None, 0.5, 0.8, 0.99]),
                "decided_by": rng.choice(["", "reviewer:ann", "policy:auto-accept"]),
                "in_hand_of": "",
                "in_hand_since": "",
            }
            received = NOW - rng.random() * 20 * DAY
            summary = replace(
                A_ROW, lead_id=LeadId(f"L-{number}"), campaign_id=f"C-{campaign}", received_at=received, facts=facts,
                state=rng.choice(list(LeadState)), waits=rng.random() < 0.6, still_open=rng.random() < 0.2,
                worth=rng.random() * 90, expires_at=received + 7 * DAY,
                due_at=NOW + rng.randint(-5, 99) * HOUR if rng.random() < 0.2 else None,
            )  # fmt: skip
            unit.put_summary(summary)
        unit.commit()
    yield Office(folder, store, calls()), QueueMirror()
    store.engine.dispose()


FILTERS = st.builds(
    QueueFilter,
    status=st.sampled_from(STATUSES),
    client=st.sampled_from(["", "", "K-0", "K-1"]),
    campaign=st.sampled_from(["", "", "C-2"]),
    verdict=st.sampled_from(["", "", *VERDICTS]),
    reason=st.sampled_from(["", "", *REASONS[:3], "none"]),
    confidence=st.sampled_from(["", "", *CONFIDENCES]),
    source=st.sampled_from(["", "", "maps"]),
    reviewer=st.sampled_from(["", "", "nobody", "ann"]),
    within_hours=st.sampled_from([None, None, 48]),
    order=st.sampled_from(ORDERS),
)


@given(filter=FILTERS)
def test_the_counts_of_a_facet_add_up_to_the_total_without_it(
    crowd: tuple[Office, QueueMirror], filter: QueueFilter
) -> None:
    office, mirror = crowd
    page = triage_page(mirror, office.deps, filter, NOW)
    for facet in FACETS:
        counts = dict(page.facets[facet])
        waiting = counts.pop("waiting", None)
        without = filter.but(**{facet: "all" if facet == "status" else ""})
        assert sum(counts.values()) == triage_page(mirror, office.deps, without, NOW).total
        if waiting is not None:
            assert waiting == triage_page(mirror, office.deps, filter.but(status="waiting"), NOW).total
        for value, count in counts.items():
            assert count == triage_page(mirror, office.deps, filter.but(**{facet: value}), NOW).total


@given(filter=FILTERS)
def test_all_pages_together_show_every_lead_once(crowd: tuple[Office, QueueMirror], filter: QueueFilter) -> None:
    office, mirror = crowd
    first = triage_page(mirror, office.deps, filter, NOW, page_size=30)
    pages = [triage_page(mirror, office.deps, filter.but(page=n + 1), NOW, page_size=30) for n in range(first.pages)]
    shown = [lead_id for page in pages for lead_id in ids(page)]
    assert len(shown) == len(set(shown)) == first.total
    assert all(page.total == first.total for page in pages)
