"""The words that members and the hub must mean alike: purposes, categories, products, flags.

An adversary would look for a word that one side reads more widely than the other: a purpose that the
member calls servicing and the hub takes for scoring. So every party imports these enumerations, and an
unknown word is refused where it enters. Sources: domain of the alliance, sections 2, 4, 5 and 6.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class _Labelled(StrEnum):
    """A word with the Chinese label that clerks write and read."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Purpose(StrEnum):
    """Why a member asks. Every call names one, and the agreement must allow it."""

    POST_LOAN_MANAGEMENT = "post_loan_management"
    """The creditor looks after its own contract that is running or overdue."""
    SKIP_TRACE = "skip_trace"
    """The creditor has lost its own debtor and looks for a way to reach it."""
    EVASION_FLAG = "evasion_flag"
    """The creditor prepares, checks or withdraws an evasion flag."""
    LITIGATION = "litigation"
    """The creditor sues, or prepares to."""
    ARBITRATION = "arbitration"
    """The creditor applies to an arbitration commission."""
    MEDIATION = "mediation"
    """The parties negotiate before a mediator."""
    ENFORCEMENT = "enforcement"
    """A judgment or award is in force and a court executes it."""
    REGULATOR_REPORTING = "regulator_reporting"
    """A supervisor has asked for a batch."""
    DISPUTE_HANDLING = "dispute_handling"
    """A debtor contests what a member reported."""
    DEBT_TRANSFER_NOTICE = "debt_transfer_notice"
    """The debtor must be told that its debt has a new creditor."""
    AGENCY_MISCONDUCT = "agency_misconduct"
    """A collection agency is said to have broken the collection limits."""
    AUDIT = "audit"
    """An auditor or inspector retraces what was done."""
    AGGREGATE_STATISTICS = "aggregate_statistics"
    """Totals over so many contracts that nobody can be singled out."""


class RefusedPurpose(StrEnum):
    """Purposes that no agreement can allow: refused by name, and the attempt is logged."""

    CREDIT_GRANTING = "credit_granting"
    """To decide on a new loan is licensed credit reporting."""
    PRE_LOAN_SCREENING = "pre_loan_screening"
    """To sift applicants is credit granting under another name."""
    SCORING = "scoring"
    """To turn debts into a number about a person is licensed credit reporting."""
    MARKETING = "marketing"
    """Debt data must not sell anything."""
    EMPLOYMENT = "employment"
    """An employer has no claim to a debtor's record."""
    TENANCY = "tenancy"
    """A landlord has no claim to a debtor's record."""
    INSURANCE_PRICING = "insurance_pricing"
    """An insurer must not price a policy by debts."""
    PUBLIC_SHAMING = "public_shaming"
    """To publish debtors is unlawful collection."""
    THIRD_PARTY_PRESSURE = "third_party_pressure"
    """To press relatives, friends or colleagues is unlawful collection."""
    RESALE = "resale"
    """Answers are for the member that asked, never for sale."""
    CONTACT_BOOK = "contact_book"
    """To gather a debtor's contacts is unlawful collection."""
    LOCATION_TRACKING = "location_tracking"
    """To follow where a debtor goes is surveillance."""
    MODEL_TRAINING = "model_training"
    """A model would keep what the alliance must erase."""
    CROSS_BORDER = "cross_border"
    """The data stay in the country."""


class Category(StrEnum):
    """What an agreement lets a member contribute, and therefore receive."""

    FLAGS = "flags"
    """Evasion flags and their narratives."""
    EXPOSURE = "exposure"
    """Totals over the other members' contracts."""
    REACHABILITY = "reachability"
    """Whether another member can still reach the debtor: never who, never how many."""
    CONTACT_CHECK = "contact_check"
    """Whether a number that the member already holds is good."""
    CONTACT_RELAY = "contact_relay"
    """A message passed on to the debtor by a member that can reach it."""
    CONTACT_RELEASE = "contact_release"
    """The debtor's own contact point, released by its holder under recorded authorisation."""
    EVIDENCE = "evidence"
    """Certificates for a court's evidence bundle."""


class ProductClass(_Labelled):
    """What kind of loan a contract is."""

    CONSUMER_LOAN = "consumer_loan", "消费贷"
    """A loan to a person for consumption."""
    CASH_LOAN = "cash_loan", "现金贷"
    """A small, short loan to a person without a stated use."""
    AUTO_LOAN = "auto_loan", "车贷"
    """A loan for, or secured by, a vehicle."""
    HOME_LOAN = "home_loan", "房贷"
    """A loan for, or secured by, real estate."""
    BUSINESS_LOAN = "business_loan", "经营贷"
    """A loan to a firm, or to a person for its trade."""
    CAMPUS_LOAN = "campus_loan", "校园贷"
    """A loan to a student outside the licensed banks: refused."""
    DOWN_PAYMENT_LOAN = "down_payment_loan", "首付贷"
    """A loan for the down payment of a home: refused."""
    OTHER = "other", "其他"
    """Anything else."""


REFUSED_PRODUCTS = frozenset({ProductClass.CAMPUS_LOAN, ProductClass.DOWN_PAYMENT_LOAN})
"""Unlawful products: the alliance takes no record of them and helps nobody to collect them."""


class EvasionCategory(_Labelled):
    """In which way a debtor that could pay refuses to: the category of an evasion flag."""

    CONCEALED_ASSETS = "concealed_assets", "隐匿财产"
    """The debtor hides what it owns."""
    TRANSFERRED_ASSETS = "transferred_assets", "转移财产"
    """The debtor moves what it owns to others to keep it from its creditors."""
    ABSCONDED = "absconded", "逃匿失联"
    """The debtor has gone into hiding to avoid paying."""
    FALSE_IDENTITY = "false_identity", "虚假身份"
    """The loan was taken under a false identity or with false papers."""
    REFUSES_THOUGH_ABLE = "refuses_though_able", "有能力而拒不偿还"
    """The debtor is able to pay and has refused in words or deeds; silence is no refusal."""
    ORGANISED_EVASION = "organised_evasion", "组织化逃废债"
    """The debtor follows an organised scheme to evade debts."""
    ABSCONDED_EXECUTIVE = "absconded_executive", "平台高管跑路"
    """An executive of a lending platform has absconded."""
