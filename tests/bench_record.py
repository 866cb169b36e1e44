"""How the record holds up at a hundred thousand leads: `python tests/bench_record.py [LEADS] [sqlite|postgresql]`.

Builds a record of that many leads with their charges, proposals and some decisions, then times the queue on the command
line and in the review app, pages of that app, the fold of one lead, the figures of a month and a check of the whole
chain. Prints one line each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from secrets import token_hex

from builders import NOW, a_campaign, a_lead
from office import Office, calls
from review_desk import a_desk_over
from servers import a_server

from insights.adapters import tables
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.adapters.store_rows import utc, write_body
from insights.adapters.word_index import add_words
from insights.domain.billing import fold_ledger
from insights.domain.data_points import data_points
from insights.domain.intents import Intent
from insights.domain.leads import CampaignId, LeadId
from insights.domain.ledger import Draft, EntryKind, check_chain, entry_row
from insights.domain.queue_filters import QueueFilter
from insights.pipeline.decide import start_review
from insights.pipeline.moves import write_summaries
from insights.pipeline.queue_mirror import QueueMirror
from insights.pipeline.queue_page import next_lead, triage_page
from insights.pipeline.review import open_queue

CLIENTS = 200
SAID = "blue pipe plumbing how can i help my water heater leaks and i need somebody today the address is "
ROUNDS = 5


def build(office: Office, number_of_leads: int) -> None:
    """Leads of a month, one client in two hundred each, a proposal each, a tenth of them decided."""
    rng, last = Random(5), None
    rows: list[dict[str, object]] = []
    leads: list[dict[str, object]] = []
    words: list[dict[str, object]] = []
    campaigns = [a_campaign(campaign_id=CampaignId(f"C-{n}"), client_id=f"K-{n}") for n in range(CLIENTS)]
    with office.store() as unit:
        for campaign in campaigns:
            unit.put_campaign(campaign, NOW)
        unit.commit()
    for number in range(number_of_leads):
        lead = a_lead(
            lead_id=LeadId(f"L-{number}"),
            campaign_id=campaigns[number % CLIENTS].campaign_id,
            received_at=NOW - timedelta(days=30) * (number / number_of_leads),
            source=rng.choice(["search", "maps", "radio"]),
        )
        decision = rng.choices(["billable", "non_billable", "needs_review"], [60, 25, 15])[0]
        body = {
            "decision": decision,
            "reason": "new_customer" if decision == "billable" else rng.choice(list(Intent)[1:]).value,
            "outcome": None,
            "probability": 0.9,
            "charge_probability": 0.95,
            "probabilities": {intent.value: 0.125 for intent in Intent},
            "evidence": [{"supports": "solicitor", "turn": 1, "quote": "your google listing", "start": 1, "end": 2}],
            "against": [],
            "doubts": [],
            "would_change": "a need of the caller's own",
            "rule": "bench",
            "versions": {"code": "1", "policy": "1", "speech": "1", "intent": "1"},
            "shares": {"audio_s": 60, "talk_s": 40, "silence_s": 15, "hold_s": 5, "overlap_s": 1},
        }
        charge = {"amount": "45.00", "currency": "USD", "campaign_id": lead.campaign_id}
        drafts = [
            Draft(f"charge:{lead.lead_id}", lead.lead_id, EntryKind.CHARGE, lead.received_at, "source", charge),
            Draft(f"proposal:{lead.lead_id}:1", lead.lead_id, EntryKind.PROPOSAL, NOW, "pipeline", body),
        ]
        if rng.random() < 0.1:
            said = {"answer": "override", "reason": "new_customer", "outcome": None, "result": "declined"}
            drafts.append(
                Draft(f"decision:{lead.lead_id}:1", lead.lead_id, EntryKind.DECISION, NOW, "reviewer:a", said)
            )
        for draft in drafts:
            last = draft.after(last, lambda: token_hex(16))
            row = entry_row(last)
            words += [
                {"seal": seal, "lead_id": last.lead_id, "salt": salt, "text": text}
                for seal, (salt, text) in row.pop("texts").items()
            ]
            rows.append(row)
        leads.append(
            {"lead_id": lead.lead_id, "campaign_id": lead.campaign_id, "source": "bench",
             "received_at": utc(lead.received_at), "body": write_body(lead), "caller": lead.caller_number}
        )  # fmt: skip
    with office.store.engine.begin() as connection:
        for lead in leads:
            add_words(connection, f"heard-{lead['lead_id']}", SAID + str(rng.randrange(1000)))
        heard = [
            (sha256(str(lead["lead_id"]).encode()).hexdigest(), f"heard-{lead['lead_id']}", lead["lead_id"])
            for lead in leads
        ]
        connection.execute(tables.recordings.insert(), [{"lead_id": name, "sha256": sound} for sound, _, name in heard])
        connection.execute(
            tables.transcript_recordings.insert(), [{"key": key, "audio_sha256": sound} for sound, key, _ in heard]
        )
        connection.execute(tables.leads.insert(), leads)
        connection.execute(tables.entries.insert(), rows)
        connection.execute(tables.texts.insert(), words)


def timed(what: str, work: Callable[[], object], before: Callable[[], object] = lambda: None) -> None:
    """Print the median of a few rounds; what happens ``before`` each is not counted."""
    spent = []
    for _ in range(ROUNDS):
        before()
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    print(f"{what:<44} {sorted(spent)[ROUNDS // 2] * 1000:9.1f} ms")


def the_queue_page(office: Office) -> None:
    """The review app's page: with filters, with all leads, after a change, and as its clocks go on."""
    deps, mirror, rounds = office.deps, QueueMirror(), count(1)
    began = time.perf_counter()
    waiting = [item.row.lead_id for item in triage_page(mirror, deps, QueueFilter(), NOW).items]
    print(f"{'the queue read into memory, once':<44} {(time.perf_counter() - began) * 1000:9.1f} ms")

    def shown(after: timedelta = timedelta(0), **asked: str) -> None:
        triage_page(mirror, deps, QueueFilter.parse(asked), NOW + after)

    timed("the queue page", shown)
    timed("... of a client, a source and a verdict", lambda: shown(client="K-7", source="maps", verdict="non_billable"))
    timed("... of all leads", lambda: shown(status="all"))
    timed("... of all leads with a verdict", lambda: shown(status="all", verdict="billable"))
    timed("... of all leads, the last page", lambda: shown(status="all", order="newest", page="99999"))
    timed("... of a lead's id and words", lambda: shown(status="all", words="L-77 google"))
    timed("... of words that every call holds", lambda: shown(status="all", words="water heater"))
    timed("... of a word that one call in 1,000 holds", lambda: shown(status="all", words="leaks 777"))
    timed("... after a change", shown, lambda: start_review(deps, waiting.pop(), "ann", NOW))
    timed("... when stakes are weighed anew", lambda: shown(next(rounds) * timedelta(seconds=20)))
    timed("... when campaigns are asked anew", lambda: shown(timedelta(hours=1) + next(rounds) * timedelta(minutes=2)))
    timed("the next lead", lambda: next_lead(mirror, deps, QueueFilter(), waiting[9], "bob", NOW))


def the_pages(office: Office) -> None:
    """What the review app's server needs for a page, from the request to the last letter of its answer."""
    browser = a_desk_over(office).signed_in("triage_lead")
    with office.store(only_reads=True) as unit:
        waiting = [LeadId(row.lead_id) for row in unit.waiting(NOW)]
    timed("GET /queue", lambda: browser.get("/queue"))
    timed("GET /queue of all leads with a verdict", lambda: browser.get("/queue?status=all&verdict=billable"))
    timed("GET /leads/L-77", lambda: browser.get("/leads/L-77"))
    changed = lambda: start_review(office.deps, waiting.pop(), "ann", NOW)  # noqa: E731
    timed("GET /dashboard after a change", lambda: browser.get("/dashboard"), changed)
    timed("GET /dashboard again", lambda: browser.get("/dashboard"))


def main() -> None:
    leads = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "sqlite"
    with tempfile.TemporaryDirectory(prefix="bench-record-") as folder, ExitStack() as stack:
        address = f"sqlite:///{folder}/record.sqlite"
        if kind == "postgresql":
            address = stack.enter_context(stack.enter_context(a_server(Path(folder)))())
        store = SqlStore(open_engine(address))
        office = Office(Path(folder), store, calls())
        began = time.perf_counter()
        build(office, leads)
        write_summaries(replace(office.deps))
        print(f"{kind}: {leads} leads built in {time.perf_counter() - began:.0f} s")

        def fold() -> None:
            with store() as unit:
                fold_ledger(LeadId("L-77"), unit.entries(LeadId("L-77")))

        def month() -> None:
            with store() as unit:
                data_points(list(unit.summaries(NOW - timedelta(days=30), NOW)))

        def chain() -> None:
            with store() as unit:
                assert list(check_chain(unit.entries())) == []

        timed("a page of the queue (50 leads)", lambda: open_queue(office.deps, NOW, 50))
        the_queue_page(office)
        the_pages(office)
        timed("the fold of one lead", fold)
        timed("the figures of a month", month)
        timed("the whole chain checked", chain)
        store.engine.dispose()


if __name__ == "__main__":
    main()
