"""The two ways out: mail over SMTP, and a signed POST to a webhook. What went wrong says whether to go on.

- `NotTaken`: the other side surely has nothing; it can be tried again.
- `Refused`: the other side does not want it; trying again would not help.
- `Unsure`: the line broke after everything was said; trying again could deliver it twice.
"""

from __future__ import annotations

import json
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import httpx

from alliance_hub.reminders.models import Topic
from alliance_hub.reminders.rules import PAGES
from alliance_hub.settings import is_loopback
from privacy.request_signing import Request, content_digest, sign
from privacy.signing import SigningKey

TIMEOUT_SECONDS = 20.0
SUBMISSION_PORT, TLS_PORT = 587, 465


class NotTaken(Exception):
    """The other side has nothing of it."""


class Refused(Exception):
    """The other side does not want it."""


class Unsure(Exception):
    """The other side may have it."""


def mail(sender: str, recipient: str, subject: str, text: str, *, id: str, at: datetime) -> EmailMessage:
    """Return a mail that no machine answers; `id` tells mail programs that two copies are one."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, recipient, subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{id}@{Address(addr_spec=sender).domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, charset="utf-8")
    return message


def send_mail(server_url: str, message: EmailMessage) -> None:
    """Hand a mail over to the server; raises NotTaken, Refused or Unsure."""
    with _connected(server_url) as server:
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise (NotTaken if all(map(_is_temporary, codes)) else Refused) from error
        except smtplib.SMTPResponseException as error:
            raise (NotTaken if _is_temporary(error.smtp_code) else Refused) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Unsure from error


def post(
    url: str, topic: Topic, count: int, *, base_url: str, id: str, key: SigningKey, at: datetime
) -> None:
    """Post how many there are of a topic, signed as RFC 9421 says with the hub's key.

    `id` goes along as Idempotency-Key. Raises NotTaken, Refused or Unsure.
    """
    body = json.dumps({"kind": topic, "count": count, "link": base_url + PAGES[topic]}).encode()
    signed = sign(Request("POST", url), digest=content_digest([body]), key=key, now=at)
    headers = {"Content-Type": "application/json", "Idempotency-Key": id, **signed}
    try:
        answer = httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NotTaken from error
    except httpx.HTTPError as error:
        raise Unsure from error
    if answer.status_code == httpx.codes.TOO_MANY_REQUESTS or answer.is_server_error:
        raise NotTaken
    if not answer.is_success:
        raise Refused


@contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    try:
        server = _connect(url)
    except (smtplib.SMTPException, OSError) as error:
        raise NotTaken from error
    try:
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()


def _connect(url: str) -> smtplib.SMTP:
    """Connect, encrypted unless the server is on this machine, and log in if the URL names somebody."""
    parts = urlsplit(url)
    host, context = parts.hostname or "", ssl.create_default_context()
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or TLS_PORT, timeout=TIMEOUT_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or SUBMISSION_PORT, timeout=TIMEOUT_SECONDS)
    try:
        if parts.scheme == "smtp" and not is_loopback(url):
            # Without it the password, and who is reminded, would travel in the clear.
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _is_temporary(code: int) -> bool:
    return 400 <= code < 500
