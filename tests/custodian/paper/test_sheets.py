"""Two sheets of paper: both give the custodian back, one tells nothing, and what is wrong is named."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from custodian.errors import OperatorError
from custodian.home import Keys
from custodian.paper import blocks, words
from custodian.paper import sheets as paper
from custodian.paper.sheets import Sheets
from privacy.encoding import unb64
from privacy.errors import VerifyError
from privacy.sealing import SealingKey
from tests.feeds import BY_THE_DAY, START, Alliance, made, secret

INDEX = 1


@pytest.fixture(scope="module")
def alliance() -> Alliance:
    return Alliance()


@pytest.fixture(scope="module")
def keys(alliance: Alliance) -> Keys:
    return Keys(alliance.custodians[INDEX].key, SealingKey(secret("custodian", str(INDEX), "sealing")))


@pytest.fixture(scope="module")
def sheets(alliance: Alliance, keys: Keys) -> Sheets:
    return paper.sheets("滨海市公证处", keys, alliance.shares[INDEX], since=START)


def typed(sheets: Sheets) -> list[str]:
    return [line.text() for line in sheets.lines]


def test_both_sheets_give_the_custodian_back(alliance: Alliance, keys: Keys, sheets: Sheets) -> None:
    back = paper.restore(blocks.read("\n".join(typed(sheets))), sheets.words, alliance.signed_key_set)
    assert (back.name, back.since) == ("滨海市公证处", START)
    assert back.shares == alliance.shares[INDEX]
    assert (back.keys.witness.seed, back.keys.sealing.secret) == (keys.witness.seed, keys.sealing.secret)


def test_codes_may_be_scanned_in_any_order_and_mixed_with_typed_lines(sheets: Sheets) -> None:
    first, *others = blocks.parts(sheets.lines)
    rows = [*reversed(others), *(line.lower() for line in typed(sheets)[: blocks.LINES_IN_PART]), first]
    assert blocks.read("\n\n".join(rows)) == blocks.read("\n".join(typed(sheets)))


def test_digits_that_look_like_letters_are_read_as_these(sheets: Sheets) -> None:
    def slip(line: str) -> str:
        sheet, place, rest = line.split(" ", 2)
        return f"{sheet} {place} {rest.replace('O', '0').replace('I', '1').replace('B', '8')}"

    rows = [slip(line) for line in typed(sheets)]
    assert rows != typed(sheets)
    assert blocks.read("\n".join(rows)) == blocks.read("\n".join(typed(sheets)))


def test_neither_sheet_holds_a_secret_in_the_clear(alliance: Alliance, keys: Keys, sheets: Sheets) -> None:
    envelope = blocks.read("\n".join(typed(sheets)))
    shares = alliance.shares[INDEX]
    for hidden in (keys.witness.seed, keys.sealing.secret, unb64(shares.oprf), unb64(shares.paillier)[:16]):
        assert hidden not in envelope
        assert base64.b32encode(hidden)[:20].decode() not in "".join(typed(sheets))
    assert words.words_of(keys.witness.seed) != sheets.words


def test_every_print_has_a_key_of_its_own(alliance: Alliance, keys: Keys, sheets: Sheets) -> None:
    again = paper.sheets("滨海市公证处", keys, alliance.shares[INDEX], since=START)
    assert again.words != sheets.words
    with pytest.raises(OperatorError, match="of another sheet B"):
        paper.restore(blocks.read("\n".join(typed(again))), sheets.words, alliance.signed_key_set)


@pytest.mark.parametrize("place", [1, 17, 24])
def test_a_wrong_word_is_named_by_its_number(alliance: Alliance, sheets: Sheets, place: int) -> None:
    wrong = list(sheets.words)
    wrong[place - 1] = "zoo" if wrong[place - 1] != "zoo" else "zebra"
    with pytest.raises(OperatorError, match=f"word {place} is not the one on sheet B") as caught:
        paper.restore(blocks.read("\n".join(typed(sheets))), wrong, alliance.signed_key_set)
    assert sheets.words[place - 1] not in str(caught.value).split()


def test_a_word_that_is_none_and_a_sheet_with_23(alliance: Alliance, sheets: Sheets) -> None:
    envelope = blocks.read("\n".join(typed(sheets)))
    with pytest.raises(OperatorError, match="word 3 is none of the list"):
        paper.restore(envelope, [*sheets.words[:2], "notary", *sheets.words[3:]], alliance.signed_key_set)
    with pytest.raises(OperatorError, match="24 words; 23 were given"):
        paper.restore(envelope, sheets.words[1:], alliance.signed_key_set)


def test_a_damaged_line_is_named(sheets: Sheets) -> None:
    rows = typed(sheets)
    group = rows[4].split()[2]
    rows[4] = rows[4].replace(group, "".join(reversed(group)) if group != group[::-1] else "ABCDE")
    with pytest.raises(OperatorError, match="line 5 of the sheet is damaged"):
        blocks.read("\n".join(rows))
    rows[4] = "what the cat walked over"
    with pytest.raises(OperatorError, match="line 5 of the file is no line"):
        blocks.read("\n".join(rows))


def test_a_missing_part_and_a_missing_line_are_named(sheets: Sheets) -> None:
    codes = blocks.parts(sheets.lines)
    with pytest.raises(OperatorError, match="part 2 is missing: scan its code, or type its lines 9 to 16"):
        blocks.read("\n".join([codes[0], *codes[2:]]))
    rows = typed(sheets)
    with pytest.raises(OperatorError, match=f"line 7 of {len(rows)} is missing"):
        blocks.read("\n".join(rows[:6] + rows[7:]))
    with pytest.raises(OperatorError, match="no line of sheet A"):
        blocks.read("\n")


def test_lines_of_two_prints_do_not_mix(alliance: Alliance, keys: Keys, sheets: Sheets) -> None:
    again = paper.sheets("滨海市公证处", keys, alliance.shares[INDEX], since=START)
    with pytest.raises(OperatorError, match="several sheets are mixed"):
        blocks.read("\n".join([*typed(sheets)[:-1], typed(again)[-1]]))


def test_sheets_of_another_epoch_or_custodian_are_refused(alliance: Alliance, keys: Keys) -> None:
    other, _ = made(BY_THE_DAY, 4, 3)
    mine = paper.sheets("公证处", keys, alliance.shares[INDEX], since=START)
    with pytest.raises(VerifyError, match="another epoch"):
        paper.restore(blocks.read("\n".join(typed(mine))), mine.words, other)
    swapped = paper.sheets("公证处", keys, alliance.shares[2], since=START + timedelta(days=1))
    with pytest.raises(VerifyError, match="do not stand in the key set"):
        paper.restore(blocks.read("\n".join(typed(swapped))), swapped.words, alliance.signed_key_set)


def test_words_are_those_of_bip_39() -> None:
    """The first and the last vector of 256 bits in the standard's test vectors (trezor/python-mnemonic)."""
    assert words.words_of(bytes(32)) == ["abandon"] * 23 + ["art"]
    assert words.words_of(b"\xff" * 32) == ["zoo"] * 23 + ["vote"]
