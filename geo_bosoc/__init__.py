"""geo_bosoc: which neighbourhoods need help, and why."""
