"""One debtor, one spelling: a raw identifier becomes the text from which its pseudonym is made.

Two members meet only if both arrive at the same bytes, so the rules are exact and belong to the alliance.
An adversary would look for two people with one spelling (a false match), for one person with two (a debtor
who vanishes), or for one input that serves two uses: the kind therefore stands in the input, no kind is
called `KEY`, and no value holds a `|`. Sources: GB 11643-1999 (resident ID), GB 32100-2015 (USCC), ISO 7064
(MOD 11-2), ISO 3166-1 (countries). Nothing here hides anything: 7e10 resident IDs are quickly enumerated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NoReturn

from privacy.errors import InvalidInputError


class Kind(StrEnum):
    """What sort of identifier a value is."""

    RESIDENT_ID = "RESIDENT_ID"
    """Resident ID of a person (居民身份证); residence permits and foreign permanent residents too."""
    USCC = "USCC"
    """Unified social credit code of a firm or other organisation (统一社会信用代码)."""
    PASSPORT = "PASSPORT"
    """Passport: the issuing country's ISO 3166-1 alpha-3 code, then the number."""
    HM_PERMIT = "HM_PERMIT"
    """Mainland travel permit of a resident of Hong Kong or Macao (回乡证), without its two issue digits."""
    TW_PERMIT = "TW_PERMIT"
    """Mainland travel permit of a resident of Taiwan (台胞证)."""
    MOBILE = "MOBILE"
    """Mainland mobile telephone number with its country code 86: a contact point."""
    EMAIL = "EMAIL"
    """E-mail address: a contact point."""


CONTACT_KINDS = frozenset({Kind.MOBILE, Kind.EMAIL})
"""Kinds that reach a debtor but never are the subject of a record."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A normalised identifier; made by `normalise`. Its representation hides the value, for logs keep it."""

    kind: Kind
    value: str = field(repr=False)

    @property
    def oprf_input(self) -> bytes:
        """Return the OPRF input of the identity: pseudonym and standing key."""
        return b"v1|" + self.kind.encode() + b"|" + self.value.encode()

    @property
    def subject_key_input(self) -> bytes:
        """Return the OPRF input of the subject key, which never is the input of an identity."""
        return b"v1|KEY|" + self.kind.encode() + b"|" + self.value.encode()


def normalise(kind: Kind | str, raw: object, *, today: date | None = None) -> Identifier:
    """Return the one spelling of `raw`, an identifier of `kind` in any spelling that clerks use.

    Whoever knows the day passes `today`: then nobody is born after it. Raises InvalidInputError: field
    `kind` for an unknown kind, else field `identifier` with the reason, never with the value.
    """
    known = _kind(kind)
    if not isinstance(raw, str):
        _refuse("text is expected: a number loses leading zeros and, beyond 15 digits, its last digits")
    if len(raw) > LONGEST:
        _refuse(f"more than {LONGEST} characters: this is no identifier")
    identifier = Identifier(known, _FORMS[known](unicodedata.normalize("NFKC", raw)))
    if today and known is Kind.RESIDENT_ID and _birth_date(identifier.value[6:14]) > today:
        _refuse("the birth date inside it lies in the future")
    return identifier


def is_synthetic(identifier: Identifier) -> bool:
    """Tell whether the identifier is made up: a resident ID of area 000000, which is never assigned."""
    return identifier.kind is Kind.RESIDENT_ID and identifier.value.startswith(SYNTHETIC_AREA)


def warnings_of(identifier: Identifier) -> tuple[str, ...]:
    """Say what is odd about a resident ID and yet no reason to refuse it: an unassigned province.

    Only the province (the first two digits, GB/T 2260) is looked up: districts are renumbered every year.
    """
    if identifier.kind is not Kind.RESIDENT_ID or PROVINCE.match(identifier.value):
        return ()
    return ("the area code at the head of the resident ID is not one that is assigned",)


def _kind(kind: object) -> Kind:
    try:
        return Kind(str(kind))
    except ValueError:
        known = ", ".join(Kind)
        raise InvalidInputError(f"unknown kind of identifier: use one of {known}", field="kind") from None


def _refuse(reason: str) -> NoReturn:
    raise InvalidInputError(reason, field="identifier")


def _compact(text: str) -> str:
    return SEPARATORS.sub("", text).upper()


def _resident_id(text: str) -> str:
    text = _compact(text)
    if OLD_RESIDENT_ID.fullmatch(text):
        return _upgraded(text)
    if len(text) != 18:
        _refuse(f"a resident ID has 18 characters, or 15 digits on an old card: {len(text)} found")
    if not RESIDENT_ID.fullmatch(text):
        _refuse("a resident ID is 17 digits and a check character, 0 to 9 or X")
    _birth_date(text[6:14])
    if _mod_11_2(text[:17]) != text[17]:
        _refuse("the check character does not fit: at least one character is wrong")
    return text


def _upgraded(old: str) -> str:
    # GB 11643: sequences 996 to 999 were kept for the centenarians of the day, born in 18xx.
    century = "18" if old[12:] >= "996" else "19"
    body = old[:6] + century + old[6:]
    _birth_date(body[6:14])
    return body + _mod_11_2(body)


def _birth_date(digits: str) -> date:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        _refuse("the birth date inside it does not exist")
    if born.year < 1800:
        _refuse("the birth date inside it lies before 1800")
    return born


def _mod_11_2(body: str) -> str:
    """Return the check character of ISO 7064 MOD 11-2 over 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, RESIDENT_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def _uscc(text: str) -> str:
    text = _compact(text)
    if len(text) != 18:
        _refuse(f"a unified social credit code has 18 characters: {len(text)} found")
    if any(character not in USCC_ALPHABET for character in text):
        _refuse("a unified social credit code has digits and capital letters without I, O, S, V and Z")
    if not DIGITS.fullmatch(text[2:8]):
        _refuse("characters 3 to 8 of a unified social credit code, its area, are digits")
    total = sum(USCC_ALPHABET.index(char) * weight for char, weight in zip(text, USCC_WEIGHTS, strict=False))
    if USCC_ALPHABET[-total % 31] != text[17]:
        _refuse("the check character does not fit: at least one character is wrong")
    return text


def _passport(text: str) -> str:
    """Return alpha-3 country and number (5 to 9 letters and digits, at least one digit).

    The country may be written as alpha-2 or alpha-3, apart from the number or not. Written together, a text
    that can be read both ways is refused: `USA12345678` is USA and 12345678, or US and A12345678.
    """
    parted = PARTED_PASSPORT.fullmatch(INVISIBLE.sub("", text).strip().upper())
    whole = _compact(text)
    if parted and parted[1] in COUNTRIES:
        readings = [(parted[1], _compact(parted[2]))]
    else:
        readings = [(whole[:2], whole[2:]), (whole[:3], whole[3:])]
    found = {
        COUNTRIES[country] + number
        for country, number in readings
        if country in COUNTRIES and _is_number(number)
    }
    if len(found) > 1:
        _refuse("it is not clear where the country ends: write a hyphen between country and number")
    if not found:
        _refuse("a passport is an ISO 3166 country of two or three letters, then 5 to 9 letters and digits")
    return found.pop()


def _is_number(text: str) -> bool:
    return bool(PASSPORT_NUMBER.fullmatch(text)) and any(character.isdigit() for character in text)


def _hm_permit(text: str) -> str:
    text = _compact(text)
    if not HM_PERMIT.fullmatch(text):
        _refuse("a Hong Kong or Macao permit is H or M and 8 digits, with or without two issue digits")
    return text[:9]


def _tw_permit(text: str) -> str:
    text = _compact(text)
    if not TW_PERMIT.fullmatch(text):
        _refuse("a Taiwan permit is 8 digits")
    return text


def _mobile(text: str) -> str:
    national = COUNTRY_CODE.sub("", _compact(text))
    if IOT_NUMBER.fullmatch(national):
        _refuse("a 13-digit number that begins with 140 to 144 belongs to a machine, not to a person")
    if not MOBILE.fullmatch(national):
        _refuse("a mobile number has 11 digits and begins with 13 to 19, with or without +86")
    return "86" + national


def _email(text: str) -> str:
    # Hyphens stay: unlike in a number, in an address they tell two people apart.
    text = INVISIBLE.sub("", text).strip().lower()
    local = text.partition("@")[0]
    if not EMAIL.fullmatch(text) or len(text) > 254 or len(local) > 64:
        _refuse("an e-mail address looks like name@example.com, in plain letters")
    return text


LONGEST = 320
SYNTHETIC_AREA = "000000"

# NFKC has already turned full-width forms and the ideographic space into plain ones. The invisible ones
# come along when a number is copied from a web page or a chat, and nobody can see them.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SEPARATORS = re.compile("[\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\\-\u2010-\u2015\u2212]+")

DIGITS = re.compile("[0-9]+")
OLD_RESIDENT_ID = re.compile("[0-9]{15}")
RESIDENT_ID = re.compile("[0-9]{17}[0-9X]")
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# The last two: residence permits of Hong Kong, Macao and Taiwan; foreign permanent residents (9, province).
PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|9[1-8]")

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

HM_PERMIT = re.compile("[HM][0-9]{8}([0-9]{2})?")
TW_PERMIT = re.compile("[0-9]{8}")
PASSPORT_NUMBER = re.compile("[A-Z0-9]{5,9}")
PARTED_PASSPORT = re.compile("([A-Z]{2,3})[\\s\\-/:]+(.+)")

COUNTRY_CODE = re.compile(r"(?:\+86|0086|86)(?=1)")
MOBILE = re.compile("1[3-9][0-9]{9}")
IOT_NUMBER = re.compile("14[0-4][0-9]{10}")
# No `|`: it parts the fields of an OPRF input.
EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)

# ISO 3166-1, alpha-2 and alpha-3 of each country in one word.
_COUNTRIES = """
ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH BBBRB
BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT BWBWA BYBLR
BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB CVCPV CWCUW CXCXR
CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP ETETH FIFIN FJFJI FKFLK
FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB GNGIN GPGLP GQGNQ GRGRC GSSGS
GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL ILISR IMIMN ININD IOIOT IQIRQ IRIRN
ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO
LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD
MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER
NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM
PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP
SHSHN SISVN SJSJM SKSVK SLSLE SMSMR SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF
TGTGO THTHA TJTJK TKTKL TLTLS TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY
UZUZB VAVAT VCVCT VEVEN VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE
"""
COUNTRIES: dict[str, str] = {
    code: alpha_3
    for alpha_2, alpha_3 in re.findall("([A-Z]{2})([A-Z]{3})", _COUNTRIES)
    for code in (alpha_2, alpha_3)
}

_FORMS: dict[Kind, Callable[[str], str]] = {
    Kind.RESIDENT_ID: _resident_id,
    Kind.USCC: _uscc,
    Kind.PASSPORT: _passport,
    Kind.HM_PERMIT: _hm_permit,
    Kind.TW_PERMIT: _tw_permit,
    Kind.MOBILE: _mobile,
    Kind.EMAIL: _email,
}
