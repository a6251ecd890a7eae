"""What shows a lie is kept once, sealed, and only where others can check it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from member import Home, Member, Refused
from member.accusing import accuse, export_accusation, fault_of, get_accusation, list_accusations
from member.files import FileError
from privacy import oprf
from privacy.accusations import FalseEvaluation
from privacy.encoding import b64, unb64
from privacy.evaluating import EvaluationAnswer, EvaluationRequest, sign_evaluation
from privacy.oprf import Evaluation
from privacy.signing import SigningKey
from tests.feeds import secret
from tests.member.conftest import Alliance, Heard
from tests.member.people import identifier

REQUEST_ID = "request-to-remember"


@pytest.fixture
def evaluation(alliance: Alliance) -> FalseEvaluation:
    """What looks like an accusation of custodian 2, but shows an answer that is right."""
    request = EvaluationRequest(
        recipient="custodian/2",
        epoch=1,
        key_set=b64(alliance.key_set.digest),
        request_id=REQUEST_ID,
        elements=(b64(oprf.blind(identifier(1).oprf_input).element),),
    )
    return FalseEvaluation(request=request, answer=answered(alliance, request, flip=0))


@pytest.fixture
def falsehood(alliance: Alliance, evaluation: FalseEvaluation) -> FalseEvaluation:
    """An accusation of custodian 2 that holds: it signed a proof that does not."""
    return FalseEvaluation(request=evaluation.request, answer=answered(alliance, evaluation.request, flip=1))


def answered(alliance: Alliance, request: EvaluationRequest, *, flip: int) -> EvaluationAnswer:
    """Evaluate as custodian 2, with so many bits of the proof's last byte turned, and sign it."""
    right = oprf.evaluate(alliance.custodians[2].share, [unb64(request.elements[0])])
    turned = Evaluation(right.elements, right.proof[:-1] + bytes([right.proof[-1] ^ flip]))
    key = SigningKey(secret("custodian/2", "signing"))
    return sign_evaluation(key, request, turned, custodian=2)


def test_a_lie_is_kept_once_and_said_every_time(
    south: Member, heard: Heard, falsehood: FalseEvaluation
) -> None:
    fault = accuse(south, falsehood)
    again = accuse(south, falsehood)

    assert fault is not None
    assert "custodian 2" in fault
    assert (again, len(heard.warned)) == (fault, 2)
    (kept,) = list_accusations(south)
    assert (kept.number, kept.accusation) == (1, falsehood)
    assert fault_of(south, kept.accusation) == fault


def test_what_others_could_not_check_is_not_kept(
    south: Member, heard: Heard, evaluation: FalseEvaluation, falsehood: FalseEvaluation
) -> None:
    unsigned = msgspec.structs.replace(
        falsehood, answer=msgspec.structs.replace(falsehood.answer, signature=b64(bytes(64)))
    )

    assert accuse(south, evaluation) is None
    assert accuse(south, unsigned) is None

    assert list_accusations(south) == []
    assert heard.warned == []


def test_an_accusation_is_sealed(south: Member, home: Home, falsehood: FalseEvaluation) -> None:
    accuse(south, falsehood)
    south.close()

    content = home.vault.read_bytes()
    assert b"CREATE TABLE accusations" in content
    assert REQUEST_ID.encode() not in content
    assert falsehood.request.elements[0].encode() not in content


def test_an_accusation_goes_to_a_file(south: Member, tmp_path: Path, falsehood: FalseEvaluation) -> None:
    accuse(south, falsehood)

    export_accusation(south, 1, tmp_path / "accusation.json")

    assert msgspec.json.decode((tmp_path / "accusation.json").read_bytes(), type=FalseEvaluation) == falsehood
    with pytest.raises(FileError):
        export_accusation(south, 1, tmp_path / "accusation.docx")


def test_a_number_without_an_accusation_is_refused(south: Member) -> None:
    with pytest.raises(Refused, match="no accusation number 7"):
        get_accusation(south, 7)


def test_an_accusation_of_an_epoch_without_its_key_set_is_not_checked(
    south: Member, falsehood: FalseEvaluation
) -> None:
    other = msgspec.structs.replace(falsehood.request, epoch=9)

    with pytest.raises(Refused, match="epoch 9"):
        fault_of(south, msgspec.structs.replace(falsehood, request=other))
