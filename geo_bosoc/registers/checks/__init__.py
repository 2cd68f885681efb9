"""Checks of a register's rows: functions of frames that say what cannot be right."""
