"""The ways to reach the operator with an alert: a signed webhook, and e-mail."""

from __future__ import annotations

import hashlib
import json
import smtplib
import ssl
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from insights.adapters.billing_sinks import SIGNATURE, one_client, signature
from insights.adapters.public_addresses import is_here
from insights.errors import ChannelDown, ChannelRefused, ConfigurationError

if TYPE_CHECKING:
    from insights.domain.alerts import Alert

TLS_PORT = 465
"""Speaks TLS from its first byte; every other port is asked to begin it (STARTTLS)."""
_ABOUT_THE_ALERT = frozenset({400, 413, 422})


class WebhookChannel:
    """Posts each alert as JSON, signed like the feed to billing, with its key in ``Idempotency-Key``.

    Only https, but for a receiver on this machine; follows no redirect. 400, 413 and 422 refuse the alert, any other
    answer that is no success is about the receiver.
    """

    name = "webhook"

    def __init__(self, url: str, secret: str, timeout_s: float = 20.0, now: Callable[[], float] = time.time) -> None:
        if not secret:
            raise ConfigurationError(
                "the webhook for alerts has no secret to sign with.", next_step="Set CALL_INSIGHTS_ALERT_SECRET."
            )
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            raise ConfigurationError("the webhook for alerts has no address.", next_step="See alert_webhook.") from None
        if not host or (parts.scheme != "https" and not (parts.scheme == "http" and is_here(host))):
            raise ConfigurationError("the webhook for alerts needs an https address.", next_step="See alert_webhook.")
        self._url, self._secret, self._now = url, secret, now
        self._client = one_client(timeout_s)

    def send(self, alert: Alert, at: datetime) -> None:
        import httpx

        told = {**alert.as_json(), "at": at.isoformat()}
        body = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": alert.key,
            SIGNATURE: signature(self._secret, int(self._now()), body),
        }
        try:
            with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                status = answer.status_code  # and not a byte more: whatever it says, we want only this
        except httpx.HTTPError as error:
            raise ChannelDown(f"the webhook does not answer ({type(error).__name__}).") from None
        if status in _ABOUT_THE_ALERT:
            raise ChannelRefused(f"the webhook refused the alert ({status}).")
        if not 200 <= status < 300:
            raise ChannelDown(f"the webhook answered {status}.")

    def close(self) -> None:
        self._client.close()


class EmailChannel:
    """Sends each alert as a plain letter through one SMTP server, over TLS or, to a server on this machine, without.

    The letter's id is made of the alert's key, so that one that is sent twice can be known as the same. ``to``: one or
    more addresses; all of them must be taken.
    """

    name = "e-mail"

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        to: Sequence[str],
        *,
        user: str = "",
        password: str = "",
        timeout_s: float = 20.0,
        context: ssl.SSLContext | None = None,
    ) -> None:
        if not host or not sender:
            raise ConfigurationError(
                "alerts by e-mail need a server and a sender.", next_step="Set smtp_host and smtp_from."
            )
        if not to or not all(_is_address(address) for address in (sender, *to)):
            raise ConfigurationError(
                "an e-mail address for alerts cannot be used.",
                next_step="Write alert_email and smtp_from like ops@example.com, several with commas between.",
            )
        self._host, self._port, self._timeout_s = host, port, timeout_s
        self._sender, self._to, self._user, self._password = sender, list(to), user, password
        self._context = context or ssl.create_default_context()

    def send(self, alert: Alert, at: datetime) -> None:
        try:
            with self._connected() as server:
                refused = server.send_message(self._letter(alert, at), self._sender, self._to)
        except smtplib.SMTPResponseException as error:
            self._unhappy(error, error.smtp_code)
        except smtplib.SMTPRecipientsRefused as error:
            self._unhappy(error, max(code for code, _ in error.recipients.values()))
        except (smtplib.SMTPException, OSError) as error:
            raise ChannelDown(f"the mail server does not take letters ({type(error).__name__}).") from None

        if refused:  # the others have it, and would get it again at every try
            raise ChannelRefused(f"the mail server refused {len(refused)} of {len(self._to)} addresses.")

    def close(self) -> None: ...

    def _connected(self) -> smtplib.SMTP:
        """A server that may be told letters. Raises SMTPException or OSError."""
        if self._port == TLS_PORT:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout_s, context=self._context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=self._timeout_s)
        try:
            server.ehlo()
            offers_tls = server.has_extn("starttls")
            if self._port != TLS_PORT and (offers_tls or not is_here(self._host)):
                server.starttls(context=self._context)  # raises where it is not offered
                server.ehlo()
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            with suppress(OSError):
                server.close()
            raise
        return server

    def _letter(self, alert: Alert, at: datetime) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = f"[Call Insights] {alert.severity.value}: {' '.join(alert.headline.split())}"
        letter["From"], letter["To"] = self._sender, ", ".join(self._to)
        letter["Date"] = format_datetime(at)
        letter["Message-ID"] = f"<{hashlib.sha256(alert.key.encode()).hexdigest()[:32]}@call-insights.invalid>"
        letter["Auto-Submitted"] = "auto-generated"
        lines = [alert.headline, "", alert.next_step, ""]
        lines += [f"{name}: {value}" for name, value in alert.figures.items()]
        lines += [f"leads: {', '.join(alert.leads)}"] if alert.leads else []
        letter.set_content("\n".join([*lines, "", f"Noticed {at.isoformat(timespec='seconds')}, {alert.key}", ""]))
        return letter

    def _unhappy(self, error: smtplib.SMTPException, code: int) -> None:
        """A server that turns away the letter for good, or us or the moment."""
        about_us = isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError)
        if code >= 500 and not about_us:
            raise ChannelRefused(f"the mail server refused the letter ({code}).") from None
        raise ChannelDown(f"the mail server does not take letters ({type(error).__name__} {code}).") from None


def _is_address(address: str) -> bool:
    name, at, domain = address.rpartition("@")
    return (
        bool(name and at and domain) and address.isascii() and address.isprintable() and not set(address) & set(" <>,;")
    )
