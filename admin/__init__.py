"""The console: how the association's officers and members' people run the alliance, from a browser.

    office.py      the hub behind the pages, and the time now
    gate.py        who gets in, and which acts a page asks for
    safety.py      headers, forms, cookies, sizes
    i18n.py        Chinese and English; instants, money and numbers as an office reads them
    errors.py      a refusal as a page that says what to do
    shell.py       what every page has: static files, the frame, the way from `/`
    navigation.py  the menu
    register.py    lists: filters, sorting, pages, export and print
    steps.py       acts in two steps: what will happen, then confirm
    objects.py     what the page of one object is made of
    charts.py      series of numbers, as a drawing and as a table

A page family is one module here with a blueprint `bp`, its templates in `templates/<family>/` and its
Chinese in `translations/zh/<family>.po`. A view asks one service; what is true is decided there.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from flask import Flask

from admin import (
    account,
    activity,
    agreements,
    applications,
    apply,
    approvals,
    clocks,
    complaints,
    custodians,
    dashboard,
    errors,
    gate,
    i18n,
    inspection,
    invitation,
    log,
    login,
    matters,
    members,
    mine,
    navigation,
    office,
    officers,
    organisations,
    safety,
    settings,
    shell,
    watched,
)
from admin.agreements import campaigns, trying
from admin.navigation import NAVIGATION, Item

FAMILIES: tuple[ModuleType, ...] = (
    login,
    apply,
    applications,
    members,
    invitation,
    account,
    officers,
    organisations,
    approvals,
    settings,
    custodians,
    clocks,
    complaints,
    inspection,
    activity,
    log,
    agreements,
    campaigns,
    trying,
    *mine.PAGES,
    *matters.PAGES,
    dashboard,
)
"""Each has one blueprint `bp`; its addresses stand under `/console`."""


def face(app: Flask, families: Sequence[ModuleType] = FAMILIES, menu: Sequence[Item] = NAVIGATION) -> None:
    """Register the console with an application that holds an opened hub, after the API if there is one."""
    i18n.install(app)
    safety.install(app)
    gate.install(app)
    shell.install(app)
    watched.install(app)
    navigation.install(app, menu)
    for family in families:
        app.register_blueprint(family.bp, url_prefix=office.ROOT + (family.bp.url_prefix or ""))
    # Last: it stands in front of whoever answered errors so far, and leaves the other addresses to it.
    errors.install(app)
