"""The pages of data agreements, for officers of the association.

listing.py     the register of all versions
page.py        one version: state, acts, clauses, signatures, versions and their differences, timeline
drafting.py    write and change a draft, as a form or as a document
templates.py   what a draft begins with
acts.py        review, offer, withdraw, give notice
proposing.py   what takes two officers: put into effect, suspend, resume
campaigns.py   one amendment for many members
trying.py      would this be allowed, and why?
clauses.py     the terms in words; words.py what purposes and categories are called
"""

from __future__ import annotations

from admin.agreements import acts, drafting, listing, page, proposing, templates
from admin.agreements.family import bp

__all__ = ["acts", "bp", "drafting", "listing", "page", "proposing", "templates"]
