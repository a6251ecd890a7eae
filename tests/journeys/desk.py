"""An officer at a desk: a browser page, and the second factors that its owner keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyotp
from playwright.sync_api import Page

PASSWORD = "crane-at-the-weir-58"


@dataclass
class Desk:
    """One officer in a browser of its own; recovery codes spare it the wait for the next six digits."""

    page: Page
    hub: str
    codes: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Open a page of the console."""
        self.page.goto(f"{self.hub}/console{path}")

    def take_up(self, link: str) -> None:
        """Follow an invitation: password, authenticator, recovery codes; the officer is logged in then."""
        self.page.goto(link)
        secret = self.page.locator("code.secret").inner_text().replace(" ", "")
        self.fill(password=PASSWORD, again=PASSWORD, code=pyotp.TOTP(secret).now())
        self.send()
        self.codes = self.page.locator("ol.codes code").all_inner_texts()
        assert len(self.codes) == 10

    def log_out(self) -> None:
        """Leave, by the button that stands on every page."""
        with self.page.expect_navigation():
            self.page.locator("form[action$='/logout'] button").click()

    def log_in(self, staff_number: str) -> None:
        """Log in to the association with staff number, password and a second factor."""
        self.open("/login")
        self.fill(staff_number=staff_number, password=PASSWORD)
        self.send()
        self.fill(code=self.codes.pop())
        self.send()

    def fill(self, **fields: str | bool) -> None:
        """Fill in the form on the page: texts, choices by their value, ticks."""
        for name, value in fields.items():
            place = self.page.locator(f"main form [name='{name}']").first
            if isinstance(value, bool):
                place.set_checked(value)
            elif place.evaluate("place => place.tagName") == "SELECT":
                place.select_option(value)
            else:
                place.fill(value)

    def send(self, words: str = "") -> None:
        """Press the page's main button, or the one with these words on it, and see the page that follows."""
        buttons = self.page.locator("main button[type=submit]")
        main = self.page.locator("main button.first[type=submit]")
        named = buttons.filter(has_text=words) if words else main if main.count() else buttons
        with self.page.expect_navigation():
            named.first.click()

    def confirm(self, **fields: str | bool) -> None:
        """Confirm a step: what it asks for, and a fresh second factor where it does."""
        self.fill(**fields)
        if self.page.locator("main form [name=code]").count():
            self.fill(code=self.codes.pop())
        self.send()

    @property
    def title(self) -> str:
        """What the page calls itself."""
        return self.page.locator("h1").first.inner_text()

    def says(self, words: str) -> bool:
        """Say whether these words stand on the page."""
        return words in self.page.locator("main").inner_text()
