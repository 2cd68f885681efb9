"""The workbook: a summary, a sheet a period, and the data sheets."""
