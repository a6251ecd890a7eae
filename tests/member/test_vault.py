"""The vault keeps its secrets, its lock and its promises; a backup brings all of it back."""

from __future__ import annotations

import sqlite3
import stat
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from member import Home, Member, VaultBusy, VaultRefused, back_up, open_member, restore_member
from member.tokenise import tokenise
from member.vault import Vault, contracts, receipts, tokens
from member.vault.tokens import Batch
from privacy.encoding import b64, instant_text
from privacy.logged import LogReceipt
from privacy.sealing import open_with_passphrase, seal_with_passphrase
from tests.member.conftest import CHEAP, PASSPHRASE, SOUTH, Alliance
from tests.member.people import identifier

LI = identifier(1)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
RECEIPT = LogReceipt(entry={"kind": "statement"}, salt=b64(bytes(32)), leaf=b64(bytes(32)))


def store(vault: Vault, data: bytes, output: bytes) -> None:
    tokens.store(vault, 1, Batch("r", [], [], []), {data: output})


def test_a_vault_opens_with_its_passphrase_and_brings_its_keys(home: Home) -> None:
    with Vault.open(home.vault, PASSPHRASE) as first:
        signed = first.keys.signing.sign(b"statement")
        public, secret, name = first.keys.sealing.public, first.keys.secret, first.settings.name

    with Vault.open(home.vault, PASSPHRASE) as again:
        assert again.keys.signing.sign(b"statement") == signed
        assert (again.keys.sealing.public, again.keys.secret) == (public, secret)
        assert (again.settings.name, name) == (SOUTH, SOUTH)


def test_every_vault_has_keys_of_its_own(alliance: Alliance, home: Home, tmp_path: Path) -> None:
    with Vault.open(home.vault, PASSPHRASE) as one:
        settings = one.settings
        first = {one.keys.signing.seed, one.keys.recovery.seed, one.keys.secret, one.keys.root}
    with Vault.create(tmp_path / "other.sqlite", PASSPHRASE, settings, cost=CHEAP) as two:
        second = {two.keys.signing.seed, two.keys.recovery.seed, two.keys.secret, two.keys.root}

    assert len(first | second) == 8


@pytest.mark.parametrize("wrong", ["", "南山的口令 ", "guess"])
def test_a_wrong_passphrase_is_refused_and_leaves_no_lock(home: Home, wrong: str) -> None:
    with pytest.raises(VaultRefused, match="wrong passphrase"):
        Vault.open(home.vault, wrong)

    Vault.open(home.vault, PASSPHRASE).close()


def test_a_vault_needs_a_passphrase(alliance: Alliance, home: Home, tmp_path: Path) -> None:
    with Vault.open(home.vault, PASSPHRASE) as vault, pytest.raises(VaultRefused, match="needs a passphrase"):
        Vault.create(tmp_path / "v.sqlite", "", vault.settings, cost=CHEAP)


def test_no_vault_is_overwritten(home: Home) -> None:
    with Vault.open(home.vault, PASSPHRASE) as vault:
        settings = vault.settings

    with pytest.raises(VaultRefused, match="is a vault already"):
        Vault.create(home.vault, PASSPHRASE, settings, cost=CHEAP)


def test_a_missing_vault_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(VaultRefused, match="alliance-member init"):
        Vault.open(tmp_path / "vault.sqlite", PASSPHRASE)


def test_one_command_at_a_time(home: Home) -> None:
    with Vault.open(home.vault, PASSPHRASE), pytest.raises(VaultBusy) as caught:
        Vault.open(home.vault, PASSPHRASE)

    assert caught.value.exit_code == 3
    Vault.open(home.vault, PASSPHRASE).close()


def test_only_the_owner_may_read_it(home: Home) -> None:
    assert stat.S_IMODE(home.vault.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no vault"),
        (b"no database at all" * 100, "damaged"),
        (b"SQLite format 3\0" + bytes(4096), "damaged|no vault"),
    ],
)
def test_another_file_is_no_vault(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "vault.sqlite"
    path.write_bytes(content)

    with pytest.raises(VaultRefused, match=reason):
        Vault.open(path, PASSPHRASE)


def test_another_programs_database_is_no_vault(tmp_path: Path) -> None:
    path = tmp_path / "vault.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE meta (name TEXT, value BLOB)")
    other.commit()
    other.close()

    with pytest.raises(VaultRefused, match="no vault"):
        Vault.open(path, PASSPHRASE)


def test_a_newer_form_asks_for_a_newer_program(home: Home) -> None:
    db = sqlite3.connect(home.vault)
    db.execute("PRAGMA user_version = 4")
    db.close()

    with pytest.raises(VaultRefused, match="update the program"):
        Vault.open(home.vault, PASSPHRASE)


def as_of_form(form: int, path: Path) -> None:
    """Take from a vault what the forms after `form` added."""
    db = sqlite3.connect(path)
    db.execute("DROP INDEX receipts_in_order")
    for column in ("epoch", "number", "size", "missed_at"):
        db.execute(f"ALTER TABLE receipts DROP COLUMN {column}")
    newest = ("checkpoints", "matters", "receipt_answers")
    for table in (*newest, *(("statements", "accusations") if form < 2 else ())):
        db.execute(f"DROP TABLE {table}")
    db.execute(f"PRAGMA user_version = {form}")
    db.close()


def shape(path: Path) -> tuple[int, dict[str, list[str]]]:
    """Return a vault's form, and the columns of its tables and indices."""
    db = sqlite3.connect(path)
    (form,) = db.execute("PRAGMA user_version").fetchone()
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_schema")]
    columns = {name: [str(row[1:]) for row in db.execute(f"PRAGMA table_xinfo({name})")] for name in names}
    db.close()
    return form, columns


@pytest.mark.parametrize("form", [1, 2])
def test_a_vault_of_an_older_form_is_brought_to_this_one(home: Home, form: int) -> None:
    with Vault.open(home.vault, PASSPHRASE) as vault:
        store(vault, b"one", bytes(64))
        receipts.keep(vault, RECEIPT, at=NOW)
    new = shape(home.vault)
    as_of_form(form, home.vault)

    with Vault.open(home.vault, PASSPHRASE) as vault:
        assert tokens.find(vault, 1, [b"one"]) == {b"one": bytes(64)}
        assert vault.db.execute("SELECT at, number FROM receipts").fetchall() == [(instant_text(NOW), None)]

    assert shape(home.vault) == new
    assert (new[0], {"statements", "accusations", "checkpoints", "matters"} - new[1].keys()) == (3, set())


def test_a_backup_of_the_first_form_is_brought_to_this_one(home: Home, tmp_path: Path) -> None:
    as_of_form(1, home.vault)
    db = sqlite3.connect(home.vault)
    sealed = seal_with_passphrase(PASSPHRASE, db.serialize(), purpose="member-backup", cost=CHEAP)
    db.close()
    (tmp_path / "safe.vault").write_bytes(sealed)

    restore_member(Home(tmp_path / "new machine"), PASSPHRASE, tmp_path / "safe.vault")

    assert shape(tmp_path / "new machine" / "vault.sqlite")[0] == 3


def test_a_vault_that_is_refused_keeps_its_form(home: Home) -> None:
    as_of_form(1, home.vault)

    with pytest.raises(VaultRefused, match="wrong passphrase"):
        Vault.open(home.vault, "guess")

    assert shape(home.vault)[0] == 1


def test_a_vault_of_other_rules_is_refused_with_a_word_about_what_to_do(home: Home) -> None:
    with Vault.open(home.vault, PASSPHRASE) as vault:
        document = msgspec.to_builtins(vault.settings)
        document["key_set"]["key_set"]["rules"] = 1
        sealed = vault.seal("settings", msgspec.json.encode(document))
        with vault.db as db:
            db.execute("UPDATE meta SET value = ? WHERE name = 'settings'", (sealed,))

    with pytest.raises(VaultRefused, match="made under other rules"):
        Vault.open(home.vault, PASSPHRASE)


def test_what_is_written_in_a_transaction_within_another_stands_or_falls_with_it(home: Home) -> None:
    def write(vault: Vault, name: str) -> None:
        with vault.transaction() as db:
            db.execute("INSERT INTO drafts VALUES (?, x'00')", (name,))

    def write_and_fail(vault: Vault) -> None:
        with vault.transaction():
            write(vault, "falls")
            raise ZeroDivisionError

    with Vault.open(home.vault, PASSPHRASE) as vault:
        with pytest.raises(ZeroDivisionError):
            write_and_fail(vault)
        write(vault, "stands")

    with Vault.open(home.vault, PASSPHRASE) as vault:
        assert vault.db.execute("SELECT name FROM drafts").fetchall() == [("stands",)]


def test_nothing_in_the_file_shows_an_identifier_a_contract_or_a_token(
    alliance: Alliance, south: Member, home: Home
) -> None:
    outputs = tokenise(south, [LI.oprf_input, LI.subject_key_input])
    ref = contracts.ref(south.vault, "NA-000001")
    south.close()

    content = home.vault.read_bytes()
    # The file is read as it lies on the disk, so one value that must be there shows that the search can find.
    assert b"CREATE TABLE tokens" in content
    for secret in (LI.value.encode(), LI.oprf_input, b"NA-000001", ref, *outputs.values()):
        assert secret not in content
        assert secret[:12] not in content
    assert south.keys.signing.seed not in content


def test_marks_need_the_vaults_key(alliance: Alliance, home: Home, tmp_path: Path) -> None:
    with Vault.open(home.vault, PASSPHRASE) as one:
        settings, first = one.settings, tokens.mark(one, LI.oprf_input)
        assert tokens.mark(one, LI.oprf_input) == first
        assert one.mark("contract-ref", LI.oprf_input) != first
    with Vault.create(tmp_path / "other.sqlite", PASSPHRASE, settings, cost=CHEAP) as two:
        assert tokens.mark(two, LI.oprf_input) != first


def test_a_token_moved_to_another_row_does_not_open(home: Home) -> None:
    with Vault.open(home.vault, PASSPHRASE) as vault:
        store(vault, b"one", bytes(64))
        store(vault, b"two", bytes(64))
        with vault.db:
            vault.db.execute(
                "UPDATE tokens SET sealed = (SELECT sealed FROM tokens WHERE mark = ?) WHERE mark = ?",
                (tokens.mark(vault, b"one"), tokens.mark(vault, b"two")),
            )

        assert tokens.find(vault, 1, [b"one"]) == {b"one": bytes(64)}
        with pytest.raises(VaultRefused, match="changed or is damaged"):
            tokens.find(vault, 1, [b"two"])


def test_tokens_belong_to_their_epoch(home: Home) -> None:
    with Vault.open(home.vault, PASSPHRASE) as vault:
        store(vault, b"one", bytes(64))

        assert tokens.find(vault, 2, [b"one"]) == {}


def test_a_backup_brings_everything_back(
    alliance: Alliance, south: Member, home: Home, tmp_path: Path
) -> None:
    known = tokenise(south, [LI.oprf_input])
    seed = south.keys.recovery.seed
    back_up(south.vault, PASSPHRASE, tmp_path / "safe.vault", cost=CHEAP)
    south.close()
    elsewhere = Home(tmp_path / "new machine")

    card = restore_member(elsewhere, PASSPHRASE, tmp_path / "safe.vault")

    assert elsewhere.card.read_text() == home.card.read_text()
    assert card.name == SOUTH
    with open_member(elsewhere, PASSPHRASE, clock=alliance.clock) as restored:
        assert restored.keys.recovery.seed == seed
        assert tokenise(restored, [LI.oprf_input]) == known
    assert stat.S_IMODE(elsewhere.vault.stat().st_mode) == 0o600


def test_a_backup_is_sealed(home: Home, tmp_path: Path) -> None:
    with Vault.open(home.vault, PASSPHRASE) as vault:
        back_up(vault, PASSPHRASE, tmp_path / "safe.vault", cost=CHEAP)

    content = (tmp_path / "safe.vault").read_bytes()
    assert b"SQLite" not in content
    assert open_with_passphrase(PASSPHRASE, content, purpose="member-backup").startswith(b"SQLite format 3")


def test_a_backup_never_overwrites(home: Home, tmp_path: Path) -> None:
    target = tmp_path / "safe.vault"
    target.write_text("something else")

    with Vault.open(home.vault, PASSPHRASE) as vault, pytest.raises(VaultRefused, match="never overwrites"):
        back_up(vault, PASSPHRASE, target, cost=CHEAP)

    assert target.read_text() == "something else"


def test_a_restore_overwrites_only_by_force_and_keeps_what_was_there(
    alliance: Alliance, home: Home, tmp_path: Path
) -> None:
    safe = tmp_path / "safe.vault"
    with Vault.open(home.vault, PASSPHRASE) as vault:
        back_up(vault, PASSPHRASE, safe, cost=CHEAP)
        store(vault, b"later", bytes(64))
    later = home.vault.read_bytes()

    with pytest.raises(VaultRefused, match="--force"):
        restore_member(home, PASSPHRASE, safe)
    assert home.vault.read_bytes() == later

    restore_member(home, PASSPHRASE, safe, force=True)
    with Vault.open(home.vault, PASSPHRASE) as vault:
        assert tokens.find(vault, 1, [b"later"]) == {}
    with Vault.open(home.path / "vault.replaced", PASSPHRASE) as replaced:
        assert tokens.find(replaced, 1, [b"later"]) == {b"later": bytes(64)}


@pytest.mark.parametrize("damage", ["passphrase", "truncated", "other", "missing"])
def test_a_restore_that_fails_touches_nothing(home: Home, tmp_path: Path, damage: str) -> None:
    safe = tmp_path / "safe.vault"
    with Vault.open(home.vault, PASSPHRASE) as vault:
        back_up(vault, PASSPHRASE, safe, cost=CHEAP)
    before = home.vault.read_bytes()
    match damage:
        case "truncated":
            safe.write_bytes(safe.read_bytes()[:-1])
        case "other":
            safe.write_text("a shopping list")
        case "missing":
            safe.unlink()

    passphrase = "guess" if damage == "passphrase" else PASSPHRASE
    with pytest.raises(VaultRefused, match="cannot be read" if damage == "missing" else "does not open"):
        restore_member(home, passphrase, safe, force=True)

    assert home.vault.read_bytes() == before
