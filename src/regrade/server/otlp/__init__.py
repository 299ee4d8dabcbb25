"""The door of exporters of OpenTelemetry."""
