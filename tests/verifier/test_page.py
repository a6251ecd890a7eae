"""The page for a court's browser, opened from a file in a real Chromium: as the Python verifier judges."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from privacy.encoding import b64, canonical
from tests.verifier import making
from tests.verifier.story import FIRST_KEY, told
from verifier import alliance_verify as verifier

PAGE = Path(verifier.__file__).with_suffix(".html")
SOURCE = PAGE.read_text(encoding="utf-8")
Judge = Callable[[bytes], None]


@pytest.fixture
def judge(page: Page, trust: Path, tmp_path: Path) -> Judge:
    """Open the page with the custodian's trust file, and hand in bundles."""
    page.goto(PAGE.as_uri())
    page.set_input_files("#trust", trust)

    numbers = count(1)

    def hand_in(data: bytes) -> None:
        # A name of its own, by which the report is known to be this one's.
        bundle = tmp_path / f"bundle-{next(numbers)}.zip"
        bundle.write_bytes(data)
        page.set_input_files("#bundle", bundle)
        expect(page.locator("#facts")).to_contain_text(bundle.name)

    return hand_in


def found(page: Page) -> list[tuple[str, str]]:
    """Return the state and title of every claim that the page shows."""
    lines = page.locator("#claims li")
    return [(line.get_attribute("class") or "", line.locator(".title").inner_text()) for line in lines.all()]


def test_a_sound_bundle_is_green_in_both_languages(page: Page, judge: Judge) -> None:
    judge(making.zipped(making.draft().sealed()))
    assert [state for state, _ in found(page)] == ["holds"] * 9
    expect(page.locator("#verdict")).to_contain_text("在此核验的各项主张全部成立")
    expect(page.locator("#facts")).to_contain_text("2026-11-03 10:00:00 UTC+8 (2026-11-03T02:00:00Z)")
    expect(page.locator("#facts")).to_contain_text(verifier.fingerprint(making.trust()["witnesses"][0]))
    expect(page.locator("#outside li")).to_have_count(4)
    page.click("#language")
    expect(page.locator("#verdict")).to_contain_text("Every claim that is checked here holds")
    expect(page.locator("#verdict")).to_contain_text("The debt itself is not proved by this.")
    expect(page.locator("#outside")).to_contain_text("python3 alliance_verify.py")
    chinese = re.compile("[\u4e00-\u9fff]+")
    assert set(chinese.findall(page.inner_text("#claims"))) <= {"南方小贷"}


def damaged(path: str, place: int = -3) -> bytes:
    """Return a bundle with one byte of a file changed, in a container that fits."""
    files = making.draft().sealed()
    data = bytearray(files[path])
    data[place] ^= 1
    return making.zipped({**files, path: bytes(data)})


def another_signature() -> bytes:
    """Return a bundle whose seal has another signature, in the one spelling of base64."""
    files = making.draft().sealed()
    data = bytearray(files["seal.json"])
    data[-20] = ord("B" if data[-20] == ord("A") else "A")
    return making.zipped({**files, "seal.json": bytes(data)})


def resealed(**evidence: object) -> bytes:
    """Return a bundle that the member sealed anew over changed evidence."""
    draft = making.draft()
    draft.evidence |= {name.replace("_", "-"): value for name, value in evidence.items()}
    return making.zipped(draft.sealed())


def wrong_sm3() -> bytes:
    items = making.draft().evidence["items"]
    return resealed(items=[items[0], {**items[1], "sm3": items[0]["sm3"]}])


def few_cosignatures() -> bytes:
    lines = making.draft().note.split("\n")
    return making.zipped(making.draft().changed(note="\n".join(lines[:5] + lines[7:])).sealed())


def unlogged() -> bytes:
    log = making.draft().evidence["log"]
    log[2]["receipt"]["entry"]["position"] += 1
    return resealed(log=log)


BUNDLES: list[tuple[Callable[[], bytes], str]] = [
    (lambda: b"not a zip", "files"),
    (lambda: making.zipped({**making.draft().sealed(), "readme.txt": b"x"}), "files"),
    (lambda: damaged("data/documents/002-call.wav"), "digests"),
    (lambda: damaged("evidence/log.json"), "digests"),
    (lambda: making.zipped(making.listed({**making.draft().sealed(), "data/x.pdf": b"x"})), "digests"),
    (lambda: damaged("seal.tsr"), "seal"),
    (lambda: making.zipped(making.sealed_anew(making.draft().sealed(), epoch=2)), "seal"),
    (lambda: resealed(membership=making.draft().evidence["membership"][:2]), "member-key"),
    (lambda: making.zipped(making.sealed_anew(making.draft().sealed(), FIRST_KEY)), "seal-signature"),
    (lambda: damaged("seal.json"), "seal"),
    (another_signature, "seal-signature"),
    (few_cosignatures, "checkpoint"),
    (unlogged, "log"),
    (wrong_sm3, "items"),
]


def test_what_is_wrong_is_red_and_named_as_the_python_verifier_names_it(
    page: Page, judge: Judge, tmp_path: Path
) -> None:
    titles = {claim.title.said("zh"): claim.name for claim in verifier.CLAIMS}
    for make, expected in BUNDLES:
        judge(data := make())
        states = found(page)
        assert [titles[title] for state, title in states if state == "fails"] == [expected]
        wrong = [state for state, _ in states].index("fails")
        assert {state for state, _ in states[:wrong]} <= {"holds"}
        assert {state for state, _ in states[wrong + 1 :]} <= {"unreached"}
        (tmp_path / "again.zip").write_bytes(data)
        report = verifier.verify_file(str(tmp_path / "again.zip"), making.trust())
        assert report.failed
        assert report.failed.name == expected


def test_a_trust_file_that_is_none_or_another_epochs(page: Page, judge: Judge, tmp_path: Path) -> None:
    judge(making.zipped(making.draft().sealed()))
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    page.set_input_files("#trust", wrong)
    expect(page.locator("#verdict")).to_contain_text("未能核验")
    expect(page.locator("#claims")).to_be_hidden()
    other = making.trust()
    other["witnesses"][0] = b64(told().key_set.secretariat_key)
    wrong.write_bytes(canonical(other))
    page.set_input_files("#trust", [])
    page.set_input_files("#trust", wrong)
    expect(page.locator("#verdict")).to_contain_text("核验不通过：密钥集")


def test_its_own_arithmetic_gives_the_standards_values(page: Page) -> None:
    page.goto(PAGE.as_uri())
    values = page.evaluate(
        """() => { const long = utf8("abcd".repeat(500)); return [
            sha256(utf8("abc")), sha512(utf8("abc")), new Sm3().update(utf8("abc")).digest(),
            sha256(long), sha512(long), new Sm3().update(long.slice(0, 70)).update(long.slice(70)).digest(),
        ].map(hex); }"""
    )
    expected = [
        hashlib.new(name, data).hexdigest()
        for data in (b"abc", b"abcd" * 500)
        for name in ("sha256", "sha512", "sm3")
    ]
    assert values == expected


def test_a_key_of_small_order_or_a_second_spelling_signs_nothing(page: Page) -> None:
    page.goto(PAGE.as_uri())
    message = b"message"
    good = FIRST_KEY.sign(message)
    second = (int.from_bytes(good[32:], "little") + verifier.ORDER).to_bytes(32, "little")
    neutral = b"\x01" + bytes(31)
    cases = [(FIRST_KEY.public, good), (FIRST_KEY.public, good[:32] + second), (neutral, neutral + bytes(32))]
    cases += [(FIRST_KEY.public, bytes([good[0] ^ 1]) + good[1:]), (b"\xed" + b"\xff" * 30 + b"\x7f", good)]
    holds = page.evaluate(
        """([message, cases]) => cases.map(([key, signature]) =>
            signatureHolds(Uint8Array.from(key), Uint8Array.from(message), Uint8Array.from(signature)))""",
        [list(message), [[list(key), list(signature)] for key, signature in cases]],
    )
    assert holds == [True, False, False, False, False]


def test_the_page_can_reach_nothing_and_runs_only_what_stands_in_it() -> None:
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', SOURCE)
    assert policy
    directives = dict(each.strip().split(" ", 1) for each in policy[1].split(";"))
    assert directives["default-src"] == "'none'"
    for directive, tag in (("script-src", "script"), ("style-src", "style")):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", SOURCE, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert directives[directive] == f"'sha256-{digest}'"
    assert set(directives) == {"default-src", "script-src", "style-src", "base-uri", "form-action"}
    assert not re.search(r"https?:|\bstyle=|\bon[a-z]+=", SOURCE)
