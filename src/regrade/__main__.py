"""`python -m regrade`."""

from regrade.cli import main

if __name__ == "__main__":
    main()
