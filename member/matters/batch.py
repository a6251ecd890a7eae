"""A workbook of cases: one bundle a row, and one list of what keeps the other rows from being built.

In phases, so that the custodians' cosignature is waited for once and not for every row: all rows are read and
judged, then opened, then certified, then sealed. A good row goes on whatever is wrong with another; a row
whose bundle stands is left alone unless something about it has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from member.errors import Refused
from member.files import BadMapping, CannotWrite
from member.files.errors import UnreadableFile
from member.files.tables import write_table
from member.matters import building, office, opening
from member.matters.building import Signing
from member.matters.case_rows import CaseRow, read_rows
from member.matters.certificate import own_certificate
from member.matters.columns import shown
from member.matters.documents import COMMON, files_of, kind_of_file, said_of_file
from member.matters.draft import draft_of
from member.matters.evidence_list import PagesUnknown, Said
from member.matters.folder import Folder
from member.matters.profiles import BadProfile
from member.matters.reading import Lack
from member.matters.ready import Ready, look_at
from member.member import Member
from privacy.encoding import canonical
from privacy.errors import InvalidInputError
from privacy.periods import day_of

ERRORS = "errors.csv"
"""The list of what is wrong, in the folder of the bundles."""

_HEADER = ("行 row", "案件编号 case", "字段 field", "原因 reason", "处理 what to do")


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be built from a workbook, and with what."""

    cases: Path
    documents: Path | None
    out: Path
    common: Mapping[str, Any] = field(default_factory=dict)
    signing: Signing = field(default_factory=Signing)
    incomplete: bool = False
    again: bool = False


@dataclass(slots=True)
class Result:
    """What became of a workbook's rows."""

    rows: int = 0
    built: int = 0
    unchanged: int = 0
    failed: int = 0
    errors: Path | None = None

    @property
    def exit_code(self) -> int:
        """2 when rows were not built, else 0."""
        return 2 if self.failed else 0


@dataclass(frozen=True, slots=True)
class Work:
    """A row that is worked on."""

    row: CaseRow
    folder: Folder
    ready: Ready
    target: Path


def run(member: Member, batch: Batch) -> Result:
    """Build a bundle for every row of a workbook.

    Raises FileError for a workbook or folder that cannot be used, RetryLater when hub or custodians do not
    answer: what was done until then is done, and the same call goes on from there.
    """
    _require_folder(batch.out)
    running = _Run(member, batch)
    try:
        running.all()
    finally:
        running.write_errors()
    return running.result


def _require_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CannotWrite(f"{path}: no folder can be made here ({error.strerror})") from error


@dataclass(slots=True)
class _Run:
    """One pass over a workbook."""

    member: Member
    batch: Batch
    result: Result = field(default_factory=Result)
    problems: list[tuple[CaseRow, Lack]] = field(default_factory=list)
    silent: set[int] = field(default_factory=set)

    def all(self) -> None:
        """Go through the phases."""
        works = list(self.read())
        works = self.each("Opening matters", works, self.open)
        works = self.each("Certificates", works, self.certify)
        if works:
            works = self.each("Bundles", works, partial(self.seal, self.signing()))
        self.result.built = len(works)

    def read(self) -> Iterator[Work]:
        """Yield the rows that are to be built."""
        rows = list(read_rows(self.batch.cases, self.batch.common))
        self.result.rows = len(rows)
        with self.member.report.step("Cases", len(rows)) as advance:
            for row in rows:
                if (work := self.guarded(row, partial(self.look_at, row))) is not None:
                    yield work
                advance(1)

    def look_at(self, row: CaseRow) -> Work | None:
        """Judge one row; None for one whose bundle stands or that lacks something."""
        if row.lacks:
            self.refuse(row, row.lacks)
            return None
        files = self.files(row)
        if files is None:
            return None
        reference = _reference(self.member, row)
        folder = opening.begin(self.member, reference, row.document, None, source="the row")
        folder.set_documents(files, self.member.clock())
        ready = look_at(folder, day_of(self.member.clock()))
        if ready.case is None or (ready.lacks and not self.batch.incomplete):
            self.refuse(row, [Lack(shown(each.where), each.reason, each.do) for each in ready.lacks])
            return None
        target = self.batch.out / f"{row.case}.zip"
        if not self.batch.again and building.find_current(self.member, ready, target) is not None:
            self.result.unchanged += 1
            return None
        return Work(row, folder, ready, target)

    def files(self, row: CaseRow) -> list[tuple[Path, Said]] | None:
        """Return a row's documents, those of all cases first; None when one is of no known kind."""
        found, unknown = [], []
        for path in _files(self.batch.documents, row.case):
            kind = kind_of_file(path)
            if kind is None:
                unknown.append(path)
            else:
                found.append((path, said_of_file(path, kind, self.member.name)))
        self.refuse(
            row,
            [
                Lack(path.name, "its name does not begin with a kind of document", "rename it: 合同-1.pdf")
                for path in unknown
            ],
        )
        return None if unknown else found

    def open(self, work: Work) -> Work:
        """Open a row's matter at the hub."""
        opening.tell(self.member, work.folder, silent=self.silent)
        return work

    def certify(self, work: Work) -> Work:
        """Have a row's matter certified."""
        office.certify(self.member, work.folder.path.name, building.KINDS)
        return work

    def signing(self) -> Signing:
        """Return with what to sign; the member's own certificate is read from the vault once for all rows."""
        given = self.batch.signing
        own = given.certificate or own_certificate(self.member.vault, at=self.member.clock())
        return Signing(given.authority, own)

    def seal(self, signing: Signing, work: Work) -> Work:
        """Write a row's bundle."""
        building.seal(self.member, work.ready, work.target, signing)
        return work

    def each(self, title: str, works: Sequence[Work], act: Callable[[Work], Work]) -> list[Work]:
        """Do something with every row; return those with which it went well."""
        with self.member.report.step(title, len(works)) as advance:
            done = []
            for work in works:
                if self.guarded(work.row, partial(act, work)) is not None:
                    done.append(work)
                advance(1)
        return done

    def guarded(self, row: CaseRow, act: Callable[[], Work | None]) -> Work | None:
        """Do something with a row; what is wrong with it alone goes on the list."""
        try:
            return act()
        except InvalidInputError as error:
            self.refuse(row, [Lack(shown(error.field), str(error), "correct the cell")])
        except Refused as error:
            self.refuse(row, [Lack(error.rule, str(error), "correct it, or ask the secretariat")])
        except (BadMapping, BadProfile, PagesUnknown, UnreadableFile) as error:
            self.refuse(row, [Lack("", str(error), "correct the row or the file")])
        return None

    def refuse(self, row: CaseRow, lacks: Sequence[Lack]) -> None:
        """Put what is wrong with a row on the list."""
        if lacks:
            self.result.failed += 1
            self.problems += [(row, lack) for lack in lacks]

    def write_errors(self) -> None:
        """Write the list, in the rows' order; an earlier one goes when there is nothing to say."""
        path = self.batch.out / ERRORS
        if not self.problems:
            path.unlink(missing_ok=True)
            return
        ordered = sorted(self.problems, key=lambda each: each[0].number)
        rows = [(str(row.number), row.case, lack.where, lack.reason, lack.do) for row, lack in ordered]
        write_table(path, _HEADER, rows)
        self.result.errors = path


def _reference(member: Member, row: CaseRow) -> str:
    """Return the matter's reference: the same for the same case and debtor, and nothing for whoever reads it.

    A keyed hash, because a debtor's number could be found from any other; of no more than what the matter is
    about, so that a row that is run again finds its matter.
    """
    draft = draft_of(row.document, "the row")
    about = [
        opening.kind_of(draft).value,
        row.case,
        *opening.debtor_of(draft, synthetic=member.key_set.policy.synthetic).oprf_input.decode().split("|"),
        *opening.contracts_of(draft),
    ]
    return f"B{member.vault.mark('matter', canonical(about)).hex()[:20]}"


def _files(folder: Path | None, case: str) -> Iterator[Path]:
    if folder is None:
        return
    for name in (*COMMON, case):
        yield from files_of(folder / name)
