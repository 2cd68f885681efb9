"""The balance's map in a real browser: it opens on today, and the variants of the projects stand side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from geo_bosoc.balance import check_projects, load_codes, load_rules, mixed_inside, scenario, share_rule
from geo_bosoc.balance.code_lists import TENURES
from geo_bosoc.balance.outputs.page import write_balance_map
from geo_bosoc.balance.results import BalanceResults

pytestmark = pytest.mark.browser

EMPTY: Any = pd.DataFrame()


def small_balance() -> BalanceResults:
    """Two districts and a plan of 1,000 dwellings, 480 of them family dwellings, and where 200 may be built."""
    areas = gpd.GeoDataFrame(
        {
            "area_id": ["D1", "D2", "P1"],
            "name": ["Nordby", "Sydby", "Højgården"],
            "kind": ["district", "district", "development_plan"],
            "plan": [False, False, True],
        },
        geometry=[box(0, 0, 900, 900), box(900, 0, 1800, 900), box(200, 200, 600, 600)],
        crs=25832,
    )
    stock = pd.DataFrame(
        {
            "area_id": ["D1", "D2", "P1"],
            "social": [700, 30, 480],
            "owner_occupied": [1300, 470, 520],
            "family_low": [700, 30, 480],
            "family_high": [700, 30, 480],
            "demolished": [0, 0, 10],
            "business_m2": [0, 0, 1520],
        }
    )
    built = [(1.0, 100), (0.6, 60), (0.2, 40)]
    project = {"area_id": "D1+P1", "year": 2027, "tenure": "owner_occupied"}
    projects = check_projects(
        pd.DataFrame([{**project, "dwellings": count, "probability": chance} for chance, count in built])
    )
    rule = load_rules().rule("family-40")
    years = scenario(stock, projects, start=2026, horizon=2030)
    due = years[years["area_id"] == "P1"]
    rules = share_rule(due.assign(low=due["family_low"], high=due["family_high"]), rule)
    blocks = pd.DataFrame(
        {
            "area_id": ["D1", "D1", "D2", "D2", "P1", "P1"],
            "social": [700, 0, 15, 15, 240, 240],
            "owner_occupied": [0, 1300, 235, 235, 260, 260],
        }
    ).reindex(columns=["area_id", *map(str, TENURES)], fill_value=0)
    return BalanceResults(
        name="Prøvekøbing", language="da", made_up=True, areas=areas, context={}, period="2026", start=2026,
        horizon=2030, rule=rule, band=(20.0, 40.0), band_assumed=False, codes=load_codes("bbr"), register="dwellings",
        source="Opdigtet",
        mix=EMPTY, diversity=EMPTY, scales=EMPTY, neighbours=EMPTY, projects=projects, years=years,
        inside=mixed_inside(blocks, [str(tenure) for tenure in TENURES], "social", (20.0, 40.0)),
        rules=rules.assign(year=due["year"].to_numpy(), variant=due["variant"].to_numpy()), compliance=EMPTY,
        chances=EMPTY, minimum_change=EMPTY, dispensations=EMPTY, residents=EMPTY, what_if=EMPTY, what_if_labels={},
        allocation=EMPTY, ladder=None, status_date="2026-01-01",
    )  # fmt: skip


@pytest.fixture(scope="module")
def balance_map(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("balance") / "balance.html"
    write_balance_map(small_balance(), path)
    return path


def panel(page: Any, **state: int) -> str:
    """The panel's text in a state."""
    page.evaluate("state => geoBosoc.change(state)", state)
    return str(page.inner_text("#panel-content"))


@pytest.mark.parametrize("phone", [False, True])
def test_it_opens_on_today_and_the_panel_tells_the_rule_by_its_own_base(
    balance_map: Path, open_page: Callable[..., Any], phone: bool
) -> None:
    opened = open_page(balance_map, phone=phone)
    page = opened.page
    assert page.evaluate("[geoBosoc.state.layer, geoBosoc.state.period]") == [0, 0]
    assert page.input_value("#period-choices input:checked") == "0"
    page.evaluate("geoBosoc.choose(2)")
    now = page.inner_text("#panel-content")
    # Of 1,000 dwellings, 10 demolished and 1,520 m2 as 20: 480 of 1,030; 480 would be 40 per cent of 1,200.
    assert (
        "46,6 % almene familieboliger (480 af 1.030); grænsen er 40 %" in now and "mindst 170 boliger" in now
    )
    assert "1.000 boliger, 10 nedrevne boliger (må regnes med) og 1.520 m2 erhverv som 20 boliger" in now
    flags = [" ".join(each.split()) for each in page.locator(".flags li").all_inner_texts()]
    assert flags == [
        "Besluttede 42,5 %, mangler 70 boliger",
        "Sandsynlige (mindst 50 %) 40,3 %, mangler 10 boliger",
        "Alle 39,0 %, overholdt",
    ]
    assert "I båndet" not in now and "Over båndet, blokkene ligner hinanden" in now
    assert page.locator(".side-by-side thead th").all_inner_texts() == ["Området", "Kommunen"]
    assert opened.errors == []


def test_variants_stand_side_by_side_and_the_card_is_that_of_the_layer(
    balance_map: Path, open_page: Callable[..., Any]
) -> None:
    opened = open_page(balance_map)
    page = opened.page
    page.evaluate("geoBosoc.choose(2)")
    last = page.evaluate("geoBosoc.unit().periods.length - 1")
    for layer, verdict in enumerate(("Over grænsen", "Over grænsen", "Inden for grænsen")):
        panel(page, layer=layer, period=last)
        assert page.locator(".verdict-word").first.inner_text() == verdict
        assert page.locator(".model").count() == 2  # of the three variants of the rule one has a card
    columns = page.locator(".side-by-side thead th").all_inner_texts()
    assert [" ".join(each.split()) for each in columns] == ["Besluttede", "Sandsynlige (mindst 50 %)", "Alle"]
    row = page.locator(".side-by-side tbody tr").first.inner_text()
    assert " ".join(row.split()) == "Almene familieboliger 43,6 % 480 41,4 % 480 40,0 % 480"
    texts = [panel(page, area=area, period=period) for area in range(3) for period in range(last + 1)]
    page.click("#open-about")
    texts.append(page.inner_text("dialog"))
    assert not any("tidligere periode" in text for text in texts)
    english = ("dwelling", "projects", "decided", "development_plan", "owner_occupied", "family-40", "mixed")
    assert not [word for word in english for text in texts if word in text]
    assert "Ingen udviklingsplan" not in texts[0]  # a district has no card of the rule
    assert opened.errors == [] and all(address.startswith("file:") for address in opened.requests)
