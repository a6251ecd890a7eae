"""How a report is checked: programs to run, fingerprints to compare, log entries to look up."""

from __future__ import annotations

from collections.abc import Iterator

from member.matters.report.facts import Facts
from member.matters.report.tongue import ENTRIES, Tongue
from paper.blocks import Block, Code, Column, Paragraph, Points, Table, Tone
from paper.blocks import Facts as Pairs
from privacy import signing
from privacy.encoding import b64


def verification(facts: Facts, say: Tongue) -> Iterator[Block]:
    """Yield how anybody checks the bundle, and the fingerprints that custodians confirm."""
    matter = facts.case.matter
    yield say.heading(10, "如何核验", "How to verify")
    yield Points(
        (
            say(
                "向任何一家托管方索取信任文件 trust.json（由托管方运行 alliance-custodian trust 生成）。"
                "信任文件不在证据包内，也不应由提出方提供。",
                "Ask any custodian for the trust file trust.json (it runs alliance-custodian trust). It is "
                "not in the bundle, and whoever hands in the bundle should not be the one who gives it.",
            ),
            say(
                "浏览器：打开 alliance_verify.html，选择证据包和信任文件，无须联网，无须安装。",
                "In a browser: open alliance_verify.html and choose bundle and trust file; nothing is "
                "installed or sent anywhere.",
            ),
            say(
                "或者用 Python 运行下列指令，各项主张逐一显示成立、不成立或者不在此核验。",
                "Or with Python, as below: for each claim it says whether it holds, fails, or is not checked "
                "there.",
            ),
        ),
        mark="",
    )
    language = say("zh", "en")
    commands = [f"python3 alliance_verify.py {matter}.zip --trust trust.json --lang {language}"]
    commands += [f"unzip {matter}.zip && bagit.py --validate {matter}"]
    if facts.stamped:
        commands.append(
            f"openssl ts -verify -data {matter}/tagmanifest-sha256.txt -in {matter}/seal.tsr "
            "-CAfile ROOTS.pem"
        )
    commands.append(f"pyhanko sign validate --pretty-print {matter}/data/report.{language}.pdf")
    yield Code(tuple(commands))
    yield Paragraph(
        say(
            "下列指纹应当与托管方所示一致：",
            "These fingerprints must be those that the custodians show:",
        )
    )
    yield Pairs(tuple(_fingerprints(facts, say)), code=True)


def _fingerprints(facts: Facts, say: Tongue) -> Iterator[tuple[str, str]]:
    yield say("密钥集", "Key set"), b64(facts.key_set.digest)
    for index in range(1, facts.key_set.count + 1):
        witness = facts.key_set.witness(index)
        yield say(f"第{index}托管方", f"Custodian {index}"), signing.fingerprint("custodian", witness)


def entries(facts: Facts, say: Tongue) -> Iterator[Block]:
    """Yield the log entries that the bundle shows, and the checkpoint above them."""
    yield say.heading(11, "日志条目", "Log entries")
    yield Paragraph(
        say(
            f"检查点：日志{facts.note.checkpoint.size}条，根值 {facts.note.checkpoint.root.hex()}。",
            f"Checkpoint: {facts.note.checkpoint.size} entries, root {facts.note.checkpoint.root.hex()}.",
        ),
        Tone.SMALL,
    )
    columns = (
        Column(say("序号", "Entry"), 1),
        Column(say("类别", "Kind"), 2),
        Column(say("时间", "When"), 3),
        Column(say("叶值（base64url）", "Leaf (base64url)"), 5.2, code=True),
    )
    rows = tuple(
        (
            str(proof.index),
            say.word(ENTRIES.get(str(proof.receipt.entry["kind"])), str(proof.receipt.entry["kind"])),
            say.instant(str(proof.receipt.entry["at"])),
            proof.receipt.leaf,
        )
        for proof in facts.proofs
    )
    yield Table(columns, rows)
