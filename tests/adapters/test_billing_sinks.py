"""The two ways to a billing system: over HTTP, signed and under a key, and as files in a folder."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from builders import a_proposal, a_record
from receiver import SECRET, Receiver, a_receiver

from insights.adapters.billing_sinks import FileDropSink, HttpBillingSink, signature
from insights.bootstrap import billing_sink
from insights.domain.feed import Message, message_of
from insights.errors import ConfigurationError, FeedRefused, FeedUnavailable
from insights.settings import Settings


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


def message(number: int = 1) -> Message:
    return message_of(a_record(*(a_proposal(key=str(n)) for n in range(1, number + 1)))[-1])


def test_a_message_arrives_signed_and_the_same_one_is_taken_once(receiver: Receiver) -> None:
    with closing(HttpBillingSink(receiver.url, SECRET)) as sink:
        for _ in range(3):
            sink.send(message())
        sink.send(message(2))
        sink.flush()
    assert (receiver.told, list(receiver.taken)) == (4, ["proposal:L-1:1", "proposal:L-1:2"])
    assert receiver.taken["proposal:L-1:1"]["decision"] == "billable"


def test_a_wrong_secret_is_the_receivers_matter_not_the_messages(receiver: Receiver) -> None:
    with closing(HttpBillingSink(receiver.url, "guessed")) as sink, pytest.raises(FeedUnavailable, match="401"):
        sink.send(message())
    assert receiver.taken == {}


def test_the_signature_covers_time_and_body() -> None:
    assert signature("s", 1, b"{}") != signature("s", 2, b"{}") != signature("s", 2, b"{ }")
    assert signature("s", 1, b"{}").startswith("t=1,v1=")


NOW_S = 1_800_000_000.0
DATE = format_datetime(datetime.fromtimestamp(NOW_S + 90, UTC), usegmt=True)


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"Retry-After": "30"}, 30.0),
        (503, {"Retry-After": DATE}, 90.0),
        (500, {}, None),
        (409, {"Retry-After": "soon"}, None),
        (429, {"Retry-After": "²"}, None),
        (429, {"Retry-After": "9" * 40}, 1e9),
        (302, {"Location": "http://elsewhere.test/"}, None),
        (404, {}, None),
    ],
)
def test_a_receiver_that_is_busy_is_tried_again(
    receiver: Receiver, status: int, headers: dict[str, str], wait: float | None
) -> None:
    receiver.answers = [(status, headers)]
    with (
        closing(HttpBillingSink(receiver.url, SECRET, now=lambda: NOW_S)) as sink,
        pytest.raises(FeedUnavailable, match=str(status)) as error,
    ):
        sink.send(message())
    assert error.value.wait_s == wait


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_message_that_is_not_understood_is_refused_for_good(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, {})]
    with closing(HttpBillingSink(receiver.url, SECRET)) as sink, pytest.raises(FeedRefused, match=str(status)):
        sink.send(message())


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    with (
        closing(HttpBillingSink("http://127.0.0.1:9/", SECRET, timeout_s=2)) as sink,
        pytest.raises(FeedUnavailable, match="does not answer"),
    ):
        sink.send(message())


@pytest.mark.parametrize(
    ("url", "secret", "what"),
    [
        ("https://billing.test/leads", "", "no secret"),
        ("http://billing.test/leads", "s", "https"),
        ("http://10.0.0.1/leads", "s", "https"),
        ("ftp://billing.test", "s", "https"),
    ],
)
def test_nothing_leaves_this_machine_unsigned_or_unencrypted(url: str, secret: str, what: str) -> None:
    with pytest.raises(ConfigurationError, match=what):
        HttpBillingSink(url, secret)


def test_a_run_is_dropped_as_one_file_of_lines(tmp_path: Path) -> None:
    with closing(FileDropSink(tmp_path / "feed")) as sink:
        sink.flush()
        for number in (1, 2):
            sink.send(message(number))
        sink.flush()
        sink.flush()
    (path,) = (tmp_path / "feed").iterdir()
    assert re.fullmatch(r"feed-000000000001-000000000002-[0-9a-f]{8}\.jsonl", path.name)
    assert [json.loads(line)["key"] for line in path.read_text().splitlines()] == ["proposal:L-1:1", "proposal:L-1:2"]


def test_a_run_is_dropped_as_a_table_of_the_columns_that_count(tmp_path: Path) -> None:
    sink = FileDropSink(tmp_path, "csv")
    sink.send(message())
    sink.flush()
    (path,) = tmp_path.iterdir()
    (row,) = csv.DictReader(path.read_text().splitlines())
    assert (row["key"], row["decision"], row["amount"]) == ("proposal:L-1:1", "billable", "")


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "feed").write_text("a file")
    sink = FileDropSink(tmp_path / "feed")
    sink.send(message())
    with pytest.raises(FeedUnavailable, match="cannot be written"):
        sink.flush()


@pytest.mark.parametrize(
    ("feed", "kind"),
    [
        ("https://billing.test/", HttpBillingSink),
        ("file:///drop", FileDropSink),
        ("file:///d?format=csv", FileDropSink),
    ],
)
def test_the_setting_names_the_way(feed: str, kind: type) -> None:
    with closing(billing_sink(Settings(feed=feed, feed_secret="s"))) as sink:  # type: ignore[arg-type]
        assert isinstance(sink, kind)


@pytest.mark.parametrize("feed", ["", "drop", "file:///drop?format=xml", "s3://bucket"])
def test_a_setting_that_names_no_way_is_refused(feed: str) -> None:
    with pytest.raises(ConfigurationError, match="names no billing system"):
        billing_sink(Settings(feed=feed))
