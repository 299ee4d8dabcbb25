"""Simulations of every interval and test, beside what is often done instead: `python -m scripts.simulations`."""
