"""Whether a matter has all that its filing profile wants: what is missing, too big or of the wrong type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from member.matters.application import says
from member.matters.case import Case
from member.matters.evidence_list import Listed
from member.matters.profiles import Annex, Profile
from member.matters.reading import Lack


@dataclass(frozen=True, slots=True)
class Copies:
    """How many copies of an annex are handed in on paper."""

    label: str
    documents: int
    copies: int


def lacks_of(profile: Profile, case: Case | None, listed: Sequence[Listed]) -> list[Lack]:
    """Return what the profile wants and the matter has not; a case that is not whole yet is judged later."""
    return [
        *(_of_form(profile, case, listed) if case else ()),
        *(lack for annex in profile.annexes for lack in _of_annex(annex, listed)),
        *_of_documents(profile, listed),
        *_of_limits(profile, listed),
    ]


def copies_of(profile: Profile, respondents: int, listed: Sequence[Listed]) -> list[Copies]:
    """Return how many copies of each annex that has documents are handed in on paper."""
    return [
        Copies(annex.label.zh, len(mine), annex.copies + annex.copies_each * respondents)
        for annex in profile.annexes
        if (mine := _documents_of(annex, listed))
    ]


def _of_form(profile: Profile, case: Case, listed: Sequence[Listed]) -> Iterator[Lack]:
    items = [each.item for each in listed]
    for section in profile.form.sections if profile.form else ():
        for entry in section.fields:
            if entry.required and says(entry.field, case, items) is None:
                yield Lack(entry.field, f"the form asks for it: {entry.label}", "write it into the case file")


def _of_annex(annex: Annex, listed: Sequence[Listed]) -> Iterator[Lack]:
    mine = _documents_of(annex, listed)
    where = f"{annex.label.zh} / {annex.label.en}"
    if annex.required and not mine:
        kinds = " or ".join(annex.accepts)
        yield Lack(where, "no document of this kind", f"alliance-member matters add ... --kind {kinds}")
    for each in mine:
        kind = PurePosixPath(each.item.path).suffix.removeprefix(".")
        if kind not in annex.types:
            yield Lack(
                _number(each), f"a .{kind} file is not taken for it", f"add it as {', '.join(annex.types)}"
            )


def _of_documents(profile: Profile, listed: Sequence[Listed]) -> Iterator[Lack]:
    for each in listed:
        if profile.annex_of(each.kind) is None:
            yield Lack(
                _number(each),
                f"this filing takes no documents of kind {each.kind}",
                "remove it, or add it as another kind",
            )


def _of_limits(profile: Profile, listed: Sequence[Listed]) -> Iterator[Lack]:
    limits = profile.limits
    for each in listed:
        if each.item.size > limits.file_bytes:
            yield Lack(
                _number(each),
                f"{_megabytes(each.item.size)}, and a file may have {_megabytes(limits.file_bytes)}",
                "scan it with less resolution, or split it",
            )
        if len(PurePosixPath(each.item.path).name) > limits.name_length:
            yield Lack(
                _number(each),
                f"its file name has more than {limits.name_length} letters",
                "give a shorter name",
            )
    total = sum(each.item.size for each in listed)
    if total > limits.total_bytes:
        yield Lack(
            "documents",
            f"{_megabytes(total)} in all, and {_megabytes(limits.total_bytes)} are taken",
            "leave out what is not needed, or hand in recordings on a disc",
        )
    if len(listed) > limits.files:
        yield Lack("documents", f"{len(listed)} files, and {limits.files} are taken", "join some of them")


def _documents_of(annex: Annex, listed: Sequence[Listed]) -> list[Listed]:
    return [each for each in listed if each.kind in annex.accepts]


def _number(listed: Listed) -> str:
    return f"document {listed.item.number}"


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MB"
