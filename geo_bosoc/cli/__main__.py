"""``python -m geo_bosoc.cli``: the same as ``geo-bosoc``."""

from geo_bosoc.cli.app import main

if __name__ == "__main__":
    main()
