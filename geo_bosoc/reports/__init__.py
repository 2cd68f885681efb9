"""Tables, workbook and manifest."""
