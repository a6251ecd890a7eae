"""From what the clerk wrote to the case that is filed; or everything that still keeps it from being one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from member.matters import limitation, rates
from member.matters.case import (
    Agent,
    Case,
    Event,
    EventKind,
    Judgment,
    Limitation,
    LimitationState,
    Text,
    Words,
)
from member.matters.draft import (
    AgentDraft,
    Draft,
    EventDraft,
    JudgmentDraft,
    LoanDraft,
    number_of_contract,
)
from member.matters.lending import Lending, loan_of
from member.matters.parties import number_of, party_of
from member.matters.reading import Lack, Reading
from member.matters.wording import facts_of, requests_of
from privacy.evidence import MatterKind
from privacy.identifiers import Identifier
from privacy.messages import Line


@dataclass(frozen=True, slots=True)
class Subject:
    """What was committed to when the matter was opened, and cannot change any more."""

    matter: str
    member: str
    kind: MatterKind
    debtor: Identifier
    contracts: Mapping[str, bytes]
    """Each contract's number and its reference, in the request's order."""


def prepare(draft: Draft, subject: Subject, *, profile: str, today: date) -> tuple[Case | None, list[Lack]]:
    """Return the case, or None and everything that is missing or wrong in the draft.

    `today` is the day on which the limitation is judged, and the claim's day where the draft names none.
    """
    reading = Reading()
    case = _Preparing(reading, draft, subject, today).case(profile)
    return (None, reading.lacks) if reading.lacks else (case, [])


@dataclass(frozen=True, slots=True)
class _Preparing:
    reading: Reading
    draft: Draft
    subject: Subject
    today: date

    def case(self, profile: str) -> Case | None:
        reading, draft, subject = self.reading, self.draft, self.subject
        self._require_same_subject()
        as_of = (reading.day(draft.as_of, "as_of") if draft.as_of else None) or self.today
        forum = reading.optional(Line, draft.forum, "forum")
        cause = reading.text(Line, draft.cause, "cause")
        creditor = party_of(reading, draft.creditor, "creditor")
        respondents = [party_of(reading, draft.debtor, "debtor")]
        respondents += [
            party_of(reading, each, f"others[{index}]") for index, each in enumerate(draft.others)
        ]
        agents = [self._agent(each, f"agents[{index}]") for index, each in enumerate(draft.agents)]
        judgment = self._judgment(draft.judgment) if draft.judgment else None
        lendings = self._lendings(as_of)
        periods = self._limitation(lendings, judgment)
        parties = [each for each in respondents if each]
        if reading.lacks or creditor is None or cause is None:
            return None
        loans = tuple(each.loan for each in lendings)
        return Case(
            version=1,
            matter=subject.matter,
            member=subject.member,
            kind=subject.kind,
            profile=profile,
            as_of=as_of.isoformat(),
            forum=forum,
            cause=cause,
            creditor=creditor,
            respondents=tuple(parties),
            agents=tuple(each for each in agents if each),
            loans=loans,
            judgment=judgment,
            limitation=tuple(periods),
            requests=draft.requests or tuple(requests_of(subject.kind, loans, judgment, as_of)),
            facts=draft.facts or tuple(facts_of(subject.kind, parties[0], loans, as_of)),
            warnings=self._warnings(lendings, periods),
            claimed=sum(loan.claimed for loan in loans),
        )

    def _require_same_subject(self) -> None:
        """Note where the draft speaks of another debtor or other contracts than the matter was opened for."""
        number = number_of(self.reading, self.draft.debtor, "debtor")
        if number is not None and number != self.subject.debtor:
            self.reading.lack(
                "debtor.identifier", "not the debtor for whom the matter was opened", "open another matter"
            )
        if [number_of_contract(each.contract) for each in self.draft.loans] != list(self.subject.contracts):
            self.reading.lack(
                "loans", "not the contracts for which the matter was opened", "name those, in their order"
            )
        if self.draft.kind != self.subject.kind:
            self.reading.lack("kind", "not the kind of matter that was opened", "open another matter")

    def _lendings(self, as_of: date) -> list[Lending]:
        found = [
            loan_of(self.reading, each, self._ref(each), index, as_of)
            for index, each in enumerate(self.draft.loans)
        ]
        return [each for each in found if each]

    def _ref(self, draft: LoanDraft) -> bytes:
        return self.subject.contracts.get(number_of_contract(draft.contract), b"")

    def _agent(self, draft: AgentDraft, where: str) -> Agent | None:
        reading = self.reading
        name = reading.text(Line, draft.name, f"{where}.name")
        authority = reading.text(Line, draft.authority, f"{where}.authority")
        firm = reading.optional(Line, draft.firm, f"{where}.firm")
        licence = reading.optional(Line, draft.licence, f"{where}.licence")
        phone = reading.optional(Line, draft.phone, f"{where}.phone")
        return Agent(name, firm, licence, phone, authority) if name and authority else None

    def _judgment(self, draft: JudgmentDraft) -> Judgment | None:
        reading = self.reading
        body = reading.text(Line, draft.body, "judgment.body")
        number = reading.text(Text, draft.number, "judgment.number")
        in_force = reading.day(draft.in_force_on, "judgment.in_force_on")
        perform = reading.day(draft.perform_by, "judgment.perform_by")
        if not (body and number and in_force and perform):
            return None
        return Judgment(body, number, in_force.isoformat(), perform.isoformat())

    def _limitation(self, lendings: list[Lending], judgment: Judgment | None) -> list[Limitation]:
        events = [
            (number_of_contract(each.contract), event)
            for index, each in enumerate(self.draft.events)
            if (event := self._event(each, f"events[{index}]"))
        ]
        if judgment is not None:
            return [limitation.of_judgment(judgment, [event for _, event in events], self.today)]
        found = []
        for loan in (each.loan for each in lendings):
            mine = [event for about, event in events if about in ("", loan.contract)]
            due_on = date.fromisoformat(loan.due_on)
            found.append(limitation.of_claim(loan.contract, due_on, mine, loan.payments, self.today))
        return found

    def _event(self, draft: EventDraft, where: str) -> Event | None:
        reading = self.reading
        kind = reading.word(EventKind, draft.kind, f"{where}.kind")
        on = reading.day(draft.on, f"{where}.on")
        until = reading.day(draft.until, f"{where}.until") if draft.until else None
        words = reading.text(Text, draft.words, f"{where}.words")
        about = number_of_contract(draft.contract)
        if about and about not in self.subject.contracts:
            reading.lack(f"{where}.contract", "no contract of this matter", "name one, or none for all")
        if until and on and until < on:
            reading.lack(f"{where}.until", "it lies before the event's own day", "correct one of the days")
        if not (kind and on and words):
            return None
        return Event(kind, on.isoformat(), until.isoformat() if until else None, words, draft.item)

    def _warnings(self, lendings: list[Lending], periods: list[Limitation]) -> tuple[Words, ...]:
        given = self.draft.lpr
        lpr = self.reading.rate(given, "lpr") if given is not None else None
        of_rates = [
            warning
            for each in lendings
            for warning in rates.warnings_of(
                each.loan.contract,
                (each.loan.rate, each.loan.penalty_rate),
                each.effective,
                lpr if lpr is not None else rates.lpr_on(date.fromisoformat(each.loan.signed_on)),
            )
        ]
        of_time = [
            Words(zh=f"{each.about}：{each.words.zh}", en=f"{each.about}: {each.words.en}")
            for each in periods
            if each.state is not LimitationState.RUNNING
        ]
        return (*of_rates, *of_time)
