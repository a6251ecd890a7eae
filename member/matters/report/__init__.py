"""The report of a bundle, in Chinese and in English: what is claimed, what is proved, and what is not."""

from member.matters.report.report import report

__all__ = ["report"]
