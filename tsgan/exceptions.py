"""What goes wrong, as classes; each is also the standard exception that a user's ``except`` expects."""

from __future__ import annotations


class TSGANError(Exception):
    """Base of this package's errors."""


class InputError(TSGANError, ValueError):
    """Data that cannot be learned from or sampled for, with the columns and rows at fault."""


class InputTypeError(TSGANError, TypeError):
    """Data of a type that is not understood."""


class ParameterError(TSGANError, ValueError):
    """Parameters outside their range, all of them in one message."""


class ConvergenceError(TSGANError, RuntimeError):
    """Training that collapsed or ran away again and again."""


class TrainingInterrupted(KeyboardInterrupt):
    """A fit that was interrupted, and its checkpoint kept; it passes ``except Exception`` as every interrupt does."""


class CheckpointError(TSGANError, ValueError):
    """A file that is no checkpoint, is damaged, or belongs to another fit."""


class ModelFileError(TSGANError, ValueError):
    """A file that is not a model of this package, is damaged, or comes from a newer version."""
