"""No recording reaches a program or a network: not ffmpeg, not ffprobe, not an address that its name or bytes hold."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from insights import bootstrap
from insights.adapters.process_owner import this_process
from insights.adapters.speech_check import TEST_CLIP
from insights.domain.leads import LeadId
from insights.pipeline.night import one_night, open_night, run_stage
from insights.settings import Settings

HERE = Path(__file__)
PROGRAMS = ("ffmpeg", "ffprobe", "avconv", "avprobe", "ffplay", "sox", "mpg123", "sh")


@dataclass
class Listener:
    """A server on loopback that nobody has a reason to call."""

    url: str = ""
    hits: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.hits.append(self.path)
            self.send_error(404)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder of programs that write their name down when somebody starts them."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        program = folder / name
        program.write_text(f"#!{shutil.which('sh')}\necho {name} >> {tmp_path / 'started'}\n")
        program.chmod(0o755)
    return folder


def in_a_process(function: str, folder: Path, programs: Path) -> str:
    """Run a function of this module in a fresh process that finds only those programs; what it printed."""
    tests = os.pathsep.join([str(HERE.parent), str(HERE.parents[1]), str(HERE.parents[2])])
    done = subprocess.run(
        [sys.executable, "-c", f"import {HERE.stem}, sys; {HERE.stem}.{function}(sys.argv[1])", str(folder)],
        cwd=folder,
        env={**os.environ, "PATH": str(programs), "PYTHONPATH": tests},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def recordings(url: str, neighbour: Path) -> dict[str, bytes]:
    """Recordings that are addresses by their name, or by what they hold."""
    good = TEST_CLIP.read_bytes()
    playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n"
    dash = (
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S"><Period>'
        f"<BaseURL>{url}/dash.wav</BaseURL><AdaptationSet><Representation/></AdaptationSet></Period></MPD>"
    )
    return {
        f"{url}/by-name.wav": good,
        "concat:good.wav|good.wav": good,
        f"async:cache:{url}/by-protocol.wav": good,
        "-i good.wav": good,
        "|sh": good,
        "good.wav": good,
        "playlist-of-an-address.wav": playlist.format(f"{url}/playlist.ts").encode(),
        "playlist-of-a-neighbour.wav": playlist.format("good.wav").encode(),
        "playlist-of-a-file.wav": playlist.format(neighbour).encode(),
        "list-of-a-neighbour.wav": b"ffconcat version 1.0\nfile 'good.wav'\n",
        "list-of-a-file.wav": f"ffconcat version 1.0\nfile '{neighbour}'\n".encode(),
        "dash.wav": dash.encode(),
        "session.wav": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n",
    }


def source_of(folder: Path, url: str) -> None:
    """A source with a lead for each of those recordings; where a name can lie in a folder, the file lies there."""
    neighbour = folder / "neighbour.wav"
    shutil.copy(TEST_CLIP, neighbour)
    source = folder / "source"
    source.mkdir()
    rows = []
    for number, (name, data) in enumerate(recordings(url, neighbour).items()):
        if "/" not in name:
            (source / name).write_bytes(data)
        lead = {"lead_id": f"L-{number}", "campaign_id": "C-1", "received_at": "2026-11-19T08:12:40-06:00"}
        rows.append(json.dumps({**lead, "answered": True, "recording_enabled": True, "recording": name}))
    (source / "leads.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    campaign = {"campaign_id": "C-1", "client_id": "K-1", "client": "Blue Pipe", "trade": "plumbing"}
    offer = {"services": ["drain cleaning"], "service_area": {"cities": [], "zips": ["60505"], "state": "IL"}}
    (source / "campaigns.json").write_text(
        json.dumps([{**campaign, **offer, "price": "65.00", "time_zone": "America/Chicago"}]), encoding="utf-8"
    )


def a_night(folder: str) -> None:
    """The stages of a night that touch sound, then a listening copy of what was heard; prints each lead's outcome."""
    from datetime import datetime

    settings = Settings(
        database=f"sqlite:///{folder}/record.sqlite", recordings=Path("recordings"), caller_key_file=Path("caller.key")
    )
    deps = bootstrap.build(settings)
    as_of = datetime.fromisoformat("2026-11-20T02:00:00-06:00")
    with one_night(deps, this_process()):
        night = open_night(deps, f"{folder}/source", as_of, False)
        for stage in ("fetch", "transcribe"):
            run_stage(deps, stage, night.source, night.ready, as_of)
    told = {}
    with deps.store() as unit:
        for lead in unit.lead_ids():
            failure, sha256 = unit.failure(LeadId(lead)), unit.recording(LeadId(lead))
            told[lead] = failure.code if failure else "heard"
            if not failure and sha256:
                deps.listening.of(sha256)
    print(json.dumps(told))


def raw_bytes_for_pydub(folder: str) -> None:
    from pydub import AudioSegment
    from pydub.exceptions import CouldntDecodeError

    try:
        AudioSegment.from_file(f"{folder}/call.mp3")
    except (CouldntDecodeError, OSError, ValueError, IndexError, KeyError):
        return


def test_a_night_starts_no_decoder_of_the_system_and_calls_no_address_that_a_recording_holds(
    tmp_path: Path, programs: Path, listener: Listener
) -> None:
    source_of(tmp_path, listener.url)
    told = json.loads(in_a_process("a_night", tmp_path, programs))
    names = list(recordings(listener.url, tmp_path))
    outcome = {names[int(lead.removeprefix("L-"))]: code for lead, code in told.items()}

    assert not (tmp_path / "started").exists(), (tmp_path / "started").read_text()
    assert listener.hits == []
    plain_files = {"good.wav", "-i good.wav", "|sh", "concat:good.wav|good.wav"}
    assert {name for name, code in outcome.items() if code == "heard"} == plain_files
    assert len(outcome) == len(names)


def test_the_programs_of_this_test_would_tell(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "call.mp3").write_bytes(b"ID3" + bytes(2_000))
    in_a_process("raw_bytes_for_pydub", tmp_path, programs)
    assert (tmp_path / "started").exists()
