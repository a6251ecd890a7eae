"""A sheet for tests; nothing but `paper` is imported, so that another process has it quickly."""

from __future__ import annotations

from datetime import UTC, datetime

from paper.blocks import Code, Column, Heading, Language, Points, Sheet, Table

SHEET = Sheet(
    title="证据包报告",
    language=Language.CHINESE,
    blocks=(
        Heading("一、请求"),
        Points(("偿还本金", "支付利息"), mark=""),
        Table((Column("序号", 1), Column("名称", 4)), tuple((str(n), f"第{n}号证据") for n in range(1, 91))),
        Code(("openssl ts -verify",)),
    ),
    foot="matter-1",
    at=datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC),
)
