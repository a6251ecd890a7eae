"""In which encoding a text file is written: UTF-8 or GB18030, or the reason why neither will do.

GB18030 gives almost any bytes a meaning, so that decoding alone proves nothing: French text or Big5 read as
GB18030 are rare ideographs without sense. Chinese tables are written in the characters of GB 2312, by far.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from member.files.errors import UnknownEncoding

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_COMMON_SHARE = 0.7
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_ADVICE = "save it as CSV UTF-8 (in Excel: Save as, CSV UTF-8) and try again"


def detect(path: Path) -> str:
    """Return the encoding in which the whole of `path` can be read: `utf-8-sig` or `gb18030`.

    Raises UnknownEncoding.
    """
    head = _head(path)
    if head.startswith(_WIDE_MARKS) or b"\0" in head:
        raise UnknownEncoding(f"{path.name}: the text is UTF-16 or no text at all; {_ADVICE}")
    if _decodes(path, "utf-8"):
        return "utf-8-sig"
    if not head.startswith(codecs.BOM_UTF8) and _decodes(path, "gb18030") and _reads_as_chinese(head):
        return "gb18030"
    raise UnknownEncoding(f"{path.name}: the text is neither UTF-8 nor GB18030; {_ADVICE}")


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_SAMPLE)


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _reads_as_chinese(head: bytes) -> bool:
    # The sample may end inside a character: the incremental decoder keeps that rest to itself.
    text = codecs.getincrementaldecoder("gb18030")().decode(head)
    wide = [character for character in text if not character.isascii()]
    common = sum(1 for character in wide if _in_gb2312(character))
    return common >= _COMMON_SHARE * len(wide)


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
