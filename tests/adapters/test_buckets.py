"""Buckets over the network: a real S3 server, turned away, without the file, with another file, and killed half-way."""

from __future__ import annotations

import hashlib
import http.client
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import fsspec
import pytest
from buckets import CREDENTIALS, S3Server, a_row, an_s3_server, at, fill

from insights.adapters.bucket_files import BucketFiles
from insights.adapters.folder_source import FolderSource
from insights.adapters.policy_files import load_policies
from insights.errors import ConfigurationError, InputError, RecordingRejected, RecordingUnavailable, SourceUnavailable

POLICIES = load_policies()


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with an_s3_server(page=3) as running, at(running.address):
        yield running


def bucket(name: str, files: dict[str, Any]) -> FolderSource:
    fill(name, files)
    return FolderSource(f"s3://{name}", POLICIES)


def test_a_bucket_tells_its_leads_page_by_page_and_gives_their_recordings(server: S3Server) -> None:
    files: dict[str, Any] = {f"2026/{n}.json": a_row(f"L-{n}") for n in range(5)}
    files |= {f"2026/{n}.wav": f"call {n}".encode() for n in range(5)} | {"empty.json": b"", "2026/": b""}
    before = datetime.now(UTC)
    source = bucket("side-cars", files)
    listing = source.listing()

    assert [(lead.lead_id, source.fetch(lead)) for lead in listing.leads] == [
        (f"L-{n}", f"call {n}".encode()) for n in range(5)
    ]
    assert [row.where for row in listing.quarantined] == ["empty.json"]
    assert listing.complete_to is not None and before <= listing.complete_to <= datetime.now(UTC)


def test_a_folder_of_a_bucket_is_a_source_and_sees_nothing_beside_it(server: S3Server) -> None:
    fill("folders", {"ours/a.json": a_row(), "ours/a.wav": b"a call", "ours2/b.json": a_row("L-2")})
    fsspec.filesystem("s3").copy("folders/campaigns.json", "folders/ours/campaigns.json")
    source = FolderSource("s3://folders/ours", POLICIES)
    (lead,) = source.listing().leads
    assert (lead.recording, source.fetch(lead)) == ("a.wav", b"a call")


def test_names_in_a_bucket_are_read_and_found_again_without_the_callers_number(server: S3Server) -> None:
    settings = r"""
        pattern = '(?P<caller_number>\d+)_(?P<lead_id>[^_]+)_(?P<received_at>[0-9TZ-]+)\.wav'
        campaign_id = "C-1"
        answered = true
        recording_enabled = true
    """
    names = [f"2026/1614555011{n}_L-{n}_2026-11-19T08-12-4{n}Z.wav" for n in range(4)]
    source = bucket("names", {"source.toml": settings, **{name: name.encode() for name in names}})
    leads = source.listing().leads

    assert [lead.recording for lead in leads] == [
        f"2026/1{{caller}}_L-{n}_2026-11-19T08-12-4{n}Z.wav" for n in range(4)
    ]
    assert [source.fetch(lead).decode() for lead in leads] == names
    late = names[0].replace("L-0", "L-9")
    fsspec.filesystem("s3").mv(f"names/{names[0]}", f"names/{late}")
    with pytest.raises(RecordingUnavailable) as caught:
        FolderSource("s3://names", POLICIES).fetch(leads[0])
    assert caught.value.code == "recording_missing"


def test_a_table_in_a_bucket_is_seen_as_it_is_tonight(server: S3Server) -> None:
    source = bucket("tables", {"manifest.jsonl": a_row("L-1")})
    assert [lead.lead_id for lead in source.listing().leads] == ["L-1"]
    fsspec.filesystem("s3").pipe("tables/leads.csv", b"lead_id\nL-2\n")
    assert [row.lead_id for row in source.listing().quarantined] == ["L-2"]


def test_what_was_written_long_before_is_not_read_again(server: S3Server) -> None:
    source = bucket("since", {"a.json": a_row()})
    now = datetime.now(UTC)
    assert source.listing(now + timedelta(hours=23)).leads
    assert not source.listing(now + timedelta(hours=25)).leads


def test_a_recording_that_is_missing_or_another_one_is_told_by_name(server: S3Server) -> None:
    rows = {
        "a.json": a_row("L-1"), "a.wav": b"another call", "b.json": a_row("L-2", recording="b.wav"),
        "c.json": a_row("L-3", recording_sha256=hashlib.sha256(b"a call").hexdigest()), "c.wav": b"another call",
    }  # fmt: skip
    source = bucket("recordings", rows)
    _, missing, other = source.listing().leads

    with pytest.raises(RecordingUnavailable) as unavailable:
        source.fetch(missing)
    assert (unavailable.value.code, unavailable.value.transient) == ("recording_missing", True)
    with pytest.raises(RecordingRejected) as rejected:
        source.fetch(other)
    assert rejected.value.code == "hash_mismatch"


def test_an_absent_bucket_is_no_empty_one(server: S3Server) -> None:
    for uri in ("s3://nobodys", "s3://nobodys/calls"):
        with pytest.raises(InputError, match="there is no folder"):
            FolderSource(uri, POLICIES).listing()


def test_a_bucket_that_turns_us_away_says_what_to_check_and_no_secret(server: S3Server) -> None:
    source = bucket("closed", {"a.json": a_row(), "a.wav": b"a call"})
    (lead,) = source.listing().leads
    server.knows_nobody(True)
    try:
        with pytest.raises(SourceUnavailable) as caught:
            source.listing()
        with pytest.raises(RecordingUnavailable) as kept:
            source.fetch(lead)
    finally:
        server.knows_nobody(False)

    assert caught.value.code == "refused"
    assert "AWS_PROFILE" in caught.value.next_step
    assert (kept.value.code, kept.value.transient) == ("recording_unreadable", True)
    for error in (caught.value, kept.value):
        assert not any(secret in str(error) for secret in CREDENTIALS.values() if len(secret) > 1)


def test_without_any_credentials_it_is_the_environment_that_is_named(
    server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    from s3fs import S3FileSystem

    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("HOME", str(tmp_path))
    S3FileSystem.clear_instance_cache()
    with pytest.raises(SourceUnavailable, match=r"turns us away .*AWS_ACCESS_KEY_ID"):
        FolderSource("s3://anybodys", POLICIES).listing()
    S3FileSystem.clear_instance_cache()


@contextmanager
def a_door(server: S3Server, requests: int, of: str, then: Callable[[], None]) -> Iterator[str]:
    """An address that leads to the server for so many requests with ``of`` in their path; ``then`` happens, and whoever
    comes later finds the line cut."""
    inside = urlsplit(server.address).netloc
    lock, left = threading.Lock(), [requests]

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                if of in self.path:
                    if not left[0]:
                        then()
                    left[0] -= 1
                if left[0] < 0:
                    self.close_connection = True  # without a word
                    return
                ask = http.client.HTTPConnection(inside)
                ask.request(self.command, self.path, headers=dict(self.headers))
                answer = ask.getresponse()
                body = answer.read()
                ask.close()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *words: object) -> None: ...

    door = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.server_address[1]}"
    finally:
        door.shutdown()
        thread.join()
        door.server_close()


@pytest.fixture
def quick_to_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own retries take seconds; here nobody comes back."""
    from s3fs import S3FileSystem

    monkeypatch.setattr(S3FileSystem, "retries", 1)


CALLS = {f"{n:03}.json": a_row(f"L-{n}") for n in range(8)}


def test_a_server_that_dies_between_two_pages_tells_nothing(quick_to_give_up: None) -> None:
    with an_s3_server(page=3) as dying:
        with at(dying.address):
            fill("dying", CALLS)
        with a_door(dying, 1, "list-type", dying.kill) as door, at(door), pytest.raises(SourceUnavailable) as caught:
            FolderSource("s3://dying", POLICIES).listing()
    assert caught.value.code == "not_answering"
    assert "network" in caught.value.next_step


def test_a_line_that_is_cut_while_side_cars_are_read_has_told_the_others(
    server: S3Server, quick_to_give_up: None
) -> None:
    fill("cut", CALLS)
    with a_door(server, 5, "/cut/00", lambda: None) as door, at(door):
        listing = FolderSource("s3://cut", POLICIES).listing()
    assert len(listing.leads) == 5
    assert listing.stopped.startswith("3 of 8 side-cars could not be read: the source does not answer")
    assert listing.quarantined == ()


@pytest.mark.parametrize("uri", ["s3://key:sec/ret@bucket", "sftp://ann:secret@host/calls", "s3://:secret@bucket"])
def test_a_password_in_the_address_is_refused_and_not_repeated(uri: str) -> None:
    with pytest.raises(ConfigurationError, match="holds a password") as caught:
        FolderSource(uri, POLICIES)
    assert "ret" not in str(caught.value).replace("a secret key", "")


MISSING = """
import sys
sys.modules[sys.argv[1]] = None
from insights.adapters.bucket_files import BucketFiles
BucketFiles(sys.argv[2])
"""


@pytest.mark.parametrize(
    ("library", "uri", "install"),
    [
        ("s3fs", "s3://calls", "pip install 'call-insights[s3]'"),
        ("gcsfs", "gs://calls", "pip install gcsfs"),
        ("paramiko", "sftp://host/calls", "pip install paramiko"),
    ],
)
def test_a_library_that_is_missing_is_named_with_how_to_install_it(library: str, uri: str, install: str) -> None:
    ended = subprocess.run([sys.executable, "-c", MISSING, library, uri], capture_output=True, text=True, check=False)
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith("insights.errors.ConfigurationError") and last.endswith(install)


def test_the_names_of_a_bucket_are_asked_for_with_their_beginning(server: S3Server) -> None:
    fill("beginnings", {"a/one.wav": b"1", "a/two.wav": b"2", "b/one.wav": b"3"})
    files = BucketFiles("s3://beginnings")
    assert files.named("a/o") == ["a/one.wav"]
    assert files.named("c/") == []
