"""A small bundle as bytes in memory, open to every hand: to change a part, to seal it anew, to zip it.

`Draft` holds the evidence as plain JSON values and the payload as bytes. `Draft.sealed` computes manifests
and seal, with the member's key or with a stranger's.
"""

from __future__ import annotations

import copy
import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from member.matters.case import Case
from member.matters.forms import CustodyStep, Item
from privacy.encoding import Json, b64, canonical, instant_text
from privacy.evidence import Seal, sign_seal, trust_in
from privacy.messages import Message, parse
from privacy.signing import SigningKey
from tests.privacy.samples import ALLIANCE, SOUTH
from tests.verifier.story import ASKED, IDENTIFIER, SEALED, SECOND_KEY, Story, contract_ref, sm3_of, told

MATTER = "south-2026-0001"
NAMES = ("case", "certificates", "custody", "items", "key-set", "log", "matter", "membership", "opening")
"""What stands in the bundle as evidence/NAME.json, always."""


Stamp = Callable[[bytes], bytes]
"""An authority: from bytes to a token, which may be empty."""


@dataclass
class Draft:
    """A bundle before it is sealed."""

    matter: str
    evidence: dict[str, Any]
    """By name, as JSON values: NAMES and `anchor`."""
    note: str
    payload: dict[str, bytes]
    token: Stamp | None = None
    """What stamps the tag manifest; None makes a token that only names its digest."""
    sealed_at: str = instant_text(SEALED)
    extra: dict[str, bytes] = field(default_factory=dict)
    """Files that are listed in the tag manifest and do not belong there."""

    def changed(self, **changes: Any) -> Draft:
        """Return a copy with other fields."""
        return Draft(**{**copy.deepcopy(self.__dict__), **changes})

    def sealed(self, key: SigningKey = SECOND_KEY, **seal: Any) -> dict[str, bytes]:
        """Return all files by path, with manifests and seal."""
        files = {
            "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
            "bag-info.txt": self._bag_info(),
            "evidence/checkpoint.txt": self.note.encode(),
            **{f"evidence/{name}.json": canonical(value) for name, value in self.evidence.items()},
            **self.payload,
            **self.extra,
        }
        given = {"matter": self.matter, "sealed_at": self.sealed_at, **seal}
        return sealed_anew(files, key, self.token, **given)

    def _bag_info(self) -> bytes:
        total = sum(map(len, self.payload.values()))
        facts = {
            "Source-Organization": SOUTH,
            "Bagging-Date": self.sealed_at[:10],
            "Payload-Oxum": f"{total}.{len(self.payload)}",
            "External-Identifier": self.matter,
        }
        return "".join(f"{name}: {value}\n" for name, value in facts.items()).encode()


def listing(files: Mapping[str, bytes]) -> bytes:
    """Return a manifest over files."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items()))
    return "".join(lines).encode()


def listed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files with manifests that fit them, and whatever seal they had."""
    payload = {path: data for path, data in files.items() if path.startswith("data/")}
    apart = {"seal.json", "seal.tsr", "tagmanifest-sha256.txt"}
    tags = {path: data for path, data in files.items() if path not in payload and path not in apart}
    tags["manifest-sha256.txt"] = listing(payload)
    return {**files, **tags, "tagmanifest-sha256.txt": listing(tags)}


def sealed_anew(
    files: Mapping[str, bytes], key: SigningKey = SECOND_KEY, stamp: Stamp | None = None, **seal: Any
) -> dict[str, bytes]:
    """Return files with manifests that fit them, and a seal over these by some key."""
    files = listed(files)
    digest = hashlib.sha256(files["tagmanifest-sha256.txt"]).digest()
    token = (stamp or _named)(files["tagmanifest-sha256.txt"])
    said = {
        "version": 1,
        "alliance": ALLIANCE,
        "epoch": 1,
        "matter": MATTER,
        "member": SOUTH,
        "sealed_at": instant_text(SEALED),
        "tagmanifest": b64(digest),
        "timestamp": b64(hashlib.sha256(token).digest()) if token else None,
    }
    files["seal.json"] = sign_seal(key, parse(Seal, said | seal)).canonical()
    return files | ({"seal.tsr": token} if token else {})


def _named(data: bytes) -> bytes:
    return b"token over " + hashlib.sha256(data).digest()


def unstamped(_: bytes) -> bytes:
    """Give no token."""
    return b""


def zipped(files: Mapping[str, bytes], folder: str = MATTER) -> bytes:
    """Return the files as a bundle's ZIP."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as container:
        for path, data in sorted(files.items()):
            info = zipfile.ZipInfo(f"{folder}/{path}", (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100644 << 16
            container.writestr(info, data)
    return out.getvalue()


def trust() -> Json:
    """Return what a custodian gives to a verifier."""
    found: Json = plain(trust_in(told().key_set))
    return found


def plain(message: Message) -> Any:
    """Return a message as JSON gives it back: with lists, to be changed."""
    return json.loads(message.canonical())


DOCUMENTS = {
    "data/documents/001-借款合同.pdf": b"%PDF-1.7 the contract" + bytes(range(256)) * 2,
    "data/documents/002-call.wav": b"RIFF a recording" + bytes(reversed(range(256))) * 3,
}

PAPERS = {
    "data/report.zh.pdf": b"%PDF-1.7 zh",
    "data/report.en.pdf": b"%PDF-1.7 en",
    "data/certificates/01-agreement.pdf": b"%PDF-1.7 certificate",
}


@cache
def _first() -> Draft:
    return drafted(told())


def draft() -> Draft:
    """Return a sound bundle, for the test alone."""
    return copy.deepcopy(_first())


def small() -> Draft:
    """Return a sound bundle with two certificates and the log entries that they need."""
    found = draft()
    found.evidence["certificates"] = found.evidence["certificates"][:2]
    found.evidence["log"] = [proof for proof in found.evidence["log"] if _is_needed(proof)]
    return found


def _is_needed(proof: Json) -> bool:
    entry = proof["receipt"]["entry"]
    return (
        entry["kind"] in ("matter", "match")
        or entry.get("type") == "agreement"
        or entry.get("number") in (1, 2)
    )


def drafted(story: Story, debtor: str = IDENTIFIER) -> Draft:
    """Return the bundle that a story gives."""
    matter = story.request.request.matter
    items = [_item(number, path) for number, path in enumerate(DOCUMENTS, 1)]
    evidence = {
        "case": plain(case(matter, debtor)),
        "certificates": [plain(each) for each in story.certificates],
        "custody": [plain(step) for step in _custody(items)],
        "items": [plain(item) for item in items],
        "key-set": plain(story.signed_key_set),
        "log": [plain(story.log.proof(index)) for index in story.shown],
        "matter": plain(story.request),
        "membership": [plain(each) for each in story.membership],
        "opening": plain(story.opening),
        "anchor": plain(story.anchor),
    }
    return Draft(matter, evidence, story.note.text(), {**DOCUMENTS, **PAPERS})


def _item(number: int, path: str) -> Item:
    data = DOCUMENTS[path]
    return parse(
        Item,
        {
            "number": number,
            "name": "借款合同",
            "path": path,
            "source": "公司档案",
            "purpose": "证明借款关系",
            "pages": 12 if path.endswith("pdf") else None,
            "form": "copy",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "sm3": sm3_of(data),
            "collected_at": instant_text(ASKED),
            "collector": "张三",
        },
    )


def _custody(items: list[Item]) -> list[CustodyStep]:
    steps: list[CustodyStep] = []
    for item in items:
        previous = b64(steps[-1].sha256()) if steps else None
        step = {"number": len(steps) + 1, "at": instant_text(ASKED), "who": "张三", "what": "采集"}
        about = {"item": item.number, "sha256": item.sha_256, "previous": previous}
        steps.append(parse(CustodyStep, step | about))
    return steps


def case(matter: str = MATTER, debtor: str = IDENTIFIER) -> Case:
    """Return a claim over two contracts whose figures were worked out by hand."""
    first = _loan(
        1,
        # 100,000.00 at 15.4 % for 92 days of 365: 3,881.643...; at 24 % for a day: 65.753...; then
        # 99,900.00 for 29 days: 1,904.942...
        accruals=[
            _accrual("interest", "2026-07-01", "2026-10-01", 92, 154_000, 388_164),
            _accrual("penalty", "2026-10-01", "2026-10-02", 1, 240_000, 6_575),
            {
                **_accrual("penalty", "2026-10-02", "2026-10-31", 29, 240_000, 190_494),
                "principal": 9_990_000,
            },
        ],
        payments=[
            {
                "on": "2026-10-02",
                "amount": 50_000,
                "fees": 0,
                "interest": 40_000,
                "penalty": 0,
                "principal": 10_000,
            }
        ],
        fees=[{"on": "2026-10-20", "amount": 300_000, "name": "律师费"}],
        lines=[9_990_000, 348_164, 197_069, 300_000],
    )
    second = _loan(2, accruals=[], payments=[], fees=[], lines=[10_000_000, 0, 0, 0])
    person = {"kind": "person", "address": None, "phone": None, "representative": None}
    return parse(
        Case,
        {
            "version": 1,
            "matter": matter,
            "member": SOUTH,
            "kind": "litigation",
            "profile": "court-internet",
            "as_of": "2026-10-31",
            "forum": "示范市人民法院",
            "cause": "金融借款合同纠纷",
            "creditor": {
                "kind": "organisation",
                "name": "南方小额贷款有限公司",
                "identifier_kind": "USCC",
                "identifier": "91000000MA0000001R",
                "address": "示范市",
                "phone": None,
                "representative": "李四",
            },
            "respondents": [
                {**person, "name": "某人", "identifier_kind": "RESIDENT_ID", "identifier": debtor}
            ],
            "agents": [],
            "loans": [first, second],
            "judgment": None,
            "limitation": [],
            "requests": ["判令被告偿还借款。"],
            "facts": ["被告逾期未还。"],
            "warnings": [],
            "claimed": 10_835_233 + 10_000_000,
        },
    )


def _accrual(item: str, start: str, end: str, days: int, rate: int, amount: int) -> Json:
    dates = {"item": item, "start": start, "end": end, "days": days}
    return {**dates, "principal": 10_000_000, "rate": rate, "amount": amount}


def _loan(number: int, *, lines: list[int], **figures: Any) -> Json:
    words = {"zh": "见公式", "en": "see the formula"}
    names = ("principal", "interest", "penalty", "fees")
    return {
        "contract": f"HT-{number}",
        "contract_ref": contract_ref(number),
        "name": "个人消费借款",
        "signed_on": "2026-01-01",
        "lent": 10_000_000,
        "due_on": "2026-09-30",
        "rate": 154_000,
        "penalty_rate": 240_000,
        "day_count": "actual/365",
        "opened": {"on": "2026-07-01", "principal": 10_000_000, "interest": 0, "penalty": 0, "fees": 0},
        "lines": [
            {"item": name, "amount": amount, "formula": "1 + 1", "words": words}
            for name, amount in zip(names, lines, strict=True)
        ],
        "claimed": sum(lines),
        **figures,
    }
