"""Papers for a council: documents that are built once, and written for Word and as HTML that prints."""

from __future__ import annotations

from typing import Final

from geo_bosoc.outputs.registry import Output

DOCUMENTS: Final = "documents"
"""The name of the papers' results in the list of outputs."""
_HERE: Final = "geo_bosoc.outputs.documents"

OUTPUTS: Final = (
    Output(
        ("yearly_report.docx", "yearly_report.html"),
        f"{_HERE}.yearly_report:write_report",
        results=DOCUMENTS,
        edited_by_people=True,
    ),
    Output(
        ("profiles/*",),
        f"{_HERE}.area_profile:write_profiles",
        results=DOCUMENTS,
        in_worker=True,
        edited_by_people=True,
    ),
    Output(("static_maps/*",), f"{_HERE}.maps:write_static_maps", results=DOCUMENTS, in_worker=True),
    Output(
        ("dialogue/*",),
        f"{_HERE}.dialogue:write_dialogues",
        ("internal",),
        DOCUMENTS,
        in_worker=True,
        edited_by_people=True,
    ),
)
"""The lines of the list of outputs."""
