"""Profiles of hypothesis: the same examples each time, so that a test run can be repeated; ``make fuzz`` draws new ones."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("fuzz", max_examples=10 * settings().max_examples, derandomize=False)
settings.load_profile("repeatable")
