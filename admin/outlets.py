"""What the settings page says of reminders: which ways out are set up, and how today's went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session

from admin import office
from admin.objects import Text
from alliance_hub.reminders import service
from alliance_hub.reminders.models import Delivery

DELIVERIES: Mapping[Delivery, Text] = {
    Delivery.SENT: lazy_gettext("sent"),
    Delivery.WAITING: lazy_gettext("to be sent"),
    Delivery.SENDING: lazy_gettext("being sent"),
    Delivery.UNCERTAIN: lazy_gettext("uncertain, not repeated"),
    Delivery.REFUSED: lazy_gettext("refused by the other side"),
    Delivery.LAPSED: lazy_gettext("lapsed with its day"),
}


def facts(session: Session) -> list[tuple[str, str]]:
    """Return what is set up and what went out today; never an address with a password or a path."""
    hub = office.the_hub()
    ways, settings = service.outlets(hub.settings), hub.settings
    today = Counter(row.state for row in service.list_day(session, office.now()))
    return [
        (
            gettext("Mail"),
            gettext("from %(address)s", address=settings.mail_from)
            if ways.mail
            else gettext("off: set smtp_url and mail_from in settings.toml"),
        ),
        (
            gettext("Webhook"),
            gettext("to %(host)s", host=urlsplit(settings.webhook_url.get_secret_value()).hostname)
            if ways.webhook
            else gettext("off: set webhook_url in settings.toml"),
        ),
        (
            gettext("Today's reminders"),
            gettext(", ").join(f"{DELIVERIES[state]} {today[state]}" for state in DELIVERIES if today[state])
            or gettext("none so far"),
        ),
    ]
