"""A page for each model that ships, and one of all indicators, as `models show` and `indicators show` say it."""

from __future__ import annotations

import re

from geo_bosoc.indicators import describe_indicator, list_indicators
from geo_bosoc.models import describe_model, list_models


def model_pages() -> dict[str, str]:
    """Pages by path."""
    result = {
        f"presets/{model.id}.md": f"# {model.label('da')}\n\n{_markdown(describe_model(model, 'da'))}\n"
        for model in list_models()
    }
    parts = [
        "# Indikatorerne",
        "Hvad hver af dem tæller, hvilke kolonner og værdier den ser på, og hvad der er antaget.",
    ]
    for indicator in list_indicators():
        parts += [f"## {indicator.label('da')} {{#{indicator.id}}}"]
        parts += [_markdown(describe_indicator(indicator, "da"), headings=False)]
    return {"presets/indicators.md": "\n\n".join(parts) + "\n", **result}


def _markdown(text: str, *, headings: bool = True) -> str:
    """Indented lines are lists; a line before them is a heading."""
    lines = text.splitlines()
    result: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        depth = (len(line) - len(line.lstrip())) // 2
        plain = re.sub(r"([\[\]*<_])", r"\\\1", line.strip())
        if not plain:
            result.append("")
        elif depth:
            result.append(f"{'    ' * (depth - 1)}- {plain}")
        elif following.startswith("  "):
            result += [f"## {plain}" if headings else f"**{plain}**", ""]
        else:
            result += [plain, ""]
    return "\n".join(result)
