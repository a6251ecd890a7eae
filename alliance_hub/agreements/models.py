"""What is kept of an agreement: each version with terms, text, signature and life; templates; campaigns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from alliance_hub.agreements.lifecycle import AgreementState, Life, state_at
from alliance_hub.db import Base, word_type
from privacy.messages import parse_json
from privacy.terms import Terms


class AgreementRow(Base):
    """One version of an agreement with one member; older versions stay readable."""

    __tablename__ = "agreements"
    __table_args__ = (Index("ix_agreements_state_ends_at", "state", "ends_at"),)

    agreement: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    member: Mapped[str] = mapped_column(ForeignKey("members.name"), index=True)
    state: Mapped[AgreementState] = mapped_column(word_type(AgreementState))
    """As it was last changed; `state_at` says what time has made of it."""
    document: Mapped[bytes]
    """The Terms as JSON."""
    purposes: Mapped[str]
    """The terms' purposes, each between commas: so that a register can be filtered by one."""
    wording: Mapped[str] = mapped_column(Text)
    """The Chinese text with places for the terms' values: the next version begins with it."""
    text: Mapped[str] = mapped_column(Text)
    """The Chinese text that prevails, as it is signed; the terms name its digest."""
    valid_from: Mapped[datetime]
    ends_at: Mapped[datetime]
    """The first instant at which it is over: `valid_until`, or earlier when it is terminated or replaced."""
    author: Mapped[str]
    """The ref of the officer that wrote it last; `operator` for the command line."""
    drafted_at: Mapped[datetime]
    given_back: Mapped[str | None]
    """What the reviewer asked to be changed; null once it is sent to review again."""
    reviewed_by: Mapped[str | None]
    reviewed_at: Mapped[datetime | None]
    offered_at: Mapped[datetime | None]
    signature: Mapped[str | None]
    """The member's, over the terms."""
    signed_at: Mapped[datetime | None]
    position: Mapped[int | None] = mapped_column(ForeignKey("feed_entries.position"))
    """Where in the feed the secretariat states it; null until it is activated."""
    activated_at: Mapped[datetime | None]
    activates_itself: Mapped[bool]
    """Made-up data only: takes effect when the member signs, without two officers."""
    suspended_at: Mapped[datetime | None]
    """Since when it is suspended; null while it is not."""
    terminated_at: Mapped[datetime | None]
    """When notice was given."""
    terminated_by: Mapped[str | None]
    """Who gave it: `member/NAME`, or an officer's ref."""
    changed_at: Mapped[datetime]
    """When the state last changed."""
    log_leaf: Mapped[bytes | None]
    """The log entry of that change."""
    campaign: Mapped[int | None] = mapped_column(ForeignKey("agreement_campaigns.id"), index=True)

    @property
    def terms(self) -> Terms:
        """The terms themselves."""
        return parse_json(Terms, self.document)

    def life_at(self, at: datetime) -> Life:
        """Return what its next step depends on, at an instant."""
        state = state_at(self.state, self.ends_at, at)
        return Life(state, self.author, self.reviewed_by, self.terminated_at)


class TemplateRow(Base):
    """Terms and wording that officers keep to begin from."""

    __tablename__ = "agreement_templates"

    name: Mapped[str] = mapped_column(primary_key=True)
    says: Mapped[str]
    """For what it is meant, in a sentence."""
    clauses: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Values of the terms' fields, as far as they are not each member's own."""
    wording: Mapped[str] = mapped_column(Text)
    author: Mapped[str]
    saved_at: Mapped[datetime]


class CampaignRow(Base):
    """One amendment, or one template, offered to many members."""

    __tablename__ = "agreement_campaigns"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    template: Mapped[str | None]
    """The template from which new agreements are made; null where running ones are amended."""
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The clauses that are set, by the path of their field."""
    author: Mapped[str]
    began_at: Mapped[datetime]


class CampaignMember(Base):
    """What a campaign came to for one member."""

    __tablename__ = "agreement_campaign_members"

    campaign: Mapped[int] = mapped_column(ForeignKey("agreement_campaigns.id"), primary_key=True)
    member: Mapped[str] = mapped_column(ForeignKey("members.name"), primary_key=True)
    agreement: Mapped[str | None]
    version: Mapped[int | None]
    """The version drafted; null where it could not be."""
    problem: Mapped[str | None]
    """Why the last thing tried with it failed; null while all goes well."""
