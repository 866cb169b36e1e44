"""Alerts on their way to the operator: signed or by letter, to servers on loopback that take, refuse or are gone."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import NOW
from mail_server import MailServer, a_mail_server
from receiver import SECRET, Receiver, a_receiver

from insights.adapters.alert_channels import EmailChannel, WebhookChannel
from insights.domain.alerts import Alert, Kind, Severity
from insights.domain.leads import LeadId
from insights.errors import ChannelDown, ChannelRefused, ConfigurationError, InsightsError

ALERT = Alert(
    Kind.FAILURES,
    "failures:abc",
    Severity.CRITICAL,
    "30 of 100 calls of Zoë's\r\nBcc: everybody@example.com failed.",
    "See the causes.",
    (LeadId("L-1"), LeadId("L-2")),
    {"failed": 30},
)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with a_mail_server() as mail:
        yield mail


def webhook(receiver: Receiver, secret: str = SECRET) -> WebhookChannel:
    return WebhookChannel(receiver.url, secret, timeout_s=5)


def letters(mail: MailServer, **changes: Any) -> EmailChannel:
    told: dict[str, Any] = {"host": "127.0.0.1", "port": mail.port, "sender": "night@example.com"}
    return EmailChannel(**told | {"to": ["ops@example.com", "ann@example.com"], "timeout_s": 5} | changes)


# the webhook


def test_a_webhook_is_told_under_the_alerts_key_and_signed(receiver: Receiver) -> None:
    channel = webhook(receiver)
    channel.send(ALERT, NOW)
    channel.send(ALERT, NOW)
    channel.close()
    assert receiver.taken == {"failures:abc": {**ALERT.as_json(), "at": NOW.isoformat()}}
    assert receiver.told == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [(400, ChannelRefused), (413, ChannelRefused), (422, ChannelRefused), (401, ChannelDown), (404, ChannelDown),
     (429, ChannelDown), (503, ChannelDown), (302, ChannelDown)],
)  # fmt: skip
def test_a_webhook_that_does_not_take_it_is_refusing_or_down(
    receiver: Receiver, status: int, error: type[InsightsError]
) -> None:
    receiver.answers = [(status, {"Location": receiver.url, "Retry-After": "1"})]
    with pytest.raises(error, match=str(status)):
        webhook(receiver).send(ALERT, NOW)
    assert receiver.taken == {} and receiver.told == 1, "and no redirect is followed"


def test_a_wrong_secret_is_no_delivery(receiver: Receiver) -> None:
    with pytest.raises(ChannelDown, match="401"):
        webhook(receiver, "another secret").send(ALERT, NOW)


def test_a_webhook_that_is_gone_is_down_and_its_address_stands_in_no_message() -> None:
    with pytest.raises(ChannelDown, match="does not answer") as told:
        WebhookChannel("http://127.0.0.1:9/hooks/T0KEN", SECRET).send(ALERT, NOW)
    assert "T0KEN" not in str(told.value)


@pytest.mark.parametrize(
    "url", ["http://example.com/hook", "ftp://example.com", "file:///tmp/x", "example.com", "https://", "https://[1/"]
)
def test_a_webhook_is_https_or_on_this_machine(url: str) -> None:
    with pytest.raises(ConfigurationError, match="webhook for alerts"):
        WebhookChannel(url, SECRET)


def test_a_webhook_needs_a_secret() -> None:
    with pytest.raises(ConfigurationError, match="no secret"):
        WebhookChannel("https://example.com/hook", "")


# letters


def test_a_letter_says_what_to_do_and_names_leads_alone(mail: MailServer) -> None:
    letters(mail).send(ALERT, NOW)
    ((to, letter),) = mail.letters
    assert to == ["ops@example.com", "ann@example.com"]
    assert letter["Subject"].endswith("calls of Zoë's Bcc: everybody@example.com failed.")
    text = letter.get_content()
    for line in ("See the causes.", "failed: 30", "leads: L-1, L-2", "failures:abc"):
        assert line in text
    assert letter["Bcc"] is None and letter["Date"] and letter["From"] == "night@example.com"


def test_the_same_alert_is_the_same_letter(mail: MailServer) -> None:
    letters(mail).send(ALERT, NOW)
    letters(mail).send(ALERT, NOW)
    assert len({letter["Message-ID"] for _, letter in mail.letters}) == 1


def test_a_user_signs_in(mail: MailServer) -> None:
    letters(mail, user="night", password="hunter2").send(ALERT, NOW)
    assert mail.users == ["night hunter2"]


@pytest.mark.parametrize(
    ("verb", "answer", "error"),
    [
        ("MAIL", "550 you may not", ChannelRefused),
        ("MAIL", "451 later", ChannelDown),
        ("RCPT", "550 nobody", ChannelRefused),
        ("RCPT", "450 later", ChannelDown),
        ("AFTER DATA", "554 this is spam", ChannelRefused),
        ("AFTER DATA", "452 full", ChannelDown),
        ("AUTH", "535 wrong password", ChannelDown),
    ],
)
def test_a_server_that_turns_the_letter_away_refuses_it_or_is_down(
    mail: MailServer, verb: str, answer: str, error: type[InsightsError]
) -> None:
    mail.refuses[verb] = answer
    with pytest.raises(error) as told:
        letters(mail, user="night", password="hunter2").send(ALERT, NOW)
    assert answer[:3] in str(told.value) and "hunter2" not in str(told.value)


def test_one_address_that_is_not_taken_is_told(mail: MailServer) -> None:
    with pytest.raises(ChannelRefused, match="1 of 2 addresses"):
        letters(mail, to=["ops@example.com", "nobody@example.com"]).send(ALERT, NOW)


def test_a_server_that_is_gone_is_down() -> None:
    with pytest.raises(ChannelDown, match="ConnectionRefusedError"):
        letters(MailServer(port=9)).send(ALERT, NOW)
    with pytest.raises(ChannelDown):
        letters(MailServer(port=9), port=465).send(ALERT, NOW)


@pytest.mark.parametrize(
    "changes",
    [{"host": ""}, {"sender": ""}, {"to": []}, {"to": ["ops"]}, {"to": ["a@b, c@d"]}, {"sender": "x\r\nBcc: y@z"}],
)
def test_an_address_that_is_none_is_a_wrong_setting(mail: MailServer, changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        letters(mail, **changes)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key, made for these tests."""
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    words = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    try:
        subprocess.run([*words.split(), "-keyout", path, "-out", f"{path}.crt"], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("no openssl program to make a certificate with")
    path.write_text(path.read_text() + Path(f"{path}.crt").read_text())
    return path


def test_where_the_server_offers_tls_it_is_taken_and_its_certificate_checked(certificate: Path) -> None:
    offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    offered.load_cert_chain(certificate)
    with a_mail_server(offered) as mail:
        letters(mail, context=ssl.create_default_context(cafile=certificate)).send(ALERT, NOW)
        assert mail.encrypted == [True]
        with pytest.raises(ChannelDown, match="SSLCertVerificationError"):
            letters(mail).send(ALERT, NOW)
        assert len(mail.letters) == 1
