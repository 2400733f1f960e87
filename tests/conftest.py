"""Profiles of hypothesis: ``make fuzz`` asks for ten times as much."""

from hypothesis import settings

settings.register_profile("fuzz", max_examples=10 * settings().max_examples)
