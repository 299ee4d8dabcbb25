"""Alerts told: on channels, escaped and signed, once; acknowledged, muted and closed by people."""

from .changing import change_alert, mute_series
from .channels import Message
from .sending import Notifier, tried

__all__ = ["Message", "Notifier", "change_alert", "mute_series", "tried"]
