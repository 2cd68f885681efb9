"""Maps as pictures for paper: sheets of A4 and A3, small ones for documents, one sheet for several years."""
