"""Index models whose result was once wrong, or that ended as a fault of the program, through the command line.
Made-up data."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_bosoc.cli.app import main

HEAD = 'id = "m"\nversion = "1"\nkind = "index"\n'
TABLES = {
    "e": "area,x\nworst,3\nmiddle,2\nbest,1\n",
    "p": "area,p_pct\na,20\nb,40\nc,60\n",
    "g": "area,gni\na,5000\nb,20000\nc,60000\n",
    "geo": "area,p_pct,q_pct\na,20,30\nb,40,10\nc,60,40\nd,50,50\n",
    "win": "area,year,p_pct\na,2024,20\nb,2024,40\n",
    "c": "area,score\nE1,8.742\nE2,4.72\nE3,0.013\n",
    "f10": "area,year,residents,p_pct\na,2024,500,20\nb,2024,500,40\ntiny,2024,5,90\n",
}
HALVES = "shares = [0.5, 0.5]\n"


def model(index: str, *criteria: str, head: str = "", classes: int = 2) -> str:
    """A model file: the keys of [index], those of each criterion, and categories c1, c2 ..., worst first."""
    parts = [f"[[criterion]]\n{criterion}\n" for criterion in criteria]
    for number in range(1, classes + 1):
        name = f'id = "c{number}"\nlabel_da = "{number}"\nlabel_en = "{number}"\n'
        parts.append(f'[[category]]\n{name}colour = "#{number}{number}1111"\n')
    return HEAD + head + "[index]\n" + index + "\n" + "".join(parts)


class Answer:
    """What `geo-bosoc categorise` said: its exit code, its errors, and its table by area."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        header, *rows = [line.split(",") for line in out.splitlines()] or [[]]
        self.rows = {row[0]: dict(zip(header, row, strict=True)) for row in rows}

    def column(self, name: str) -> list[str]:
        """A column, in the order of the areas' ids."""
        return [row[name] for row in self.rows.values()]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def asked(table: str, text: str) -> Answer:
        (tmp_path / "t.csv").write_text(TABLES.get(table, table), encoding="utf-8")
        (tmp_path / "m.toml").write_text(text, encoding="utf-8")
        words = ["categorise", str(tmp_path / "t.csv"), "-m", str(tmp_path / "m.toml"), "--lang", "en"]
        monkeypatch.setattr("sys.argv", ["geo-bosoc", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Answer(int(ended.value.code or 0), said.out, said.err)

    return asked


def test_f1_equal_scores_are_one_class_whatever_the_last_places_say(ask) -> None:  # type: ignore[no-untyped-def]
    index = 'normalise = "minmax"\nrenormalise = true\nshares = [0.75, 0.25]'
    done = ask("geo", model(index, 'indicator = "p"', 'indicator = "q"'))
    assert done.column("points")[:2] == ["25", "25"]
    assert done.column("category") == ["c1"] * 4


@pytest.mark.parametrize(("edges", "classes"), [("ceil", ["c2", "c2", "c1"]), ("floor", ["c2", "c1", "c1"])])
def test_f2_edges_are_counted_from_the_worst(edges: str, classes: list[str], ask) -> None:  # type: ignore[no-untyped-def]
    text = model(f'normalise = "rank"\nedges = "{edges}"\n{HALVES}', 'indicator = "x"\nunit = "mean"')
    assert ask("e", text).column("category") == classes


def test_f3_percentages_are_per_cent_in_goalposts(ask) -> None:  # type: ignore[no-untyped-def]
    index = f'normalise = "goalposts"\nto = [0, 1]\n{HALVES}'
    done = ask("p", model(index, 'indicator = "p"\ngoalposts = [0, 100]'))
    assert done.column("points") == ["0.2", "0.4", "0.6"]


def test_f3b_percentages_are_per_cent_in_transforms(ask) -> None:  # type: ignore[no-untyped-def]
    index = f'normalise = "none"\naggregate = "sum"\n{HALVES}'
    done = ask("p", model(index, 'indicator = "p"\ntransform = "log1p"'))
    assert [round(float(each), 6) for each in done.column("points")] == [3.044522, 3.713572, 4.110874]


def test_f4_goalposts_are_transformed_with_the_figure(ask) -> None:  # type: ignore[no-untyped-def]
    index = f'normalise = "goalposts"\nto = [0, 1]\naggregate = "geometric"\nrenormalise = true\n{HALVES}'
    criterion = 'indicator = "gni"\nunit = "mean"\ntransform = "log"\ngoalposts = [100, 75000]'
    done = ask("g", model(index, criterion))
    assert [round(float(each), 4) for each in done.column("points")] == [0.5909, 0.8003, 0.9663]


def test_f5_a_geometric_mean_of_zero_is_refused(ask) -> None:  # type: ignore[no-untyped-def]
    index = f'normalise = "minmax"\naggregate = "geometric"\nrenormalise = true\n{HALVES}'
    criteria = ('indicator = "p"', 'indicator = "q"')
    done = ask("geo", model(index, *criteria))
    assert done.code == 1 and "[index.aggregate]" in done.err and "to = [1, 100]" in done.err
    assert set(ask("geo", model(index + "to = [1, 100]\n", *criteria)).column("category")) == {"c1", "c2"}


def test_f6_a_finished_table_is_averaged_already(ask) -> None:  # type: ignore[no-untyped-def]
    done = ask("win", model(f'normalise = "rank"\n{HALVES}', 'indicator = "p"\nwindow = [-2, -1]'))
    assert done.column("category") == ["c2", "c1"]


@pytest.mark.parametrize(
    ("index", "criterion", "key"),
    [
        (f'normalise = "goalposts"\n{HALVES}', 'indicator = "p"', "criterion[1: p].goalposts"),
        (f'normalise = "rank"\n{HALVES}', 'indicator = "p"\nweight = 0', "criterion[1: p].weight"),
        (f'normalise = "rank"\n{HALVES}', 'indicator = "p"\nweight = -1', "criterion[1: p].weight"),
        (f'normalise = "rank"\n{HALVES}[[index.group]]\nid = "empty"', 'indicator = "p"', "index.group[1: empty]"),
        (f'normalise = "rank"\n{HALVES}', 'indicator = "p"\nthreshold = 40', "criterion[1: p].threshold"),
        (f'normalise = "rank"\n{HALVES}', 'indicator = "p"\nbands = [1, 2]', "criterion[1: p].bands"),
        ('normalise = "rank"\nshares = [0.5, 0.4]', 'indicator = "p"', "index"),
        (f'normalise = "rank"\n{HALVES}', 'indicator = "p"\ngroup = "g"', "criterion[1: p].group"),
        (f'normalise = "rank"\n{HALVES}', 'indicator = "p"\ngoalposts = [0, 1]', "criterion[1: p].goalposts"),
        ('normalise = "rank"', 'indicator = "p"', "index.shares"),
        (
            'normalise = "rank"\n[[index.classing]]\nid = "d"\nby = "deviations"\ncuts = [-1, 1]',
            'indicator = "p"',
            "index.classing[1: d].cuts",
        ),
    ],
)  # fmt: skip
def test_f7_f9_a_wrong_model_is_told_by_key(index: str, criterion: str, key: str, ask) -> None:  # type: ignore[no-untyped-def]
    done = ask("p", model(index, criterion))
    assert done.code == 1 and f"[{key}]" in done.err and "fault in geo_bosoc" not in done.err


def test_f7a_three_thirds_are_thirds(ask) -> None:  # type: ignore[no-untyped-def]
    index = 'normalise = "rank"\nshares = [0.3333333333, 0.3333333333, 0.3333333333]'
    assert ask("e", model(index, 'indicator = "x"\nunit = "mean"', classes=3)).column("category") == [
        "c3",
        "c2",
        "c1",
    ]


def test_f8_a_column_is_read_in_one_way(ask) -> None:  # type: ignore[no-untyped-def]
    text = model(f'normalise = "none"\naggregate = "sum"\n{HALVES}', 'indicator = "score"\nunit = "count"')
    assert ask("c", text).column("points") == ["8.742", "4.72", "0.013"]
    assert ask("area,score\na,1.250\nb,2.500\n", text).column("points") == ["1250", "2500"]
    mixed = ask("area,score\na,1.234.567\nb,4.72\n", text)
    assert mixed.code == 1 and "column score" in mixed.err and "'.' stands between thousands" in mixed.err


def test_a_column_that_says_nothing_of_its_signs_is_warned_about(ask) -> None:  # type: ignore[no-untyped-def]
    text = model(f'normalise = "none"\naggregate = "sum"\n{HALVES}', 'indicator = "score"\nunit = "mean"')
    doubtful = ask("area,score\na,245.300\nb,198.450\n", text)
    assert "three digits after '.'" in doubtful.err and doubtful.column("points") == ["245.3", "198.45"]
    assert "three digits" not in ask("area,score\na,245.300\nb,198.4\n", text).err
    assert "three digits" not in ask("area,score\na,1245\nb,198\n", text).err


def test_f10_scales_are_fitted_on_assessed_areas(ask) -> None:  # type: ignore[no-untyped-def]
    gates = 'gates = [{ indicator = "residents", operator = ">=", threshold = 300 }]\n'
    criterion = 'indicator = "p"'
    scores = [
        ask("f10", model(f'normalise = "z"\n{fit}{HALVES}', criterion, head=gates)).column("points")
        for fit in ("", 'fit_period = "2024"\n')
    ]
    assert scores[0] == scores[1] and scores[0][2] == ""


def test_ties_are_those_of_the_figures_as_given(ask) -> None:  # type: ignore[no-untyped-def]
    table = "area,x\na,1\nb,2\nc,2\nd,3\n"
    criterion = 'indicator = "x"\nunit = "mean"\ndirection = "{direction}"\nties = "min"'
    index = f'normalise = "rank"\n{HALVES}'
    high = ask(table, model(index, criterion.format(direction="high_is_bad")))
    low = ask(table, model(index, criterion.format(direction="low_is_bad")))
    assert high.column("points") == ["1", "2", "2", "4"] and low.column("points") == ["4", "3", "3", "1"]


def test_without_years_the_period_is_a_dash(ask) -> None:  # type: ignore[no-untyped-def]
    done = ask("e", model(f'normalise = "rank"\n{HALVES}', 'indicator = "x"\nunit = "mean"'))
    assert set(done.column("period")) == {"-"}


def test_a_figure_that_is_the_same_everywhere_has_no_scale(ask) -> None:  # type: ignore[no-untyped-def]
    """However many areas there are: 30.1 has no exact binary, and its mean may differ from it."""
    table = "area,p_pct,q_pct\n" + "".join(f"a{number},30.1,{number}\n" for number in range(2, 13))
    done = ask(table, model(f'normalise = "z"\n{HALVES}', 'indicator = "p"', 'indicator = "q"'))
    assert set(done.column("category")) == {"undetermined"} and set(done.column("undetermined_by")) == {"p"}
    assert "p is the same in all areas" in done.err
