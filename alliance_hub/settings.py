"""Where this hub lives and whom it talks to: environment first, then `settings.toml` in its home.

What the alliance has agreed on stands in the key set's policy; the rest of the numbers in `policy.py`.
"""

from __future__ import annotations

import ipaddress
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from alliance_hub.errors import Invalid
from alliance_hub.policy import RegulatoryMode

PREFIX = "ALLIANCE_HUB_"
SETTINGS_FILE = "settings.toml"
KEYS_FILE = "hub.keys"
CARD_FILE = "card.json"
KEY_SET_FILE = "key-set.json"
DATABASE_FILE = "hub.sqlite"


def default_home() -> Path:
    """Return the folder that the operating system keeps for this program's data."""
    return Path(platformdirs.user_data_dir("alliance-hub"))


def is_loopback(url: str) -> bool:
    """Say whether a URL's host is this machine itself, by address or as `localhost`."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def safe_address(url: str) -> str:
    """Return a base URL without its last slash; raises ValueError if plain HTTP would leave this machine."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as https://hub.example is expected")
    if parts.scheme == "http" and not is_loopback(url):
        raise ValueError("plain http is for this machine only: use https")
    return url.rstrip("/")


class Settings(BaseSettings):
    """One hub's settings; each can be given as `ALLIANCE_HUB_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = default_home()
    """Folder with keys, key set, settings and, by default, the database."""
    database_url: str = ""
    """SQLAlchemy URL; empty: SQLite in the home."""
    base_url: str = "http://127.0.0.1:8400"
    """The URL under which members reach this hub; signatures are checked against its authority."""
    custodians: tuple[str, ...] = ()
    """Base URLs of the custodians, in the order of their index from 1."""
    broker_url: str = "memory://"
    """Celery's broker: in process for one machine, `amqp://` when grown."""
    regulatory_mode: RegulatoryMode = RegulatoryMode.SYNTHETIC
    """Which business the hub may do."""
    opinion_digest: str = ""
    """SHA-256 of the recorded legal opinion, in hex; every mode but the synthetic one needs it."""
    proxies: int = Field(default=0, ge=0, le=8)
    """How many proxies of one's own stand before the hub: that many of the last entries of X-Forwarded-For
    are believed when failed logins are counted by address; 0 believes none."""
    passphrase_file: Path | None = None
    """File whose first line opens the hub's keys."""
    smtp_url: SecretStr = SecretStr("")
    """The server that takes reminders by mail: `smtps://NAME:PASSWORD@HOST` or, with STARTTLS, `smtp://...`;
    empty: no mail."""
    mail_from: str = ""
    """The address that mail comes from."""
    webhook_url: SecretStr = SecretStr("")
    """Where reminders are posted to, with counts and links only; empty: nowhere."""
    timestamp_url: str = ""
    """The RFC 3161 authority that stamps the log once a day; empty: none. Plain http will do: what is sent is
    a digest, and what comes back is signed."""
    timestamp_roots: Path | None = None
    """PEM file with the root certificates that this authority's tokens must be signed under."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read arguments, then the environment, then the file in the home that those two name."""
        home = Path({**env_settings(), **init_settings()}.get("home", default_home()))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, home / SETTINGS_FILE)

    @field_validator("base_url")
    @classmethod
    def _one_address(cls, url: str) -> str:
        return safe_address(url)

    @field_validator("custodians")
    @classmethod
    def _addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(safe_address(url) for url in urls)

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, url: SecretStr) -> SecretStr:
        parts = urlsplit(url.get_secret_value())
        if any(parts) and (parts.scheme not in {"smtp", "smtps"} or not parts.hostname):
            raise ValueError("an address such as smtps://NAME:PASSWORD@mail.example is expected")
        return url

    @field_validator("timestamp_url")
    @classmethod
    def _authority(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("an address such as https://time.example/tsa is expected")
        return url

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, url: SecretStr) -> SecretStr:
        if url.get_secret_value():
            safe_address(url.get_secret_value())
        return url

    @model_validator(mode="after")
    def _sender(self) -> Settings:
        if self.smtp_url.get_secret_value() and "@" not in self.mail_from:
            raise ValueError("smtp_url needs mail_from, the address that mail comes from")
        return self

    @model_validator(mode="after")
    def _roots(self) -> Settings:
        if self.timestamp_url and self.timestamp_roots is None:
            raise ValueError("timestamp_url needs timestamp_roots, a PEM file with the authority's roots")
        return self

    @model_validator(mode="after")
    def _opinion(self) -> Settings:
        if self.regulatory_mode is not RegulatoryMode.SYNTHETIC and not self.opinion_digest:
            raise ValueError(
                f"the mode {self.regulatory_mode} needs opinion_digest, the recorded legal opinion's"
            )
        return self

    @property
    def database(self) -> str:
        """The database's URL, with the default filled in."""
        return self.database_url or f"sqlite:///{self.home / DATABASE_FILE}"


def load_settings(home: Path | None = None, **given: Any) -> Settings:
    """Return the settings of the hub in `home`; raises Invalid with one sentence for each that is refused."""
    try:
        return Settings(**(given if home is None else {"home": home, **given}))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"settings.toml is not TOML: {error}", field="settings") from error
    except ValidationError as error:
        raise Invalid("the settings are refused: " + "; ".join(_reasons(error)), field="settings") from error


def write_settings(home: Path, values: dict[str, str | tuple[str, ...]]) -> Path:
    """Write `settings.toml`: texts and lists of texts."""
    path = home / SETTINGS_FILE
    # A JSON text or list of texts is a TOML one too.
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in values.items()]
    path.write_text(
        "# Settings of this hub; the environment (ALLIANCE_HUB_...) wins.\n" + "".join(lines), "utf-8"
    )
    return path


def _reasons(error: ValidationError) -> Iterator[str]:
    # Only names and reasons: a value could be a URL with a password in it.
    for each in error.errors(include_input=False, include_url=False):
        reason = each["msg"].removeprefix("Value error, ")
        yield ": ".join(filter(None, (".".join(map(str, each["loc"])), reason)))
