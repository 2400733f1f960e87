"""What a fitted model is made of."""

from __future__ import annotations

from typing import NamedTuple

from tsgan.condition_law import ConditionLaw
from tsgan.conditions import Positions
from tsgan.networks import Generator
from tsgan.preprocessing import TableEncoder
from tsgan.reparameterisation import Reparameterisation
from tsgan.schema import Schema


class Fitted(NamedTuple):
    """All that sampling needs of a model; each part is described where it is defined."""

    schema: Schema
    rules: Reparameterisation
    encoder: TableEncoder
    law: ConditionLaw | None
    positions: Positions | None
    generator: Generator
