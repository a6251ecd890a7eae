"""What is done for the log every day."""

from __future__ import annotations

from alliance_hub.jobs.daily import daily
from alliance_hub.transparency import anchoring

daily("log_anchor")(anchoring.anchor_day)
