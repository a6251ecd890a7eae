"""A custodian that starts from a cut's checkpoint: the same state, or none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from custodian import state
from custodian.errors import OperatorError, Stale
from privacy.encoding import b64
from privacy.keyset import Policy
from privacy.matching import Reason, Status
from privacy.statements import Cohorts, CutSignature, SignedStatement
from tests.custodian.state.watch import Watch
from tests.feeds import BY_THE_DAY, LI, WANG, ZHANG, Alliance, Member

FOUR_DAYS: Policy = msgspec.structs.replace(BY_THE_DAY, record_days=4)


class Story(NamedTuple):
    """A custodian that followed the whole feed, its members, and the checkpoint of the newest cut."""

    watch: Watch
    members: list[Member]
    position: int
    file: bytes

    @property
    def alliance(self) -> Alliance:
        return self.watch.alliance

    @property
    def signatures(self) -> list[SignedStatement]:
        """What custodians 1, 2 and 3 have signed under the cut."""
        return signatures_under(self.alliance, self.position)

    def starts(
        self,
        file: bytes | None = None,
        signatures: list[SignedStatement] | None = None,
        *,
        into: Watch | None = None,
    ) -> Watch:
        """Start another custodian from the checkpoint."""
        begun, content = into or Watch(self.alliance), BytesIO(self.file if file is None else file)
        given = self.signatures if signatures is None else signatures
        state.checkpoint.read(content, begun.db, self.alliance.key_set, given)
        return begun


def signatures_under(alliance: Alliance, position: int) -> list[SignedStatement]:
    """The signatures on the feed under the cut at a position, in the feed's order."""
    said = [(entry.statement, entry.statement.statement.body) for entry in alliance.entries]
    return [each for each, body in said if isinstance(body, CutSignature) and body.position == position]


def tell() -> Story:
    """Days with all that a state can hold: blocks, ends, expiry, keys, forgetting, a cut signed late."""
    alliance = Alliance(FOUR_DAYS)
    _, south, west = members = [alliance.enrols(name) for name in ("北辰", "南山", "西河")]
    watch = Watch(alliance)
    for member in members:
        member.agrees()
        member.submits(*(member.record(who, who.name) for who in (LI, WANG, ZHANG)))
    first = watch.opens_period()
    south.rotates("second")
    west.holds(ZHANG.name)
    south.settles(LI.name)
    for _ in range(2):
        watch.opens_period(days=1)
    alliance.custodians[2].says(Cohorts(period=first, root=b64(bytes(32)), size=1))

    late = cut(watch)
    alliance.signs_cut(late, by=[1, 3])
    for member in members:
        member.submits(member.record(LI, "new"), member.record(WANG, WANG.name))
    alliance.suspends(west)
    newest = cut(watch)
    state.checkpoint.write(watch.db, file := BytesIO())
    alliance.signs_cut(newest)
    alliance.signs_cut(late, by=[2])
    watch.follows()
    return Story(watch, members, newest.position, file.getvalue())


def cut(watch: Watch) -> CutSignature:
    """Let a day pass and cut; return what is to be signed."""
    watch.alliance.passes(days=1)
    watch.alliance.cuts()
    assert watch.verdict() is None
    body = state.cut_to_sign(watch.db, 1)
    assert body is not None
    return body


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


# Going on from there


def test_who_starts_there_comes_to_the_same_state_as_who_followed_everything() -> None:
    story = tell()
    begun, whole, alliance = story.starts(), story.watch, story.alliance
    assert state.head(begun.db).position == story.position < state.head(whole.db).position
    begun.follows()
    assert state.state_digest(begun.db) == state.state_digest(whole.db)
    assert state.account(begun.db, "北辰")["cuts"] == state.account(whole.db, "北辰")["cuts"]

    north, south, west = story.members
    south.settles(WANG.name)
    alliance.resumes(west)
    for _ in range(4):
        body = cut(whole)
        begun.follows()
        assert state.cut_to_sign(begun.db, 1) == body  # the same root, the same digest
        alliance.signs_cut(body)
        for member in story.members:
            member.submits(member.record(ZHANG, "more"))
        for custodian in (whole, begun):
            custodian.follows()
        asked = north.asks(LI, WANG, ZHANG)
        assert begun.judges(asked) == whole.judges(asked)
    for member in story.members:
        deleted = state.deletions(whole.db, member.name)
        assert deleted == state.deletions(begun.db, member.name)
        assert sum(each.size for each in deleted) >= 3
    bodies = "SELECT * FROM records LEFT JOIN contributions ON record = id ORDER BY id"
    assert begun.db.execute(bodies).fetchall() == whole.db.execute(bodies).fetchall()


def test_what_is_forgotten_as_soon_as_the_cut_takes_effect_is_left_out() -> None:
    """Or the file would keep what the custodian, that same day, certifies to have erased."""
    alliance = Alliance(FOUR_DAYS)
    north = alliance.enrols("北辰")
    watch = Watch(alliance)
    ended, newer = north.record(LI, "ended"), north.record(WANG, "newer")
    north.submits(ended, newer)
    watch.opens_period()
    north.settles("ended")
    alliance.passes(hours=1)
    watch.opens_period(days=1)
    newest = cut(watch)
    state.checkpoint.write(watch.db, file := BytesIO())
    bodies = gzip.decompress(file.getvalue()).partition(b'"bodies"\n')[2]
    assert newer.contribution.encode() in bodies
    assert ended.pseudonym.encode() not in bodies
    assert ended.contribution.encode() not in bodies

    alliance.signs_cut(newest)
    watch.follows()
    begun = Watch(alliance)
    signatures = signatures_under(alliance, newest.position)
    state.checkpoint.read(BytesIO(file.getvalue()), begun.db, alliance.key_set, signatures)
    begun.follows()
    assert state.state_digest(begun.db) == state.state_digest(watch.db)
    assert [each.size for each in state.deletions(begun.db, "北辰")] == [1]


def test_it_judges_at_once_by_the_cut_before_and_at_no_older_position(story: Story) -> None:
    begun, (north, *_) = story.starts(), story.members
    asked = north.asks(LI, WANG, period="2026-11-03")
    at_its_cut = Watch(story.alliance)
    with at_its_cut.db:
        for entry in story.alliance.entries[: story.position]:
            state.apply(at_its_cut.db, story.alliance.key_set, entry)
    expected = state.judge(at_its_cut.db, story.alliance.key_set, asked, story.position)
    words = [each.reason or each.status for each in expected.verdicts]
    assert words == [Reason.TOO_FEW_CONTRIBUTORS, Reason.CHANGED]
    assert state.judge(begun.db, story.alliance.key_set, asked, story.position) == expected
    with pytest.raises(Stale):
        state.judge(begun.db, story.alliance.key_set, asked, story.position - 1)


def test_a_started_custodian_writes_the_same_checkpoint(story: Story) -> None:
    state.checkpoint.write(story.starts().db, again := BytesIO())
    assert again.getvalue() == story.file


def test_it_is_kept_in_the_file(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(story.starts(into=Watch(story.alliance, path)).db):
        pass
    with closing(state.open_state(path)) as db:
        assert state.head(db).position == story.position
        assert state.account(db, "北辰")["live_records"] > 0


def test_a_checkpoint_is_written_where_a_cut_stands_at_the_head(story: Story) -> None:
    with pytest.raises(OperatorError, match="none stands at this head"):
        state.checkpoint.write(story.watch.db, BytesIO())


def test_pages_of_records_are_read_whole(monkeypatch: pytest.MonkeyPatch, story: Story) -> None:
    monkeypatch.setattr(state.checkpoint, "_PAGE", 4)
    test_a_started_custodian_writes_the_same_checkpoint(story)


# Refused


def refused(story: Story, file: bytes | None = None, signatures: list[SignedStatement] | None = None) -> str:
    """Start from something else; return why not, and check that nothing was changed."""
    begun = Watch(story.alliance)
    nothing = state.state_digest(begun.db)
    with pytest.raises(OperatorError) as error:
        story.starts(file, signatures, into=begun)
    assert state.state_digest(begun.db) == nothing
    assert not begun.db.in_transaction
    return str(error.value)


def lines_of(story: Story) -> list[bytes]:
    return gzip.decompress(story.file).splitlines(keepends=True)


def test_one_changed_byte_in_any_line_is_refused(story: Story) -> None:
    lines = lines_of(story)
    sections = [line for line in lines if line.startswith(b'"')]
    assert len(sections) == 16
    assert all(lines[lines.index(line) + 1][:1] == b"[" for line in sections)
    for number, line in enumerate(lines):
        middle = len(line) // 2
        changed = line[:middle] + bytes([line[middle] ^ 1]) + line[middle + 1 :]
        refused(story, gzip.compress(b"".join([*lines[:number], changed, *lines[number + 1 :]])))


def test_one_changed_character_in_any_part_of_a_body_is_refused(story: Story) -> None:
    lines = lines_of(story)
    *_, last = lines
    body = json.loads(last)
    for place, value in enumerate(body):
        other = value + 1 if place == 0 else ("B" if value[0] == "A" else "A") + value[1:]
        changed = json.dumps([*body[:place], other, *body[place + 1 :]]).encode() + b"\n"
        assert "damaged" in refused(story, gzip.compress(b"".join([*lines[:-1], changed])))


def bodies_swapped(lines: list[bytes]) -> list[bytes]:
    """The last two records with each other's contributions."""
    one, two = (json.loads(line) for line in lines[-2:])
    one[4], two[4] = two[4], one[4]
    return [*lines[:-2], *(json.dumps(body).encode() + b"\n" for body in (one, two))]


def a_hold_left_out(lines: list[bytes]) -> list[bytes]:
    start = lines.index(b'"holds"\n')
    return [*lines[: start + 1], *lines[start + 2 :]]


CHANGES: dict[str, tuple[Callable[[list[bytes]], list[bytes]], str]] = {
    "a hold left out": (a_hold_left_out, "has not signed"),
    "contributions swapped": (bodies_swapped, "damaged"),
    "a record twice": (lambda lines: [*lines, lines[-1]], "damaged"),
    "a body missing": (lambda lines: lines[:-1], "damaged"),
    "no bodies": (lambda lines: lines[: lines.index(b'"bodies"\n')], "damaged"),
    "no rows of bodies": (lambda lines: lines[: lines.index(b'"bodies"\n') + 1], "damaged"),
    "another section": (lambda lines: [*lines, b'"more"\n', b"[1]\n"], "damaged"),
    "a line without an end": (lambda lines: [*lines[:-1], lines[-1].rstrip()], "damaged"),
    "a section first": (lambda lines: [b'"authors"\n', *lines], "damaged"),
    "a number that no column holds": (
        lambda lines: [lines[0], b'[%d,"",""]\n' % 2**70],
        "damaged",
    ),
    "a text that is no UTF-8": (lambda lines: [lines[0], b'[1,"\xff",""]\n'], "damaged"),
    "a line without an end in sight": (lambda lines: [b'"' + b"a" * 2_000_000 + b'"\n'], "damaged"),
    "a name alone": (lambda lines: [b'"feed"\n'], "has not signed"),
    "nothing": (lambda lines: [], "has not signed"),
}


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES)
def test_another_checkpoint_is_refused(
    story: Story, change: Callable[[list[bytes]], list[bytes]], reason: str
) -> None:
    assert reason in refused(story, gzip.compress(b"".join(change(lines_of(story)))))


FILES: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda file: file[:-20],
    "without its checksum": lambda file: file[:-8],
    "no gzip": lambda file: b"not gzip" + file,
    "a bit flipped": lambda file: file[:500] + bytes([file[500] ^ 1]) + file[501:],
    "with something behind it": lambda file: file + b"more",
}


@pytest.mark.parametrize("change", FILES.values(), ids=FILES)
def test_another_file_is_refused(story: Story, change: Callable[[bytes], bytes]) -> None:
    assert refused(story, change(story.file))


def test_all_custodians_must_have_signed(story: Story) -> None:
    one, two, three = story.signatures
    assert "custodian 3 has not signed" in refused(story, signatures=[one, two])
    assert "custodian 1 has not signed" in refused(story, signatures=[two, three, two])
    assert "custodian 1 has not signed" in refused(story, signatures=[])


def test_a_signature_counts_for_this_state_and_its_own_custodian_only(story: Story) -> None:
    alliance, (one, two, three) = story.alliance, story.signatures
    party, body = alliance.custodians[3], three.statement.body
    assert isinstance(body, CutSignature)
    of_another_state = msgspec.structs.replace(body, state_digest=b64(bytes(32)))
    for other in (
        party.signs(of_another_state),
        party.signs(body, key=alliance.custodians[2].key),
        party.signs(body, author="custodian/2"),
        party.signs(body, epoch=2),
        party.signs(body, alliance="别的联盟"),
        party.signs(Cohorts(period=body.period, root=body.state_digest, size=1)),
        msgspec.structs.replace(three, signature=two.signature),
    ):
        assert "custodian 3 has not signed" in refused(story, signatures=[one, two, other])
    assert story.starts(signatures=[three, other, two, one]).live("北辰") > 0


def test_a_state_that_has_followed_a_feed_is_not_filled(story: Story) -> None:
    watch = Watch(story.alliance)
    watch.follows()
    before = state.state_digest(watch.db)
    with pytest.raises(OperatorError, match="not empty"):
        story.starts(into=watch)
    assert state.state_digest(watch.db) == before


def test_the_answers_are_those_of_the_first_custodian() -> None:
    story = tell()
    begun, (north, *_) = story.starts(), story.members
    begun.follows()
    asked = north.asks(LI, WANG)
    assert begun.says(asked) == story.watch.says(asked) == [Reason.CHANGED, Reason.CHANGED]
    story.alliance.resumes(story.members[2])
    for watch in (story.watch, begun):
        watch.follows()
    story.watch.opens_period(days=1)
    asked = north.asks(LI, WANG)
    assert begun.says(asked) == story.watch.says(asked) == [Status.OPEN, Status.OPEN]
