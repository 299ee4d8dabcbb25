"""What several commands share: options, the screen, what is said after a run."""
