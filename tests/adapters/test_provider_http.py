"""Asking a provider: patient with its troubles, careful with its addresses, and silent about its keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from provider_servers import ACCESS, KEY, SOUND, Answer, Canary, Desk, Request, sent_to, serving, sound, told

from insights.adapters.provider_http import MOST_REDIRECTS, TRIES, Patience, Provider, ProviderHttp
from insights.adapters.public_addresses import is_public
from insights.adapters.request_pace import HOUR_S, CountsOfOne, RequestBudget, backoff_s, told_wait_s
from insights.errors import ConfigurationError, RecordingUnavailable, SourceUnavailable

NOW_S = 1_800_000_000.0


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    with serving(desk):
        yield desk


@pytest.fixture
def media() -> Iterator[Desk]:
    """Another server, under another name."""
    desk = Desk()
    with serving(desk):
        yield desk


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.close()


class Client(ProviderHttp):
    """A client of a desk that notes its pauses instead of making them."""

    def __init__(self, base: str, *hosts: str, patience: Patience | None = None, **parts: Any) -> None:
        self.paused: list[float] = []
        provider = Provider("CallRail", base, f'Token token="{KEY}"', "the setting callrail_key", hosts)
        super().__init__(provider, None, patience, sleep=self.paused.append, now=lambda: NOW_S, **parts)


def refused(ask: Callable[[], object]) -> SourceUnavailable | RecordingUnavailable:
    """How it fails; and that no failure tells a key or an address's query."""
    with pytest.raises((SourceUnavailable, RecordingUnavailable)) as caught:
        ask()
    error: SourceUnavailable | RecordingUnavailable = caught.value
    assert KEY not in str(error) and ACCESS not in str(error) and "?" not in str(error)
    return error


def test_json_is_asked_for_under_the_providers_own_address_with_the_key(desk: Desk) -> None:
    desk.at("/v3/a/calls.json", told({"calls": []}))
    assert Client(f"{desk.url}/v3").json("a/calls.json", {"per_page": "250"}) == {"calls": []}
    (asked,) = desk.asked
    assert asked.headers["authorization"] == f'Token token="{KEY}"'
    assert asked.query == {"per_page": "250"}


def test_a_whole_address_is_taken_only_where_it_is_the_providers_own(desk: Desk, media: Desk) -> None:
    desk.at("/v3/next", told({"page": 2}))
    client = Client(f"{desk.url}/v3", media.host)
    assert client.json(f"{desk.url}/v3/next?offset=2") == {"page": 2}
    for elsewhere in (f"{media.url}/v3/next", f"http://{desk.host}/v3/next", "//10.0.0.1/x", "file:///etc/passwd"):
        assert refused(lambda address=elsewhere: client.json(address)).code in ("unreadable", "address_refused")  # type: ignore[misc]
    assert media.asked == []


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_passing_trouble_is_waited_out(desk: Desk, status: int) -> None:
    desk.at("/x", told({"fine": True}))
    desk.first = [Answer(status), Answer(status)]
    client = Client(desk.url)
    assert client.json("x") == {"fine": True}
    assert [0.5 <= client.paused[0] <= 1, 1 <= client.paused[1] <= 2] == [True, True]


def test_a_trouble_that_stays_is_named_after_a_few_tries(desk: Desk) -> None:
    desk.at("/x", Answer(503))
    error = refused(lambda: Client(desk.url).json("x"))
    assert (error.code, len(desk.asked)) == ("not_answering", TRIES)


def test_nobody_at_the_address_is_a_provider_that_does_not_answer() -> None:
    canary = Canary()
    canary.close()
    assert refused(lambda: Client(f"http://127.0.0.1:{canary.port}").json("x")).code == "not_answering"


@pytest.mark.parametrize(
    "wish", ["30", format_datetime(datetime.fromtimestamp(NOW_S + 30, UTC), usegmt=True)], ids=["seconds", "date"]
)
def test_the_pause_that_a_provider_asks_for_is_made(desk: Desk, wish: str) -> None:
    desk.at("/x", told({}))
    desk.first = [Answer(429, headers={"Retry-After": wish})]
    client = Client(desk.url)
    client.json("x")
    assert client.paused == [30]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    "wish", ["3600", format_datetime(datetime.fromtimestamp(NOW_S + 3600, UTC), usegmt=True)], ids=["seconds", "date"]
)
def test_a_provider_that_wants_a_long_pause_is_left_alone(desk: Desk, wish: str, status: int) -> None:
    desk.at("/x", Answer(status, headers={"Retry-After": wish}))
    client = Client(desk.url)
    assert [refused(lambda: client.json("x")).code for _ in range(3)] == ["rate_limited"] * 3
    assert (client.paused, len(desk.asked)) == ([], 1)


@pytest.mark.parametrize("wish", ["soon", "", "-5", "Wed, 99 Nov", "²"])
def test_a_pause_that_says_nothing_is_the_usual_one(wish: str) -> None:
    assert told_wait_s(wish, NOW_S) is None
    assert [0.5 * 2**n <= backoff_s(n + 1) <= 2**n for n in range(5)] == [True] * 5
    assert backoff_s(40) <= 30


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_told_with_the_setting_to_check_and_not_tried_again(desk: Desk, status: int) -> None:
    desk.at("/x", Answer(status))
    error = refused(lambda: Client(desk.url).json("x"))
    assert (error.code, len(desk.asked)) == ("turned_away", 1)
    assert "callrail_key" in error.next_step


@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b"<html>maintenance</html>"),
        Answer(200, b'{"calls": ['),
        Answer(200, b"[1, 2]"),
        Answer(200, b"[" * 200_000),
        Answer(200, b"\xff\xfe\x00"),
        Answer(200, b""),
        Answer(200, b'{"n": ' + b"9" * 5_000 + b"}"),
    ],
    ids=["page", "half", "list", "deep", "bytes", "empty", "number"],
)
def test_an_answer_that_is_no_json_object_is_named(desk: Desk, answer: Answer) -> None:
    desk.at("/x", answer)
    assert refused(lambda: Client(desk.url).json("x")).code == "unreadable"


@pytest.mark.parametrize(
    ("status", "code"), [(302, "refused"), (400, "bad_request"), (404, "not_found"), (418, "refused")]
)
def test_other_answers_have_their_names(desk: Desk, status: int, code: str) -> None:
    desk.at("/x", Answer(status, headers={"Location": "/y"}))
    assert refused(lambda: Client(desk.url).json("x")).code == code
    assert len(desk.asked) == 1


def test_an_answer_is_no_longer_than_agreed(desk: Desk) -> None:
    desk.at("/x", Answer(200, b"[", endless=True))
    client = Client(desk.url, patience=Patience(largest_answer=1_000_000))
    assert refused(lambda: client.json("x")).code == "unreadable"


def test_a_recording_is_followed_to_where_it_lies_and_the_key_stays_behind(desk: Desk, media: Desk) -> None:
    desk.at("/redirect", sent_to(f"http://{media.host}/file.mp3?{ACCESS}"))
    media.at("/file.mp3", sound())
    client = Client(desk.url, media.host)
    assert client.download(f"{desk.url}/redirect", auth=True) == SOUND
    assert "authorization" in desk.asked[0].headers
    assert "authorization" not in media.asked[0].headers
    assert media.asked[0].headers["host"] == media.host


def test_the_key_is_not_taken_up_again_by_who_is_sent_back(desk: Desk, media: Desk) -> None:
    desk.at("/a", sent_to(f"http://{media.host}/b"))
    media.at("/b", sent_to(f"{desk.url}/c"))
    desk.at("/c", sound())
    Client(desk.url, media.host).download("a", auth=True)
    assert ["authorization" in request.headers for request in desk.asked] == [True, False]


def test_whoever_does_not_ask_with_the_key_sends_none(desk: Desk) -> None:
    desk.at("/a", sound())
    Client(desk.url).download("a", auth=False)
    assert "authorization" not in desk.asked[0].headers


def test_a_circle_of_redirects_ends(desk: Desk) -> None:
    desk.at("/a", sent_to("/b"))
    desk.at("/b", sent_to("/a"))
    assert refused(lambda: Client(desk.url).download("a", auth=True)).code == "address_refused"
    assert len(desk.asked) == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "address",
    ["http://evil.example/a", "https://evil.example/a", "http://10.0.0.1/a", "ftp://127.0.0.1/a", "file:///etc/passwd",
     "data:audio/wav,RIFF", "http://169.254.169.254/latest/meta-data/", "http://u:p@127.0.0.1/", "", "http://", "//",
     "http://[::1", "gopher://x", "\\\\share\\x"],
)  # fmt: skip
def test_a_redirect_away_from_the_allowed_hosts_is_not_followed(desk: Desk, address: str) -> None:
    desk.at("/a", sent_to(address))
    error = refused(lambda: Client(desk.url).download("a", auth=True))
    assert error.code in ("address_refused", "recording_missing")  # "//" and the like are names under its own address
    assert {request.headers["host"] for request in desk.asked} == {f"127.0.0.1:{desk.port}"}


SPELLINGS = [
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "0x7f.1", "0x7f000001", "2130706433",
    "0177.0.0.1", "017700000001", "0", "0.0.0.0", "127.0.0.1.", "127.255.255.254", "[::1]", "[::]",
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
    "127。0。0。1", "①②⑦.0.0.1", "api.provider.example@127.0.0.1", "127.0.0.1#api.provider.example",
    "127.0.0.1\\@api.provider.example", "%31%32%37.0.0.1", "127.0.0.1%00.provider.example", "inner.provider.example",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_an_inner_address_is_talked_to_though_an_operator_allows_its_name(
    canary: Canary, spelling: str
) -> None:
    import socket

    def resolve(host: str, port: int) -> list[str]:
        if host == "inner.provider.example":
            return ["127.0.0.1"]
        return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]

    name = spelling.strip("[]").lower()
    client = Client(
        "https://api.provider.example", f"{name}:{canary.port}", f"127.0.0.1:{canary.port}", f".:{canary.port}",
        resolve=resolve,
    )  # fmt: skip
    for scheme in ("https", "http"):
        error = refused(lambda scheme=scheme: client.download(f"{scheme}://{spelling}:{canary.port}/x", auth=True))  # type: ignore[misc]
        assert error.code in ("address_refused", "not_answering")  # some names are none to some resolvers
    assert canary.look() == 0


def test_the_canary_would_tell(canary: Canary) -> None:
    client = Client("http://127.0.0.1:1", f"127.0.0.1:{canary.port}", patience=Patience(silence_s=0.01))
    refused(lambda: client.download(f"http://127.0.0.1:{canary.port}/x", auth=True))
    assert canary.look() == TRIES


def test_a_name_that_means_another_address_the_second_time_is_asked_only_once(canary: Canary) -> None:
    """Rebinding: what was checked is what is connected to, and a name with inner addresses is not tried there."""
    told_so_far: list[list[str]] = []

    def resolve(host: str, port: int) -> list[str]:
        told_so_far.append(["127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1"])
        return told_so_far[-1]

    client = Client("https://api.provider.example", f"media.example:{canary.port}", resolve=resolve)
    error = refused(lambda: client.download(f"https://media.example:{canary.port}/x", auth=False))
    assert (error.code, len(told_so_far), canary.look()) == ("address_refused", 1, 0)


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0", "255.255.255.255",
     "224.0.0.1", "240.0.0.1", "198.18.0.1", "192.0.2.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254",
     "ff02::1", "::", "::1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1",
     "fec0::1", "localhost", ""],
)  # fmt: skip
def test_an_inner_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "54.172.60.0", "2606:50c0:8002::153", "2a00:1450:4001::1"])
def test_an_outer_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "base",
    ["http://api.callrail.com/v3", "ftp://127.0.0.1", "https://", "", "https://u:p@api.callrail.com", "https://x/?a=1",
     "http://10.0.0.1", "http://localhost.evil.example"],
)  # fmt: skip
def test_a_provider_is_asked_by_https_alone(base: str) -> None:
    with pytest.raises(ConfigurationError, match="https"):
        Client(base)


def test_a_key_with_a_line_end_in_it_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ConfigurationError, match="key"):
        ProviderHttp(Provider("CallRail", "https://api.callrail.com", "Token\r\nX: y", "the setting callrail_key"))


def ranged(request: Request, data: bytes = SOUND, tag: str = '"one"') -> Answer:
    start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
    headers = {"Content-Range": f"bytes {start}-{len(data) - 1}/{len(data)}", "ETag": tag, "Content-Type": "audio/mpeg"}
    return Answer(206, data[start:], headers)


def test_a_recording_that_is_cut_is_gone_on_with_where_it_was_cut(desk: Desk) -> None:
    half = sound(cut=5_000)
    half.headers["ETag"] = '"one"'
    desk.at("/a", half, ranged)
    assert Client(desk.url).download("a", auth=True) == SOUND
    assert (desk.asked[1].headers["range"], desk.asked[1].headers["if-range"]) == ("bytes=5000-", '"one"')


@pytest.mark.parametrize(
    "second",
    [
        lambda request: ranged(request, tag='"two"'),
        lambda request: ranged(request, data=SOUND + b"more"),
        lambda request: Answer(206, SOUND[5_000:], {"Content-Range": "bytes 0-1/2"}),
        lambda request: Answer(206, SOUND[5_000:]),
        Answer(416),
    ],
    ids=["another tag", "another length", "another place", "no place", "no such place"],
)
def test_the_rest_of_another_recording_is_never_put_to_the_first_half(desk: Desk, second: Any) -> None:
    half = sound(cut=5_000)
    half.headers["ETag"] = '"one"'
    desk.at("/a", half, second, sound())
    assert Client(desk.url).download("a", auth=True) == SOUND
    assert "range" not in desk.asked[2].headers


def test_a_server_that_always_begins_anew_is_taken_whole(desk: Desk) -> None:
    desk.at("/a", sound(cut=5_000), sound(cut=9_000), sound())
    assert Client(desk.url).download("a", auth=True) == SOUND


def test_a_recording_that_is_always_cut_is_left_for_another_night(desk: Desk) -> None:
    desk.at("/a", sound(cut=5_000))
    error = refused(lambda: Client(desk.url).download("a", auth=True))
    assert isinstance(error, RecordingUnavailable) and error.transient
    assert len(desk.asked) == TRIES


def test_a_recording_that_stalls_is_given_up(desk: Desk) -> None:
    desk.at("/a", sound(cut=100, stall=True))
    client = Client(desk.url, patience=Patience(silence_s=0.02))
    assert refused(lambda: client.download("a", auth=True)).code == "not_answering"


def test_a_recording_that_drips_is_over_in_time(desk: Desk) -> None:
    """Every look at the clock is half a second later: the whole takes too long though no silence does."""
    desk.at("/a", Answer(200, endless=True))
    seconds = iter(range(1_000_000))
    client = Client(desk.url, patience=Patience(recording_s=30), clock=lambda: next(seconds) / 2)
    assert refused(lambda: client.download("a", auth=True)).code == "not_answering"


@pytest.mark.parametrize("length", [{}, {"Content-Length": "999999999"}], ids=["endless", "told"])
def test_a_recording_has_a_largest_size(desk: Desk, length: dict[str, str]) -> None:
    desk.at("/a", Answer(200, b"RIFF", {"Content-Type": "audio/wav", **length}, endless=True))
    client = Client(desk.url, patience=Patience(largest_recording=1_000_000))
    error = refused(lambda: client.download("a", auth=True))
    assert (error.code, len(desk.asked)) == ("recording_too_large", 1)


@pytest.mark.parametrize(
    "page",
    [
        Answer(200, b"<!DOCTYPE html><p>Soon", {"Content-Type": "audio/mpeg"}),
        Answer(200, b'\xef\xbb\xbf {"error": "not ready"}', {"Content-Type": "audio/mpeg"}),
        Answer(200, b"<?xml version='1.0'?><Error/>", {}),
        Answer(200, SOUND, {"Content-Type": "text/html; charset=utf-8"}),
        Answer(200, SOUND, {"Content-Type": "application/json"}),
        Answer(200, b"", {"Content-Type": "audio/mpeg"}),
        Answer(202, b"", {}),
    ],
    ids=["html", "json", "xml", "called html", "called json", "empty", "accepted"],
)
def test_a_page_under_the_name_of_a_recording_is_not_kept(desk: Desk, page: Answer) -> None:
    desk.at("/a.mp3", page)
    error = refused(lambda: Client(desk.url).download("a.mp3", auth=True))
    assert isinstance(error, RecordingUnavailable)
    assert (error.code, error.transient) == ("not_audio_yet", True)


def test_a_packed_recording_is_not_unpacked(desk: Desk) -> None:
    desk.at("/a", Answer(200, SOUND, {"Content-Encoding": "gzip"}))
    assert refused(lambda: Client(desk.url).download("a", auth=True)).code == "unreadable"
    assert desk.asked[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [404, 410])
def test_a_recording_that_is_gone_is_missing(desk: Desk, status: int) -> None:
    desk.at("/a", Answer(status))
    assert refused(lambda: Client(desk.url).download("a", auth=True)).code == "recording_missing"


def test_an_address_that_is_not_good_any_more_is_not_about_the_key(desk: Desk, media: Desk) -> None:
    desk.at("/a", sent_to(f"http://{media.host}/b?{ACCESS}"))
    media.at("/b", Answer(403))
    assert refused(lambda: Client(desk.url, media.host).download("a", auth=True)).code == "recording_refused"


def test_a_spent_quota_is_a_reason_of_its_own_and_asks_nobody(desk: Desk, media: Desk) -> None:
    desk.at("/x", told({}))
    media.at("/b", sound())
    provider = Provider("CallRail", desk.url, "Token", "the setting callrail_key", (media.host,))
    client = ProviderHttp(provider, RequestBudget(CountsOfOne(), (HOUR_S, 2), reserve=0.5, now=lambda: 0.0))
    client.json("x")
    assert refused(lambda: client.json("x")).code == "quota_spent"
    error = refused(lambda: client.download("x", auth=True))
    assert isinstance(error, RecordingUnavailable) and (error.code, error.transient) == ("quota_spent", True)
    assert client.download(f"http://{media.host}/b", auth=False) == SOUND  # only its own requests count
    assert len(desk.asked) == 1
