"""From one epoch into the next: only on the last custodians' word, and with nothing believed by mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from member import (
    Home,
    KeySetRefused,
    Member,
    NotYet,
    Refused,
    RetryLater,
    Unavailable,
    Untrusted,
    enrol,
    open_member,
    settle,
    submit,
)
from member.renewal import Successor, find_successor, renew
from member.setup import read_successor
from member.vault import Vault, contracts, epochs, outbox, statements, tokens
from privacy import ceremony
from privacy.ceremony import AssociationCard, CustodianCard
from privacy.encoding import b64
from privacy.keyset import KeySet, Policy, Predecessor, SignedKeySet, endorse, sign_key_set
from privacy.signing import SigningKey
from privacy.statements import HUB, SECRETARIAT
from tests.feeds import made, secret
from tests.member.conftest import PASSPHRASE, SOUTH, Alliance, Run
from tests.member.hub import Hub
from tests.member.people import identifier, loan, write
from tests.member.server import Problem
from tests.member.witnesses import witness
from tests.privacy.paillier_keys import SMALL

OLD = made(Policy.for_synthetic_data(), 3, 2)[0]
AS_OF = date(2026, 10, 31)


def new_witness(index: int) -> SigningKey:
    return SigningKey(secret("second epoch", str(index)))


@cache
def dealt(epoch: int = 2, alliance: str = "测试联盟") -> KeySet:
    """Hold the next epoch's ceremony, with other custodians."""
    cards = [
        CustodianCard(f"新公证处{i}", b64(new_witness(i).public), b64(secret("new box", str(i))))
        for i in (1, 2, 3)
    ]
    association = AssociationCard(
        alliance, *(b64(SigningKey(secret(name, "signing")).public) for name in (HUB, SECRETARIAT))
    )
    return ceremony.deal(
        cards,
        association,
        threshold=2,
        policy=Policy.for_synthetic_data(),
        epoch=epoch,
        predecessor=predecessor(),
        safe_primes=lambda bits: SMALL,
    ).key_set


def predecessor(**changes: Any) -> Predecessor:
    usual: dict[str, Any] = {
        "epoch": 1,
        "key_set": b64(OLD.key_set.digest),
        "position": 90,
        "head": b64(secret("the final head")),
        "period": "2026-11",
    }
    return Predecessor(**usual | changes)


def successor(*endorsers: int, key_set: KeySet | None = None, **changes: Any) -> SignedKeySet:
    """Return the next key set, signed by its own custodians and endorsed by some of the last."""
    key_set = msgspec.structs.replace(key_set or dealt(), **changes)
    return SignedKeySet(
        key_set=key_set,
        signatures=tuple(sign_key_set(new_witness(index), key_set) for index in (1, 2, 3)),
        endorsements=tuple(endorse(witness(i), key_set, custodian=i) for i in endorsers or (1, 3)),
    )


@pytest.fixture
def next_hub(alliance: Alliance) -> Iterator[Hub]:
    hub = Hub(successor(), {}, alliance.clock)
    yield hub
    hub.close()


@pytest.fixture
def submitted(south: Member, tmp_path: Path) -> Member:
    """South has two contracts in the first epoch, one of which is settled."""
    submit(south, write(tmp_path / "loans.csv", loan(1), loan(2)), as_of=AS_OF)
    settle(south, "NA-000002")
    return south


def names_successor(alliance: Alliance, document: Any) -> None:
    answer = alliance.hub.alliance
    alliance.hub.routes[("GET", "/v1/alliance")] = lambda received: answer(received) | {"successor": document}


def reopened(member: Member, alliance: Alliance) -> Any:
    member.close()
    return open_member(member.home, PASSPHRASE, clock=alliance.clock, sleep=alliance.clock.sleep)


# Going over


def test_the_next_epoch_is_pinned_and_its_hub_used(
    alliance: Alliance, submitted: Member, next_hub: Hub
) -> None:
    before = submitted.keys.signing.public
    ended = renew(submitted, Successor(successor(), next_hub.url + "/"))

    assert (ended.contracts, ended.submissions, ended.statements, ended.questions) == (1, 0, 0, 0)
    with reopened(submitted, alliance) as member:
        assert member.settings.key_set == successor()
        assert (member.epoch, member.settings.hub) == (2, next_hub.url)
        assert (member.name, member.keys.signing.public) == (SOUTH, before)
        assert (member.settings.declared_portfolio, member.settings.control_group) == (100, SOUTH)


def test_in_the_new_epoch_no_contract_is_believed_to_be_there(
    alliance: Alliance, submitted: Member, next_hub: Hub
) -> None:
    live, settled = (contracts.ref(submitted.vault, f"NA-00000{n}") for n in (1, 2))
    subject = tokens.mark(submitted.vault, identifier(1).oprf_input)
    assert contracts.is_live(submitted.vault, live, subject)

    renew(submitted, Successor(successor(), next_hub.url))

    assert contracts.find(submitted.vault, live) is None
    assert contracts.count_live(submitted.vault) == 0
    assert not contracts.is_live(submitted.vault, live, subject)
    # What was paid is paid in every epoch.
    note = contracts.find(submitted.vault, settled)
    assert note is not None
    assert note.ended == "settled"


def test_tokens_and_statements_of_the_last_epoch_stay_and_are_not_mistaken(
    submitted: Member, next_hub: Hub
) -> None:
    inputs = [identifier(1).oprf_input]
    known = tokens.find(submitted.vault, 1, inputs)
    said = statements.list_statements(submitted.vault, 1)

    renew(submitted, Successor(successor(), next_hub.url))

    assert tokens.find(submitted.vault, 1, inputs) == known != {}
    assert tokens.find(submitted.vault, 2, inputs) == {}
    assert statements.list_statements(submitted.vault, 1) == said != []
    assert statements.list_statements(submitted.vault, 2) == []


def test_work_under_way_is_given_up_and_counted(
    alliance: Alliance, submitted: Member, next_hub: Hub, tmp_path: Path
) -> None:
    alliance.hub.routes[("POST", "/v1/statements")] = away
    with pytest.raises(Unavailable):
        settle(submitted, "NA-000001")
    alliance.hub.routes[("POST", "/v1/submissions")] = away
    with pytest.raises(Unavailable):
        submit(submitted, write(tmp_path / "more.csv", loan(3)), as_of=AS_OF)
    submitted.vault.db.execute("INSERT INTO questions VALUES (x'01', '2026-11-01T00:00:00Z')")
    submitted.vault.db.execute(
        "INSERT INTO manifests (request_id, question, sealed) VALUES ('r', x'01', x'02')"
    )
    submitted.vault.db.execute("INSERT INTO batches VALUES ('b', 1, x'02')")
    submitted.vault.db.commit()

    ended = renew(submitted, Successor(successor(), next_hub.url))

    assert (ended.contracts, ended.submissions, ended.statements, ended.questions) == (1, 1, 1, 1)
    assert outbox.header(submitted.vault) is None
    assert list(outbox.body(submitted.vault)) == []
    assert statements.list_drafted(submitted.vault) == set()
    for table in ("outbox_chunks", "outbox_records", "questions", "manifests", "batches", "drafts"):
        assert submitted.vault.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_the_last_key_set_stays_readable(alliance: Alliance, submitted: Member, next_hub: Hub) -> None:
    renew(submitted, Successor(successor(), next_hub.url))

    with reopened(submitted, alliance) as member:
        assert epochs.get_key_set(member.vault, 1) == OLD
        assert epochs.get_key_set(member.vault, 2) == successor()
        with pytest.raises(Refused, match="no key set of epoch 3"):
            epochs.get_key_set(member.vault, 3)


def test_the_member_enrols_anew_with_the_same_card(
    alliance: Alliance, submitted: Member, next_hub: Hub
) -> None:
    card = submitted.home.card
    before = enrol(submitted).fingerprint
    renew(submitted, Successor(successor(), next_hub.url))
    next_hub.forgets()

    with reopened(submitted, alliance) as member:
        standing = enrol(member)

    assert standing.fingerprint == before
    assert next_hub.enrolment is not None
    assert next_hub.enrolment.member == SOUTH
    assert before in card.read_text(encoding="utf-8")


def test_an_interrupted_step_changes_nothing(
    submitted: Member, next_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def killed(vault: Vault, where: str) -> int:
        if where == "questions":
            raise Killed
        return 0

    monkeypatch.setattr(epochs, "_count", killed)
    with pytest.raises(Killed):
        renew(submitted, Successor(successor(), next_hub.url))

    assert submitted.settings.key_set == OLD
    assert contracts.count_live(submitted.vault) == 1
    assert not submitted.vault.db.in_transaction


# What is refused, before anything is touched


REFUSED: dict[str, tuple[Callable[[], SignedKeySet], str]] = {
    "the pinned one": (lambda: OLD, "is the key set that is pinned already"),
    "another predecessor": (
        lambda: successor(predecessor=predecessor(key_set=b64(secret("another")))),
        "names another predecessor",
    ),
    "no predecessor": (lambda: successor(predecessor=None), "names another predecessor"),
    "one endorsement": (lambda: successor(2), "2 custodians of epoch 1 must endorse the key set, 1 did"),
    "one endorsement twice": (lambda: successor(2, 2), "2 custodians of epoch 1 must endorse"),
    "endorsed by its own": (
        lambda: msgspec.structs.replace(
            successor(),
            endorsements=tuple(endorse(new_witness(i), dealt(), custodian=i) for i in (1, 2, 3)),
        ),
        "must endorse the key set, 0 did",
    ),
    "endorsements of another": (
        lambda: msgspec.structs.replace(successor(), endorsements=successor(key_set=dealt(3)).endorsements),
        "must endorse the key set, 0 did",
    ),
    "not signed by all": (
        lambda: msgspec.structs.replace(successor(), signatures=successor().signatures[:2]),
        "3 custodians must sign",
    ),
    "real data": (lambda: successor(policy=Policy.for_real_data()), "made-up and real data never share"),
    "another alliance": (lambda: successor(key_set=dealt(2, "另一个联盟")), "of another alliance"),
    "an older epoch": (lambda: successor(epoch=1), "is of epoch 1, and epoch 1 is pinned"),
    "keys that do not fit": (
        lambda: successor(oprf=msgspec.structs.replace(dealt().oprf, public=dealt().oprf.publics[0])),
        "another OPRF key",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_key_set_that_does_not_follow_is_refused_with_the_reason(
    south: Member, next_hub: Hub, tmp_path: Path, name: str
) -> None:
    make, reason = REFUSED[name]
    signed = make()
    path = tmp_path / "next.json"
    path.write_bytes(msgspec.json.encode(signed))

    with pytest.raises(KeySetRefused, match=reason):
        read_successor(path, south.settings.key_set)
    with pytest.raises(KeySetRefused, match=reason):
        renew(south, Successor(signed, next_hub.url))

    assert (south.epoch, south.settings.hub) == (1, south.hub.address)
    assert next_hub.received == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff"])
def test_a_file_that_is_no_key_set_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "next.json"
    path.write_bytes(content)

    with pytest.raises(KeySetRefused, match="is no key set"):
        read_successor(path, OLD)
    with pytest.raises(KeySetRefused, match="cannot be read"):
        read_successor(tmp_path / "nowhere.json", OLD)


def test_a_hub_that_serves_another_key_set_is_refused(alliance: Alliance, submitted: Member) -> None:
    with pytest.raises(Untrusted, match="the next epoch's hub serves another key set"):
        renew(submitted, Successor(successor(), alliance.hub.url))

    assert contracts.count_live(submitted.vault) == 1


def test_a_hub_that_does_not_answer_yet_is_a_matter_of_time(submitted: Member, next_hub: Hub) -> None:
    next_hub.close()

    with pytest.raises(RetryLater):
        renew(submitted, Successor(successor(), next_hub.url))

    assert submitted.settings.key_set == OLD


@pytest.mark.parametrize("address", ["hub.example", "http://hub.example", ""])
def test_an_address_that_is_none_is_refused(south: Member, address: str) -> None:
    with pytest.raises(Refused):
        renew(south, Successor(successor(), address))


# Asking the hub


def test_the_hub_names_the_next_epoch(alliance: Alliance, south: Member, next_hub: Hub) -> None:
    names_successor(alliance, {"key_set": successor(), "address": next_hub.url})

    assert find_successor(south) == Successor(successor(), next_hub.url)


def test_a_hub_that_names_none_is_waited_for(alliance: Alliance, south: Member) -> None:
    with pytest.raises(NotYet, match="names no next epoch"):
        find_successor(south)

    names_successor(alliance, None)
    with pytest.raises(NotYet):
        find_successor(south)


def test_what_the_hub_names_must_follow(alliance: Alliance, south: Member, next_hub: Hub) -> None:
    names_successor(alliance, {"key_set": successor(2), "address": next_hub.url})

    with pytest.raises(KeySetRefused, match="the key set that the hub names: 2 custodians"):
        find_successor(south)


def test_a_next_epoch_of_newer_rules_disturbs_no_other_command(alliance: Alliance, south: Member) -> None:
    document = msgspec.to_builtins(successor())
    document["key_set"]["rules"] = 99
    names_successor(alliance, {"key_set": document, "address": "https://hub.example"})

    south.alliance()
    with pytest.raises(KeySetRefused, match="update the program"):
        find_successor(south)


# The command


def test_the_command_asks_the_hub_and_says_what_comes_next(
    alliance: Alliance,
    submitted: Member,
    home: Home,
    next_hub: Hub,
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names_successor(alliance, {"key_set": successor(), "address": next_hub.url})

    assert run("renew") == 64
    assert "--yes" in capsys.readouterr().err
    assert run("renew", "--yes") == 0
    shown = capsys.readouterr().out
    assert "from epoch 1 to epoch 2" in shown
    assert "Contracts to be submitted anew: 1" in shown
    assert "Next: alliance-member enrol, with the same card" in shown
    with Vault.open(home.vault, PASSPHRASE) as vault:
        assert vault.settings.key_set.key_set.epoch == 2
    assert run("renew", "--yes") == 3


def test_the_command_takes_a_file(
    alliance: Alliance,
    south: Member,
    next_hub: Hub,
    tmp_path: Path,
    run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "next.json"
    path.write_bytes(msgspec.json.encode(successor()))

    assert run("renew", "--key-set", path, "--yes") == 64
    assert "go together" in capsys.readouterr().err
    assert run("renew", "--key-set", path, "--hub", next_hub.url, "--yes") == 0


def away(received: object) -> object:
    raise Problem(503, "unavailable", "the hub's database is away")
