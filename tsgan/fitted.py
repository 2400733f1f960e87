"""What a fitted model is made of."""

from __future__ import annotations

from typing import NamedTuple

from tsgan.condition_law import ConditionLaw
from tsgan.conditions import Known, Positions
from tsgan.networks import Generator
from tsgan.preprocessing import TableEncoder
from tsgan.reparameterisation import Reparameterisation
from tsgan.schema import Schema
from tsgan.spans import Spans
from tsgan.told import Told


class Fitted(NamedTuple):
    """All that sampling needs of a model; each part is described where it is defined."""

    schema: Schema
    rules: Reparameterisation
    encoder: TableEncoder
    law: ConditionLaw | None
    positions: Positions | None
    generator: Generator

    @property
    def varying(self) -> int:
        """How many of the conditions, the last ones, may change from one step to the next."""
        return 0 if self.law is None else self.law.varying

    def known(self, spans: Spans, told: Told | None) -> Known:
        """What is known of each step of sequences: what the clock and their position tell, and the user's conditions."""
        own = None if told is None else told.features
        return Known(self.schema.axis, self.positions, spans, own, 0 if own is None else self.varying)
