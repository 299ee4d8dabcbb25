"""The packaged example application, and the suite that judges it."""
