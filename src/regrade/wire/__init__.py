"""HTTP as targets and chat models both speak it: sessions, refusals, streams.

Loads an HTTP client, a fifth of a second; so the modules are imported where they are needed.
"""
