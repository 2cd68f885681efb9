"""What every key of every TOML file means: read from the specifications, for editors and for the documentation."""
