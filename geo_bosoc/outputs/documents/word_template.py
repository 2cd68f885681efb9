"""The Word file that documents are written into: the municipality's own, or a plain one with the same named styles.

Styles, logo, header and footer of a template are taken as they are, and so is what stands in it; a style that it lacks
is added in the plain form (`word_styles`).
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from geo_bosoc.atomic_write.write import atomic_file
from geo_bosoc.outputs.documents.word_styles import add_missing_styles, plain_styles
from geo_bosoc.problems import InputError, Problem
from geo_bosoc.problems.messages import Message, phrase
from geo_bosoc.text.catalogue import Language

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

CONTENT_MARKS: Final[dict[Language, str]] = {"da": "{{indhold}}", "en": "{{content}}"}
"""A paragraph of the template with one of these alone is where the document goes; else it goes to the end."""
_MAIN: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_TEMPLATE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
_TYPES: Final = "[Content_Types].xml"
_RELATIONS: Final = "_rels/.rels"
_STRICT: Final = "purl.oclc.org/ooxml"
_OLD: Final = b"\xd0\xcf\x11\xe0"
"""What files of Office of before 2007 begin with, and those that are protected with a password."""
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)


def is_word_installed() -> bool:
    """Whether python-docx is there, which writes Word files."""
    try:
        import docx  # noqa: F401
    except ImportError:
        return False
    return True


def open_template(path: Path | None) -> WordDocument:
    """A Word document to write into, with every style that is used.

    Parameters
    ----------
    path : Path or None
        The municipality's own: a ``.docx`` or ``.dotx``. None for the plain one.

    Raises
    ------
    InputError
        It is no Word file that can be read, or says wrongly where documents go: one sentence says why.
    """
    import docx

    if path is None:
        plain = docx.Document()
        plain_styles(plain)
        return plain
    try:
        template = docx.Document(io.BytesIO(_as_document(path)))
        add_missing_styles(template)
        content_paragraph(template, path)
        _forget_origin(template)
    except FileNotFoundError:
        raise _wrong(path, phrase("there is no such file.")) from None
    except IsADirectoryError:
        raise _wrong(path, phrase("this is a folder.")) from None
    except OSError:
        raise _wrong(path, phrase("the file cannot be read: is it open in another program?")) from None
    except InputError:
        raise
    except Exception:  # zipfile, lxml and python-docx each have errors of their own for a file that is none
        raise _wrong(path, phrase("this is no Word file that can be read.")) from None
    return template


def check_template(path: Path) -> None:
    """Raise `InputError` where a template cannot be used; as `open_template`, before anything is counted."""
    if is_word_installed():
        open_template(path)


def write_template(path: Path, language: Language = "da") -> None:
    """Write the plain template: the styles that documents use, and the mark where a document goes.

    Parameters
    ----------
    path : Path
        The file, ``.docx``.
    language : {"da", "en"}, optional
        Of the mark.
    """
    template = open_template(None)
    template.add_paragraph(CONTENT_MARKS[language])
    save_word(template, path)


def content_paragraph(template: WordDocument, path: Path | None = None) -> Any:
    """The paragraph that a document takes the place of; None where the template marks none.

    Raises
    ------
    InputError
        There are several, or it is in a table or a text box, or has other words beside the mark.
    """
    marks = tuple(CONTENT_MARKS.values())
    texts = {
        paragraph: "".join(paragraph.xpath(".//w:t/text()")).strip().lower()
        for paragraph in template.element.body.xpath(".//w:p[not(.//w:p)]")
    }
    marked = [paragraph for paragraph, text in texts.items() if any(mark in text for mark in marks)]
    if not marked:
        return None
    name = next(mark for mark in marks if mark in texts[marked[0]])
    where = path or Path()
    if any(paragraph.xpath("ancestor::w:tc | ancestor::w:txbxContent") for paragraph in marked):
        raise _wrong(where, phrase("{mark} is in a table or a text box.", mark=name), at_mark=True)
    if any(text not in marks for text in map(texts.__getitem__, marked)):
        raise _wrong(where, phrase("{mark} has other words beside it.", mark=name), at_mark=True)
    if len(marked) > 1:
        raise _wrong(where, phrase("{mark} is there more than once.", mark=name), at_mark=True)
    return marked[0]


def save_word(document: WordDocument, path: Path) -> None:
    """Save a Word document; the same content gives the same bytes: all its parts have one date."""
    content, written = io.BytesIO(), io.BytesIO()
    document.save(content)
    with zipfile.ZipFile(content) as source, zipfile.ZipFile(written, "w") as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            entry.create_system = 0
            target.writestr(entry, source.read(name))
    with atomic_file(path) as draft:
        draft.write_bytes(written.getvalue())


def _wrong(path: Path, message: Message, *, at_mark: bool = False) -> InputError:
    hint = (
        phrase("Put the mark in a paragraph of its own, once.")
        if at_mark
        else phrase("Name a Word file saved as .docx or .dotx, or leave template out.")
    )
    return InputError([Problem("error", message, file=path.name, key="documents.template", hint=hint)])


def _as_document(path: Path) -> bytes:
    """The file's bytes; a template (``.dotx``) said to be a document, which python-docx takes alone."""
    content = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise _wrong(path, _what_else(content))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        types = package.read(_TYPES).decode("utf-8") if _TYPES in names else ""
        relations = package.read(_RELATIONS).decode("utf-8") if _RELATIONS in names else ""
        if "macroEnabled" in types:
            raise _wrong(path, phrase("this Word file has macros."))
        if "wordprocessingml" not in types:
            raise _wrong(path, phrase("this is no Word file."))
        if _STRICT in relations:
            raise _wrong(path, phrase('this Word file is saved as "Strict Open XML".'))
        if _TEMPLATE not in types:
            return content
        changed = io.BytesIO()
        with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
            for name in names:
                data = package.read(name)
                target.writestr(name, types.replace(_TEMPLATE, _MAIN).encode() if name == _TYPES else data)
    return changed.getvalue()


def _what_else(content: bytes) -> Message:
    """What a file is that is no package of Office."""
    if content.startswith(_OLD) and "EncryptedPackage".encode("utf-16-le") in content:
        return phrase("this file is protected with a password.")
    if content.startswith(_OLD) and "WordDocument".encode("utf-16-le") in content:
        return phrase("this is a Word file of before 2007.")
    return phrase("this is no Word file.")


def _forget_origin(template: Any) -> None:
    """Take out where the file's own template lies: a place on somebody's computer."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml.ns import qn

    settings = template.settings.element
    for mark in settings.findall(qn("w:attachedTemplate")):
        part, relation = template.part.part_related_by(RELATIONSHIP_TYPE.SETTINGS), mark.get(qn("r:id"))
        if relation in part.rels:
            del part.rels[relation]
        settings.remove(mark)
