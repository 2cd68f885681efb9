"""Assertions in the modules of mutants are told in full."""

import pytest

pytest.register_assert_rewrite("judging", "registry", "clean_project")
