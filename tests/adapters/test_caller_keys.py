"""Callers are known by a keyed hash: the same number in any writing, and nobody without the key."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from builders import a_campaign, a_lead
from fakes import ListedSource
from servers import ON_BOTH

from insights.adapters import tables
from insights.adapters.caller_keys import CallerKeys, KeyedSource, has_key, hash_plain_numbers, with_the_same_key
from insights.adapters.store import SqlStore
from insights.domain.leads import FormContact, LeadId, LeadKind
from insights.errors import ConfigurationError

KEYS = CallerKeys(b"k" * 32)
NUMBER = "+16145550114"


def test_the_same_number_is_the_same_caller_however_it_is_written() -> None:
    writings = [NUMBER, "(614) 555-0114", "614.555.0114", "1 614 555 0114"]
    assert len({KEYS.hashed(number) for number in writings}) == 1
    assert KEYS.hashed(NUMBER) != KEYS.hashed("+16145550115")
    assert KEYS.hashed(NUMBER) != CallerKeys(b"o" * 32).hashed(NUMBER)
    assert "5550114" not in KEYS.hashed(NUMBER)


@pytest.mark.parametrize("number", ["", " ", "anonymous", "hmac:" + "a" * 300, "12", "911", "+1"])
def test_what_is_no_number_is_no_caller(number: str) -> None:
    assert KEYS.hashed(number) == ""


def test_a_source_tells_hashes_and_known_customers_are_still_known() -> None:
    campaign = a_campaign(known_customers=frozenset({"(614) 555-0114"}))
    form = a_lead(lead_id=LeadId("F"), kind=LeadKind.FORM, caller_number="", form=FormContact(phone=NUMBER))
    source = KeyedSource(
        ListedSource([a_lead(caller_number=NUMBER), form], [campaign], {a_lead().lead_id: b"RIFF"}), KEYS
    )
    told = source.listing()
    assert "555" not in json.dumps([lead.caller_number for lead in told.leads])
    assert all(told.campaigns[campaign.campaign_id].knows(lead.caller_number) for lead in told.leads)
    assert source.fetch(told.leads[0]) == b"RIFF"


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "caller.key"
    first = CallerKeys.of_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert CallerKeys.of_file(path).hashed(NUMBER) == first.hashed(NUMBER)
    path.write_text("short")
    with pytest.raises(ConfigurationError, match="no key"):
        CallerKeys.of_file(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        CallerKeys.of_file(tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        CallerKeys.of_file(tmp_path / "lost.key", must_exist=True)


@ON_BOTH
def test_a_record_knows_its_callers_by_one_key(store: SqlStore) -> None:
    assert not has_key(store.engine)
    assert with_the_same_key(store.engine, KEYS) is KEYS and has_key(store.engine)
    assert with_the_same_key(store.engine, KEYS) is KEYS
    with pytest.raises(ConfigurationError, match="not the key"):
        with_the_same_key(store.engine, CallerKeys(b"o" * 32))


@ON_BOTH
def test_numbers_of_an_older_database_are_hashed_once(store: SqlStore) -> None:
    with store() as unit:
        unit.put_campaign(a_campaign(known_customers=frozenset({NUMBER})), a_lead().received_at)
        unit.put_lead(a_lead(caller_number=NUMBER), "source")
        unit.commit()
    with store.engine.begin() as connection:
        connection.execute(tables.leads.update().values(caller=None))
    assert hash_plain_numbers(store.engine, lambda: KEYS) == 1
    with SqlStore(store.engine)() as unit:
        lead = unit.lead(a_lead().lead_id)
        assert lead is not None and lead.caller_number == KEYS.hashed(NUMBER)
        campaign = unit.campaign(lead.campaign_id, lead.received_at)
        assert campaign is not None and campaign.knows(lead.caller_number)
        assert unit.leads_of_caller(KEYS.hashed(NUMBER)) == [lead.lead_id]
    assert hash_plain_numbers(store.engine, lambda: pytest.fail("nothing is left to hash")) == 0
