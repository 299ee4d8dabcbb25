"""Language models, spoken with over their own HTTP interfaces by thin clients of ours.

One file a dialect, each a few pure functions from our words to the provider's and back. Loads an
HTTP client; so the modules are imported where they are needed.
"""
