"""What is done of matters every day: write down what is superseded, and forget what is long over."""

from __future__ import annotations

from alliance_hub.jobs.daily import daily
from alliance_hub.matters import forgetting, superseding

daily("matters_superseded")(superseding.mark_open)
daily("matters_forgotten")(forgetting.forget_over)
