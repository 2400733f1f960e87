"""The command line: a file for each group of commands. What is heavy is imported inside them, so that help is quick."""

from tsgan_pipelines.cli.app import main

__all__ = ["main"]
