"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

REFUSED = 3  # the status of a command whose gates are broken

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="A table: .csv, .parquet, .feather, .jsonl, or - for CSV from standard input.",
        show_default=False,
    ),
]
Model = Annotated[Path, typer.Argument(metavar="MODEL", help="A model that `tsgan fit` wrote.", show_default=False)]
Entities = Annotated[
    list[str] | None, typer.Option(help="Column that tells the series of a panel apart; give it again for several.")
]
Static = Annotated[
    list[str] | None, typer.Option(help="Column that is constant within each series; give it again for several.")
]
Kinds = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=KIND",
        help="What a column is: numeric, categorical, identifier, or a scaling such as log; give it again for several.",
    ),
]
Time = Annotated[str | None, typer.Option(help="Column of times: dates, or numbers.")]
DateFormat = Annotated[
    str | None, typer.Option(help="Of dates that are not written like 2024-01-31: %d/%m/%Y for example.", show_default=False)
]
Decimal = Annotated[str, typer.Option(help="Decimal mark of a CSV file.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, for machines.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an existing output.")]
