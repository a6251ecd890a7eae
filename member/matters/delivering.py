"""A bundle is handed over: written down here, reported to the hub by its seal, and noted on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from member.errors import Refused
from member.files.atomic import replacing
from member.matters import office
from member.matters.building import why_superseded
from member.matters.evidence_list import taken_of
from member.matters.folder import Folder
from member.matters.state import Built, Delivery, Opened
from member.matters.wording import chinese_day
from member.member import Member
from privacy.encoding import instant_text, unb64
from privacy.periods import SHANGHAI


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was handed over, and the note that the receiver signs."""

    note: Path
    seal: str
    """SHA-256 of its seal.json, hexadecimal."""
    superseded: str | None
    """Why the hub says that the bundle is out of date, if it does."""


def deliver(member: Member, folder: Folder, bundle: Path, to: str, who: str, note: Path) -> Delivered:
    """Report that a bundle was handed over, and write the delivery note.

    Raises Refused for a file that is not, byte for byte, a bundle of this matter, and FileError.
    """
    opened, taken = folder.opened(), taken_of(bundle)
    built = next((each for each in opened.bundles if each.digest == taken.sha256), None)
    if built is None:
        raise Refused(
            f"{bundle.name} is not, byte for byte, a bundle that was built of this matter: build it again",
            rule="bundle",
        )
    at = member.clock()
    office.report_delivered(member, opened.reference, seal=unb64(built.seal), delivered_at=at)
    _keep(folder, opened, built, Delivery(to, instant_text(at)))
    folder.log(who, f"交付给{to} / handed to {to}", at, taken.sha256)
    with replacing(note) as beside:
        beside.write_bytes(_note(opened, built, bundle.name, taken.size, to, who, at))
    return Delivered(note, unb64(built.seal).hex(), why_superseded(member, folder, built))


def in_groups(digest: str) -> str:
    """Return a hexadecimal digest in groups of four, to be read out and compared."""
    return " ".join(digest[start : start + 4] for start in range(0, len(digest), 4))


def _keep(folder: Folder, opened: Opened, built: Built, delivery: Delivery) -> None:
    handed = msgspec.structs.replace(built, deliveries=(*built.deliveries, delivery))
    bundles = tuple(handed if each.digest == built.digest else each for each in opened.bundles)
    folder.keep(msgspec.structs.replace(opened, bundles=bundles))


def _note(opened: Opened, built: Built, name: str, size: int, to: str, who: str, at: datetime) -> bytes:
    """Return the delivery note as a PDF: what was handed to whom, and room for the receiver's hand."""
    # Here and not above: pages need a font and a library that few commands need.
    from paper.blocks import Code, Facts, Heading, Language, Paragraph, Sheet, Space, Tone
    from paper.sheet import render

    local = at.astimezone(SHANGHAI)
    return render(
        Sheet(
            title="证据包交接单",
            subtitle="Delivery note",
            language=Language.CHINESE,
            blocks=(
                Facts(
                    (
                        ("事项 matter", opened.reference),
                        ("交付方 from", f"{opened.member}（{who}）"),
                        ("接收方 to", to),
                        ("交付时间 at", f"{chinese_day(local.date())} {local:%H:%M}（北京时间）"),
                        ("文件 file", f"{name}（{size:,} 字节）"),
                    )
                ),
                Heading("文件摘要 SHA-256 of the file", 2),
                Code((in_groups(built.digest),)),
                Heading("封签 seal（seal.json 的 SHA-256）", 2),
                Code((in_groups(unb64(built.seal).hex()),)),
                Paragraph(
                    "接收方收到文件后，请核对以上摘要，并用 alliance-verify 或者核验网页核验；"
                    "核验所需的 trust.json 请向托管方索取，不要使用与证据包一同交来的文件。",
                    Tone.SMALL,
                ),
                Space(36),
                Facts((("接收人签名", ""), ("日期", "　　　　年　　月　　日"))),
            ),
            foot=opened.reference,
            author=opened.member,
        )
    )
