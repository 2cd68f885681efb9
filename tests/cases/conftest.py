"""Assertions in the modules of cases are told in full."""

import pytest

pytest.register_assert_rewrite("running", "cases_of_figures", "cases_of_places", "cases_of_tables")
