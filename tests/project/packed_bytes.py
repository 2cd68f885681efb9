"""What is packed in a written file, for tests that search it for what must not be in it."""

from __future__ import annotations

import base64
import gzip
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator


def members(content: bytes) -> Iterator[bytes]:
    """A file's bytes and those of all that is packed in it: zip, gzip, deflate in pictures, base64 in pages, tables."""
    yield content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield name.encode()
                yield from members(archive.read(name))
    elif content[:2] == b"\x1f\x8b":
        yield from members(gzip.decompress(content))
    elif content[:6] == b"SQLite":
        database = sqlite3.connect(":memory:")
        database.deserialize(content)
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            try:
                yield repr(database.execute(f'SELECT * FROM "{table}"').fetchall()).encode()
            except sqlite3.OperationalError:  # an index that only GDAL's SQLite knows
                continue
        database.close()
    for match in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        try:
            yield zlib.decompressobj().decompress(content[match.start() :])
        except zlib.error:
            continue
    for match in re.finditer(rb"[A-Za-z0-9+/]{120,}={0,2}", content):
        packed = match[0]
        yield from members(base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=False))
