"""The bench's hub is like a real one: its pages are found, and they show what was copied."""

from __future__ import annotations

from pathlib import Path

from bench import console, office

MEMBERS, ENTRIES = 60, 300


def test_every_page_that_is_measured_is_a_page_of_a_full_hub(tmp_path: Path) -> None:
    site = office.found(tmp_path / "full")
    office.fill(site, members=MEMBERS, entries=ENTRIES, tick=lambda: None)

    for name, who, address in console.PAGES:
        assert console._seconds(site, who, address) > 0, name
    secretariat, audit = (site.office.browser_as(site.officers[who]) for who in ("secretariat", "audit"))
    assert f"{MEMBERS - 1:04}" in secretariat.get("/console/members?page=2").text
    assert f"Bench {MEMBERS - 1:04}" in secretariat.get("/console/agreements/?q=0059").text
    assert "Agency 59" in secretariat.get("/console/complaints").text
    assert f"/console/activity/{ENTRIES}" in audit.get("/console/activity").text


def test_figures_have_their_bar_and_the_ratio_its_peer() -> None:
    costs = {f"{kind}: {name}": [0.1, 0.3] for name, _, _ in console.PAGES for kind in ("full", "few")}

    growth, *pages = console._rows(costs)

    assert growth.document()["ratio"]["median"] == 1.0
    assert len(pages) == len(console.PAGES)
    assert len({page.key for page in pages}) == len(pages)
    assert all(page.document()["bar"] == console.BAR for page in pages)
    assert [page.within for page in pages] == [True] * len(pages)
