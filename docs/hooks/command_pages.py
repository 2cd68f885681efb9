"""A page for each command, from its own help."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from geo_bosoc.cli.app import app
from geo_bosoc.text.messages import in_language


def command_pages() -> dict[str, str]:
    """Pages by path: the overview first, then each command."""
    root = typer.main.get_command(app)
    commands = list(_commands(root, "geo-bosoc", None))
    overview = ["# Kommandoer", _text(root), "| kommando | |", "| --- | --- |"]
    rows = [f"| [`{name}`]({_file(name)}) | {_first(command)} |" for name, command, _ in commands]
    result = {
        "commands/index.md": "\n\n".join(overview[:2]) + "\n\n" + "\n".join([*overview[2:], *rows]) + "\n"
    }
    for name, command, context in commands:
        result[f"commands/{_file(name)}"] = _page(name, command, context)
    return result


def _commands(command: Any, name: str, above: Any) -> Iterator[tuple[str, Any, Any]]:
    context = command.context_class(command, info_name=name.split()[-1], parent=above)
    if above is not None and not command.hidden:
        yield name, command, context
    if hasattr(command, "list_commands"):
        for part in command.list_commands(context):
            below = command.get_command(context, part)
            if below is not None and not below.hidden:
                yield from _commands(below, f"{name} {part}", context)


def _file(name: str) -> str:
    return "_".join(name.split()[1:]) + ".md"


def _text(command: Any) -> str:
    return _markdown(_danish(command.help))


def _danish(text: str | None) -> str:
    """The program's own words in Danish, as it says them in a Danish project."""
    return in_language((text or "").replace("\f", "").strip(), "da")


def _markdown(text: str) -> str:
    for sign in "[<|":
        text = text.replace(sign, f"\\{sign}")
    return text


def _first(command: Any) -> str:
    return _text(command).split("\n\n")[0].replace("\n", " ")


def _page(name: str, command: Any, context: Any) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [f"# {name}", _text(command), f"```text\n{name} {usage}\n```"]
    if command.epilog:
        parts.append(f"Eksempel:\n\n```text\n{command.epilog.partition(': ')[2]}\n```")
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name != "argument"]
    for title, parameters in (("Argumenter", arguments), ("Valg", options)):
        shown = [parameter for parameter in parameters if not getattr(parameter, "hidden", False)]
        rows = [_row(parameter, context) for parameter in shown]
        if rows:
            head = [f"| {title.lower()} | | hvis intet siges |", "| --- | --- | --- |"]
            parts += [f"## {title}", "\n".join([*head, *rows])]
    return "\n\n".join(parts) + "\n"


def _row(parameter: Any, context: Any) -> str:
    is_argument = parameter.param_type_name == "argument"
    names = [parameter.metavar or parameter.name] if is_argument else parameter.opts
    text = _markdown(_danish(getattr(parameter, "help", None)).replace("\n", " "))
    default = parameter.get_default(context)
    shown = f"`{default}`" if default not in (None, False, True, (), []) and not callable(default) else ""
    return f"| {', '.join(f'`{name}`' for name in names)} | {text} | {shown} |"
