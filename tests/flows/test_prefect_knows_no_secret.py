"""What Prefect keeps of flows (parameters, states, messages, artifacts, deployments) holds no secret of ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from office import NEED, Office, calls
from provider_servers import CallRail, serving
from pydantic import SecretStr
from receiver import Receiver, a_receiver

from flows.deployments import deployments
from insights import bootstrap
from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.settings import Settings, load_settings

WORD = "canary-{}-0123456789abcdef0123456789abcdef"


def kept_by_prefect() -> bytes:
    """Every byte of the database of Prefect's server, with what is not yet written into it."""
    from prefect.settings import PREFECT_API_DATABASE_CONNECTION_URL

    address = str(PREFECT_API_DATABASE_CONNECTION_URL.value())
    file = Path(address.partition(":///")[2])
    return b"".join(part.read_bytes() for part in sorted(file.parent.glob(f"{file.name}*")))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


@pytest.mark.usefixtures("prefect_server")
def test_flows_that_fail_leave_no_secret_with_prefect(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.billing_feed import billing_feed
    from flows.nightly_triage import nightly_triage
    from flows.watch import watch

    monkeypatch.chdir(tmp_path)
    for name, field in Settings.model_fields.items():
        if field.annotation is SecretStr:
            monkeypatch.setenv(f"CALL_INSIGHTS_{name.upper()}", WORD.format(name))
    (tmp_path / "campaigns.json").write_text("[]")
    database = f"sqlite:///{tmp_path}/record.sqlite"
    engine = open_engine(database)
    Office(tmp_path, SqlStore(engine), calls(L1=NEED)).night()
    engine.dispose()
    with serving(callrail := CallRail()):
        for name, value in {
            "DATABASE": database,
            "CALLRAIL_URL": callrail.base,
            "CAMPAIGNS": "campaigns.json",
            "FEED": receiver.url.replace("http://", f"http://me:{WORD.format('password')}@"),
            "ALERT_WEBHOOK": f"{receiver.url}/{WORD.format('hook')}",
            "SOURCE": "callrail://ACC1",
        }.items():
            monkeypatch.setenv(f"CALL_INSIGHTS_{name}", value)
        bootstrap.use(load_settings())
        states = [
            nightly_triage("callrail://ACC1", return_state=True),
            billing_feed(return_state=True),
            watch(return_state=True),
        ]
        planned = [made.model_dump_json(exclude={"flow"}) for made in deployments(load_settings(), "pool", 1)]

    assert callrail.asked and receiver.told and not receiver.taken
    assert states[1].is_failed() and states[2].is_failed()
    assert "canary" not in "".join(str(state.message) for state in states)
    assert "canary" not in json.dumps(planned)
    kept = kept_by_prefect()
    assert b"billing-feed" in kept, "this is where Prefect keeps what it knows"
    assert b"canary" not in kept
