"""One report as a sheet: page one, the annexes, and the box for its signature."""

from __future__ import annotations

from member.matters.report.annexes import annexes
from member.matters.report.facts import Facts
from member.matters.report.first_page import first_page
from member.matters.report.tongue import Tongue
from paper.blocks import Language, Sheet


def report(facts: Facts, language: Language) -> Sheet:
    """Return a bundle's report in one language; the same facts give the same sheet."""
    say, case = Tongue(language), facts.case
    at = say.instant(facts.at)
    return Sheet(
        title=say("证据包说明报告", "Report on an evidence bundle"),
        subtitle=say(
            f"案件编号 {case.matter} · 制作人 {case.member} · 制作时间 {at} · 时间均为北京时间",
            f"Matter {case.matter} · made by {case.member} · {at} · all times are Beijing's (UTC+8)",
        ),
        blocks=(*first_page(facts, say), *annexes(facts, say)),
        foot=f"{case.matter}  {case.member}",
        language=language,
        banner=_banner(facts, say),
        signature=_signature(facts, say),
        author=case.member,
        at=facts.at,
    )


def _banner(facts: Facts, say: Tongue) -> str:
    if not facts.key_set.policy.synthetic:
        return ""
    return say(
        "演示数据：其中的人、机构和金额均系虚构",
        "Made-up data: no person, firm or amount in it is real",
    )


def _signature(facts: Facts, say: Tongue) -> tuple[str, ...]:
    signer = facts.certificate
    made = say(
        "（证书由提出方自行制作）" if signer.own else "",
        " (a certificate of its own make)" if signer.own else "",
    )
    return (
        say(
            f"本报告由 {signer.holder} 于{say.instant(facts.at)}以数字证书签署{made}。点击此处查看签名。",
            f"Signed by {signer.holder} at {say.instant(facts.at)}{made}. Click here to see the signature.",
        ),
        say("证书 SHA-256：", "Certificate SHA-256: ") + signer.fingerprint,
    )
