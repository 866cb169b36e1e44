"""Secrets stand in no output, message, log, file or flow: each setting holds a word of its own, and all is searched."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_server import a_mail_server
from office import NEED, Office, calls
from provider_servers import Answer, CallRail, Twilio, serving
from pydantic import SecretStr
from receiver import Receiver, a_receiver
from shell import Run

from insights.adapters.database import open_engine, open_to_read
from insights.adapters.store import SqlStore
from insights.errors import InsightsError
from insights.settings import Settings, load_settings, without_secrets

SECRETS = sorted(name for name, field in Settings.model_fields.items() if field.annotation is SecretStr)
WORD = "canary{}-0123456789abcdef0123456789abcdef"
"""What each secret is set to: found by its beginning, whatever else of it is lost."""
PASSWORD = WORD.format("password")


def found(*texts: str) -> list[str]:
    """The lines that hold a secret."""
    return [line for text in texts for line in text.splitlines() if "canary" in line]


def in_files(folder: Path) -> list[str]:
    """The files that hold a secret, whatever kind they are."""
    return sorted(str(file) for file in folder.rglob("*") if file.is_file() and b"canary" in file.read_bytes())


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with every secret set to a word of its own."""
    monkeypatch.chdir(tmp_path)
    for name in SECRETS:
        monkeypatch.setenv(f"CALL_INSIGHTS_{name.upper()}", WORD.format(name))
    monkeypatch.setenv("CALL_INSIGHTS_ALERT_EMAIL", "ops@example.com")
    monkeypatch.setenv("CALL_INSIGHTS_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("CALL_INSIGHTS_SMTP_USER", "night")
    monkeypatch.setenv("CALL_INSIGHTS_SMTP_FROM", "night@example.com")
    monkeypatch.setenv("CALL_INSIGHTS_PUBLIC_URL", "https://calls.example.com")
    for model in ("SPEECH_MODEL", "INTENT_MODEL"):  # what they would say takes long, and holds no secret
        monkeypatch.setenv(f"CALL_INSIGHTS_{model}", "gone.pt")
    return tmp_path


def test_the_secrets_are_those_we_think_of() -> None:
    """Whoever adds a setting whose name sounds like a secret makes it one."""
    sounds = [n for n in Settings.model_fields if n.endswith(("_key", "_token", "_secret", "_password", "_webhook"))]
    assert set(sounds) <= set(SECRETS)


def test_settings_show_no_secret(secrets: Path) -> None:
    settings = load_settings(database=f"postgresql://me:{PASSWORD}@127.0.0.1:9/x", feed=f"https://me:{PASSWORD}@h/")
    assert found(repr(settings), str(settings)) == []
    assert found(settings.callrail_key.get_secret_value()) != []


ADDRESSES = [
    f"postgresql://me:{PASSWORD}@127.0.0.1:9/x",
    f"postgresql://127.0.0.1:9/x?user=me&password={PASSWORD}",
    f"postgresql:/me:{PASSWORD}@host",
    f"postgresql://me:{PASSWORD}@host:port/x",
    f"postgresql://me:{PASSWORD}/with/a/stroke@host/x",
    f"postgresql://me:12/{PASSWORD}@host/x",
    f"nosuch://me:{PASSWORD}@host/x",
    f"me:{PASSWORD}@host",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("opened", [open_engine, open_to_read])
def test_a_database_that_does_not_open_is_told_without_its_password(
    address: str, opened: Callable[[str], object]
) -> None:
    with pytest.raises(InsightsError) as caught:
        opened(address)
    assert found("".join(traceback.format_exception(caught.value)), repr(caught.value)) == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_doctor_shows_an_address_without_its_password(address: str, run: Run, secrets: Path) -> None:
    """Also where the address is none."""
    ran = run("doctor", "--database", address, "--source", "nowhere", "--json")
    assert found(ran.out, ran.err) == []
    assert ran.status == 2 and '"database"' in ran.out and "me" in ran.out


@given(
    user=st.text(st.characters(blacklist_characters=":@/?&#", blacklist_categories=["Cs"])),
    password=st.text(st.characters(blacklist_categories=["Cs"]), min_size=1),
    scheme=st.sampled_from(["", "postgresql://", "https://", "s3://"]),
    rest=st.sampled_from(["host", "host:1/x", "host/x?a=b"]),
)
def test_no_password_of_any_letters_is_shown(user: str, password: str, scheme: str, rest: str) -> None:
    shown = without_secrets(f"{scheme}{user}:{password}canary{password}@{rest}")
    assert "canary" not in shown and shown.startswith(f"{scheme}{user}:***")


@pytest.mark.parametrize(
    "shown", ["sqlite:///var/x.sqlite", "ops@example.com, b@example.com", "tcp://host:8786", "a:b"]
)
def test_what_holds_no_secret_is_shown_whole(shown: str) -> None:
    assert without_secrets(shown) == shown


@pytest.mark.parametrize(
    "line",
    [
        "smtp_pasword = '{}'",
        "smtp_password = ['{}']",
        "smtp_password = {}",
        "[smtp_password]\nx = '{}'",
        "database = ['{}']",
        "public_url = 'https://me:{}@host'",
        "caller_key = 'canary'",
    ],
)
def test_a_slip_in_the_settings_file_is_told_without_what_was_written(line: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "call-insights.toml").write_text(line.format(PASSWORD))
    ran = run("doctor")
    assert ran.status == 2 and found(ran.out, ran.err) == []
    assert ran.err.startswith("call-insights: ")


COMMANDS: list[tuple[str, ...]] = [
    ("doctor",),
    ("doctor", "--json"),
    ("alerts", "--test"),
    ("alerts", "--send"),
    ("alerts", "--json"),
    ("feed", "deliver"),
    ("feed", "status", "--json"),
    ("nightly", "--source", "callrail://ACC1", "--dry-run"),
    ("nightly", "--source", "twilio://AC1", "--dry-run", "--json"),
    ("report", "--json"),
]


@pytest.fixture
def others(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Providers, a mail server, a billing system and a receiver of alerts that know none of our secrets, and a record
    with something for them. Gives the receiver."""
    campaigns = secrets / "campaigns.json"
    campaigns.write_text("[]")
    twilio = Twilio()
    twilio.first = [Answer(401)] * 9
    with serving(callrail := CallRail()), serving(twilio), a_mail_server() as mail, a_receiver() as receiver:
        mail.refuses["AUTH"] = "535 who are you?"
        for name, value in {
            "DATABASE": f"sqlite:///{secrets}/record.sqlite",
            "CALLRAIL_URL": callrail.base,
            "TWILIO_URL": twilio.base,
            "CAMPAIGNS": str(campaigns),
            "FEED": receiver.url.replace("http://", f"http://me:{PASSWORD}@"),
            "ALERT_WEBHOOK": f"{receiver.url}/{WORD.format('hook')}",
            "SMTP_PORT": str(mail.port),
        }.items():
            monkeypatch.setenv(f"CALL_INSIGHTS_{name}", value)
        engine = open_engine(f"sqlite:///{secrets}/record.sqlite")
        Office(secrets, SqlStore(engine), calls(L1=NEED)).night()
        engine.dispose()
        yield receiver


def test_nothing_that_fails_tells_a_secret(
    run: Run, secrets: Path, others: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Every command that has to do with one, where all the others turn us away, with logs as loud as they get."""
    caplog.set_level(logging.DEBUG)
    ran = {words: run(*words) for words in COMMANDS}
    for words, one in ran.items():
        assert found(one.out, one.err) == [], words
    failed = [words for words in COMMANDS if ran[words].status]
    assert {words[0] for words in failed} >= {"alerts", "feed", "nightly"}
    assert others.told > 1 and not others.taken
    assert found(caplog.text) == []
    assert in_files(secrets) == []


def test_what_is_searched_for_would_be_found(secrets: Path, others: Receiver) -> None:
    settings = load_settings()
    (secrets / "leak").write_text(settings.twilio_token.get_secret_value())
    assert found(f"a line\n{settings.feed}") != [] and in_files(secrets) == [str(secrets / "leak")]
