"""Statistics that hold whenever one looks: intervals, detectors of a change, comparisons of two streams."""
