"""Whether a matter can be built: its case counted, its documents judged, all that is missing in one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from member.matters.application import application
from member.matters.case import Case
from member.matters.completeness import lacks_of
from member.matters.draft import Draft
from member.matters.evidence_list import Listed
from member.matters.folder import Folder, Prepared
from member.matters.preparing import prepare
from member.matters.profiles import Profile
from member.matters.reading import Lack
from member.matters.state import Opened


@dataclass(frozen=True, slots=True)
class Ready:
    """A matter as it stands: `case` is None while the case file says too little for one."""

    folder: Folder
    opened: Opened
    profile: Profile
    listed: tuple[Listed, ...]
    case: Case | None
    lacks: tuple[Lack, ...]

    def prepared(self) -> Prepared | None:
        """Return the matter as it goes into a bundle, None while there is no case."""
        if self.case is None:
            return None
        form, items = self.profile.form, [each.item for each in self.listed]
        return self.folder.prepared(self.case, application(form, self.case, items) if form else None)


def look_at(folder: Folder, today: date) -> Ready:
    """Judge a matter on a day; raises BadMapping for a case file that cannot be read at all."""
    opened, profile, draft = folder.opened(), folder.profile(), folder.draft()
    listed = folder.documents().listed
    case, lacks = prepare(draft, opened.subject(), profile=profile.name, today=today)
    lacks += _unlisted(draft, listed)
    lacks += lacks_of(profile, case, listed)
    return Ready(folder, opened, profile, listed, case, tuple(lacks))


def _unlisted(draft: Draft, listed: Sequence[Listed]) -> list[Lack]:
    """Say which events name a number that the evidence list does not have."""
    return [
        Lack(f"events[{index}].item", "the evidence list has no such number", "correct it, or leave it out")
        for index, each in enumerate(draft.events)
        if each.item is not None and not 1 <= each.item <= len(listed)
    ]
