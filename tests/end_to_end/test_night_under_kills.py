"""Nights that are killed, or cut off from their database or from Prefect: the record is that of a quiet night."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from bench_night import AS_OF
from builders import NOW
from fakes import PhraseMatcher
from killed_nights import (
    PATIENCE_S,
    Child,
    Pace,
    a_family,
    differences,
    half_written,
    kill_at_random,
    proposals,
    undisturbed,
    what_stands,
)
from night_children import Plan, a_long_list, plain_night
from office import JOB, NEED, PITCH, Office, calls
from real_nights import BROKEN, Prefect, a_prefect_server, a_real_source
from servers import ON_BOTH

from insights import bootstrap
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.domain.campaigns import Campaign
from insights.pipeline.audit import verify_record

SEED = 20
LAST_WEEK = NOW - timedelta(days=8)


def after_last_week(folder: Path, store: SqlStore) -> Office:
    """An office whose night of last week left two calls that nobody has looked at since: tonight they expire."""
    office = Office(folder, store, a_long_list())
    tonight, office.source.leads = office.source.leads, [one for one in office.source.leads if one.lead_id[:3] == "OLD"]
    office.night(LAST_WEEK)
    office.clock.instant, office.source.leads = NOW, tonight
    return office


@pytest.fixture(scope="module")
def quiet_office(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Pace]:
    """What an undisturbed night of fakes leaves on a record of its own, and how long it takes, once and again."""
    folder = tmp_path_factory.mktemp("quiet")
    address = f"sqlite:///{folder / 'quiet.sqlite'}"
    engine = open_engine(address)
    office = after_last_week(folder / "quiet", SqlStore(engine))
    with a_family(Plan(str(folder / "quiet"), address)) as family:
        before = proposals(office.deps)
        _, whole_s = undisturbed(family)
        stands = what_stands(office.deps)
        _, again_s = undisturbed(family)
    made = proposals(office.deps) - before
    engine.dispose()
    return stands, Pace(whole_s, again_s, made)


@ON_BOTH
def test_a_night_of_fakes_killed_at_random_leaves_the_record_of_a_quiet_night(
    tmp_path: Path, store: SqlStore, database: str, quiet_office: tuple[dict[str, Any], Pace]
) -> None:
    """Charges, proposals, what the policy accepted within its caps with its credits, and what expired: each once."""
    quiet, pace = quiet_office
    office = after_last_week(tmp_path / "killed", store)
    with a_family(Plan(str(tmp_path / "killed"), database)) as family:
        toll = kill_at_random(family, office.deps, pace, 8, Random(SEED))
        undisturbed(family)
    print(f"{database.partition(':')[0]}, seed {SEED}: {toll}; {pace}")

    kinds = {told[1] for entries in quiet["entries"].values() for told in entries}
    assert {"charge", "proposal", "decision", "credit", "expiry"} <= kinds, "the night had a bit of everything"
    assert differences(quiet, what_stands(office.deps)) == []
    assert verify_record(office.deps)["sound"]
    assert half_written(tmp_path / "killed" / "recordings") == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_night_cut_off_from_its_database_goes_on_or_says_so(
    tmp_path: Path, store: SqlStore, database: str, quiet_office: tuple[dict[str, Any], Pace]
) -> None:
    """The server ends all of its connections, at random moments; a night that cannot go on is started again."""
    quiet, pace = quiet_office
    office, rng = after_last_week(tmp_path / "cut", store), Random(SEED)
    ends: list[str] = []
    cuts = 0
    with a_family(Plan(str(tmp_path / "cut"), database), PGAPPNAME="night") as family:
        night = family.start("night")
        while cuts < 8:
            night.wait_for_work()
            if not night.alive(rng.uniform(0, pace.longest(proposals(office.deps), 8 - cuts))):
                ends.append(how_it_ended(night))
                night = family.start("night")
            cuts += cut_off(database) > 0
        while night.alive(PATIENCE_S) or how_it_ended(night) != "done":
            ends.append(how_it_ended(night))
            night = family.start("night")
        undisturbed(family)
    print(f"seed {SEED}: {cuts} cuts; nights that ended before the last one: {Counter(ends)}")

    assert differences(quiet, what_stands(office.deps)) == []
    assert verify_record(office.deps)["sound"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_stage_whose_connection_breaks_in_a_transaction_is_done_again(
    tmp_path: Path, store: SqlStore, database: str
) -> None:
    office = Office(tmp_path, store, calls(L1=NEED, L2=PITCH, L3=JOB))
    cuts: list[int] = []

    class CutOnce(PhraseMatcher):
        def match(self, sentences: Sequence[str], campaign: Campaign) -> tuple[int, str] | None:
            cuts.extend([cut_off(database, whose="")] if len(cuts) < 2 else [])
            return super().match(sentences, campaign)

    office.deps = replace(office.deps, services=CutOnce())
    summary = plain_night(office.deps, office.source.uri, NOW, 3)
    assert cuts == [1, 1], "asked while a proposal is made"
    assert (summary.failures, sorted(office.proposals())) == ([], ["L1", "L2", "L3"])
    assert verify_record(office.deps)["sound"]


def cut_off(database: str, whose: str = "night") -> int:
    """End the connections of all programs of this name on a database; how many there were."""
    with psycopg.connect(database, autocommit=True, application_name="cuts") as connection:
        mine = f"application_name = '{whose}' and datname = current_database() and backend_type = 'client backend'"
        row = connection.execute(
            f"select count(pg_terminate_backend(pid)) from pg_stat_activity where {mine}"
        ).fetchone()
    return int(row[0]) if row else 0


def how_it_ended(child: Child) -> str:
    """``done``, or the code of the trouble that it named."""
    end = child.end()
    assert end is not None and "surprise" not in end, end
    assert "done" in end or end["error"] == "DatabaseBusy", end
    return "done" if "done" in end else str(end["error"])


CALLS, BATCH = 30, 8
SPEED = {"PREFECT_CLIENT_MAX_RETRIES": "2", "PREFECT_LOGGING_LEVEL": "CRITICAL"}


@pytest.fixture(scope="module")
def real_source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(a_real_source(tmp_path_factory.mktemp("calls") / "source", CALLS))


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    with a_prefect_server(tmp_path_factory.mktemp("prefect")) as server:
        yield server


@pytest.fixture(scope="module")
def quiet_night(
    tmp_path_factory: pytest.TempPathFactory, real_source: str, prefect: Prefect
) -> tuple[dict[str, Any], Pace, str]:
    """What an undisturbed night of real calls leaves, how long it takes, once and again, and the speech weights."""
    folder = tmp_path_factory.mktemp("quiet-calls")
    address, speech = f"sqlite:///{folder / 'record.sqlite'}", str(folder / "speech")
    plan = Plan(str(folder / "night"), address, real_source, AS_OF, BATCH, speech)
    deps = bootstrap.build(plan.settings, bootstrap.Silent())
    deps.speech()  # converts the weights, once for all
    with a_family(plan, PREFECT_API_URL=prefect.api, **SPEED) as family:
        _, whole_s = undisturbed(family)
        stands = what_stands(deps)
        _, again_s = undisturbed(family)
    return stands, Pace(whole_s, again_s, proposals(deps)), speech


@pytest.mark.slow
@ON_BOTH
def test_a_night_of_real_calls_killed_200_times_leaves_the_record_of_a_quiet_night(
    tmp_path: Path, database: str, real_source: str, prefect: Prefect, quiet_night: tuple[dict[str, Any], Pace, str]
) -> None:
    """The real flow with the real parts, alone and with a helper; either of them or both are killed."""
    quiet, pace, speech = quiet_night
    plan = Plan(str(tmp_path / "night"), database, real_source, AS_OF, BATCH, speech)
    deps = bootstrap.build(plan.settings, bootstrap.Silent())
    with a_family(plan, PREFECT_API_URL=prefect.api, **SPEED) as family:
        toll = kill_at_random(family, deps, pace, 200, Random(SEED))
        undisturbed(family)
        assert family.left_behind() == [], "nobody survives the night that started it"
    stands = what_stands(deps)
    compared = sum(map(len, stands["entries"].values()))
    told = differences(quiet, stands)
    print(f"\n{database.partition(':')[0]}, seed {SEED}: {toll}; {pace}; {compared} entries, {len(told)} differences")

    assert told == []
    assert set(stands["failures"]) == set(BROKEN)
    assert verify_record(deps)["sound"]
    assert half_written(plan.settings.recordings) == []
    deps.store.engine.dispose()  # type: ignore[attr-defined]
