"""Hints and the closing of nights on both databases: many who tell the same at once, records of an older version."""

from __future__ import annotations

import threading
from datetime import timedelta

from builders import NOW
from servers import ON_BOTH

from insights.adapters.database import open_engine
from insights.adapters.store import SqlStore
from insights.domain.hints import Hint
from insights.domain.leads import LeadId


@ON_BOTH
def test_of_many_who_tell_of_a_call_at_once_one_is_kept(store: SqlStore) -> None:
    together, troubles = threading.Barrier(8), list[BaseException]()

    def tell(number: int) -> None:
        try:
            together.wait(timeout=20)
            with store(beside=True) as unit:
                unit.put_hint("callrail://A", Hint(LeadId("CAL1"), NOW + timedelta(seconds=number)))
                unit.commit()
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    with store(only_reads=True) as unit:
        assert [hint.call_id for hint in unit.open_hints("callrail://A")] == ["CAL1"]
        assert unit.open_hints("callrail://B") == []


@ON_BOTH
def test_more_hints_are_settled_at_once_than_one_query_carries(store: SqlStore) -> None:
    names = [LeadId(f"CAL{number:04}") for number in range(1_200)]
    with store() as unit:
        for name in names:
            unit.put_hint("callrail://A", Hint(name, NOW))
        unit.settle_hints("callrail://A", names[:-1])
        unit.commit()
    with store() as unit:
        assert unit.open_hints("callrail://A") == [Hint(names[-1], NOW)]
        unit.forget_hints("callrail://A", NOW)
        unit.put_hint("callrail://A", Hint(names[0], NOW))
        assert len(unit.open_hints("callrail://A")) == 1, "what came at that instant is not forgotten"


@ON_BOTH
def test_nights_of_an_older_version_closed_when_they_worked(database: str) -> None:
    engine = open_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table hints")
        connection.exec_driver_sql("alter table nights drop column closed_at")
        connection.exec_driver_sql("delete from schema_versions where version = 11")
        old = f"insert into nights (as_of, body) values ('{NOW.isoformat()}', '{{}}')"
        connection.exec_driver_sql(old)
    engine.dispose()
    engine = open_engine(database)
    with SqlStore(engine)() as unit:
        assert unit.last_night_closed() == NOW
        unit.put_night(NOW - timedelta(days=9), {}, NOW + timedelta(hours=3))
        assert unit.last_night_closed() == NOW + timedelta(hours=3), "though it worked at an earlier instant"
        assert unit.open_hints("callrail://A") == []
    engine.dispose()


def test_a_record_without_nights_never_closed_one(store: SqlStore) -> None:
    with store() as unit:
        assert unit.last_night_closed() is None
