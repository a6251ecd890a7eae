"""The database's tables through time: Alembic driven from code, so that no ini file must be found.

Every command asks whether the tables are up to date, and hardly any changes them. So Alembic, which takes
longer to import than most commands to work, is imported by what changes them.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, inspect, text

import alliance_hub
from alliance_hub.db import Base, Database
from alliance_hub.errors import NotFound
from alliance_hub.settings import Settings

if TYPE_CHECKING:
    from alembic.config import Config


def migrations_folder() -> Path:
    """Return the folder with the migrations: it stands beside the package in a checkout.

    An editable install leads there too; raises NotFound elsewhere.
    """
    folder = Path(__file__).resolve().parents[1] / "migrations"
    if not (folder / "env.py").is_file():
        raise NotFound("the migrations are not here: run this from a checkout (make install)")
    return folder


def metadata() -> MetaData:
    """Return every table of the hub, having imported the models of every part."""
    for part in pkgutil.iter_modules(alliance_hub.__path__):
        models = f"alliance_hub.{part.name}.models"
        if part.ispkg and importlib.util.find_spec(models):
            importlib.import_module(models)
    return Base.metadata


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables to `revision`, all steps in one transaction."""
    from alembic import command

    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the tables back to `revision`, all steps in one transaction; what they held is lost."""
    from alembic import command

    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def migrate_sqlite(settings: Settings) -> None:
    """Bring a SQLite database up to date; a server's is left to whoever runs it (`alliance-hub migrate`)."""
    database = Database(settings.database)
    try:
        if database.is_sqlite and not is_current(database):
            upgrade(database)
    finally:
        database.close()


def is_current(database: Database) -> bool:
    """Say whether the tables stand at the newest revision."""
    # The steps form one line, and the name of each one's file begins with its number.
    newest = max(migrations_folder().glob("versions/[0-9]*.py")).name.partition("_")[0]
    with database.engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return set(connection.scalars(text("SELECT version_num FROM alembic_version"))) == {newest}


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    # Alembic reads options as ConfigParser does, which takes a lone percent sign for a reference.
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config
