"""What a pipeline is told: one pydantic model, read from YAML and written as YAML with a comment for each key."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from tsgan.constraints import Constraint
from tsgan.exceptions import InputError
from tsgan.wording import nearest
from tsgan_pipelines.files import TABLES
from tsgan_pipelines.gates import parse_bound
from tsgan_pipelines.options import read_constraint
from tsgan_pipelines.space import Choices, Interval, parse_dimension


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Data(_Section):
    """Where the real table is, and what tells its series and times."""

    source: str = Field(
        default="weather", description="a file, a folder of Parquet, an fsspec address, a database, or 'weather'"
    )
    query: str | None = Field(default=None, description="of a database: a table's name, or a SELECT")
    entity: str | list[str] | None = Field(
        default="origin", description="column(s) that tell the series apart; null for one long series"
    )
    time: str | None = Field(default="time_hour", description="column of times; null where rows are steps")
    drop: list[str] = Field(default=[], description="columns that are not to be learned")
    holdout: float = Field(
        default=0.2,
        ge=0,
        lt=1,
        description="share that is not learned: of the series, or the end of each where they are fewer than 20",
    )

    @property
    def entities(self) -> list[str]:
        """Names of the columns that tell the series apart."""
        return [] if self.entity is None else [self.entity] if isinstance(self.entity, str) else self.entity


class Sample(_Section):
    """What is sampled from the model."""

    n: int | None = Field(default=None, ge=1, description="series; null for as many as were learned")
    length: int | None = Field(default=None, ge=1, description="rows of each; null for lengths as they were learned")
    seed: int = Field(default=0, ge=0)
    table: str | None = Field(default=None, description="where output is a database: the table, replaced if it is there")
    output: str | None = Field(
        default=None, description="a file, an fsspec address or a database to write to, beside the pipeline's folder"
    )

    @field_validator("output")
    @classmethod
    def _ending(cls, value: str | None, others: ValidationInfo) -> str | None:
        if value is not None and others.data.get("table") is None and not value.lower().endswith(TABLES):
            raise ValueError(f"{value!r} must end in {', '.join(TABLES)}; for a database say sample.table")
        return value


class Evaluation(_Section):
    """How the sample is judged."""

    metrics: list[str] | None = Field(
        default=["marginal", "temporal", "dependence", "feature_judge", "next_step", "multi_step", "embedding", "privacy"],
        description="metrics or families; null for all, TimeGAN's three networks among them, which take minutes",
    )
    seed: int = Field(default=0, ge=0)
    real_data: bool = Field(default=True, description="whether the page may show single real sequences")

    @field_validator("metrics")
    @classmethod
    def _known(cls, value: list[str] | None) -> list[str] | None:
        from tsgan_pipelines.metrics import check_metrics

        check_metrics(value or ())
        return value


class Gates(_Section):
    """Bounds that a model must keep to be registered."""

    quality: dict[str, str] = Field(
        default={"judge_auc": "<= 0.99"}, description="on metrics, of columns the worst; {} for none"
    )
    privacy: dict[str, str] = Field(default={"window_copies": "<= 0.2"}, description="as quality; {} for none")

    @field_validator("quality", "privacy", mode="before")
    @classmethod
    def _without_null(cls, value: Any) -> Any:
        return {name: text for name, text in value.items() if text is not None} if isinstance(value, dict) else value

    @field_validator("quality", "privacy")
    @classmethod
    def _bounds(cls, value: dict[str, str]) -> dict[str, str]:
        for text in value.values():
            parse_bound(text)
        return value


class Tracking(_Section):
    """Where the run is written down."""

    uri: str | None = Field(default="sqlite:///mlflow.db", description="of MLflow: a database or a server; null for none")
    experiment: str = Field(default="tsgan")
    register_as: str | None = Field(default=None, description="name of the registered model, if the gates pass")

    @field_validator("register_as")
    @classmethod
    def _name(cls, value: str | None) -> str | None:
        if value is not None and (not value.strip() or set(value) & set("/:")):
            raise ValueError(f"{value!r} is no name for MLflow, which takes neither '/' nor ':' in it")
        return value


class Space(_Section):
    """Values that parameters of TSGAN may take in a sweep; only those after which validation distances still compare."""

    hidden_size: Any = Field(default=None, description="null among them: by the number of columns")
    patch_size: Any = Field(default=None, description="less than the window")
    batch_size: Any = None
    n_critic: Any = None
    penalty_weight: Any = None
    moment_weight: Any = None
    critic_rate: Any = None
    generator_rate: Any = None

    @field_validator("*")
    @classmethod
    def _understood(cls, value: Any, info: ValidationInfo) -> Any:
        if value is not None:
            parse_dimension(str(info.field_name), value)
        return value

    @property
    def dimensions(self) -> dict[str, Choices | Interval]:
        """What is searched, by parameter."""
        return {name: parse_dimension(name, value) for name, value in self if value is not None}


class Sweep(_Section):
    """Which parameters `tsgan sweep` compares."""

    seed: int = Field(default=0, ge=0, description="of what is tried")
    space: Space = Field(
        default=Space(
            hidden_size=[None, 32, 64, 128],
            patch_size=[2, 3, 4, 6],
            n_critic=[1, 2, 3],
            penalty_weight={"low": 1.0, "high": 30.0, "log": True},
            moment_weight={"low": 0.1, "high": 10.0, "log": True},
            critic_rate={"low": 0.0005, "high": 0.008, "log": True},
            generator_rate={"low": 0.00025, "high": 0.004, "log": True},
        ),
        description="lists of values, or low, high and perhaps log; what is not named is as in model",
    )


class Config(_Section):
    """A pipeline."""

    folder: str = Field(
        default="tsgan-run", description="for what the steps make; those whose inputs have not changed are not redone"
    )
    data: Data = Data()
    model: dict[str, Any] = Field(
        default_factory=lambda: {"max_time": 120, "random_state": 0}, description="parameters of TSGAN"
    )
    sample: Sample = Sample()
    evaluation: Evaluation = Evaluation()
    gates: Gates = Gates()
    tracking: Tracking = Tracking()
    sweep: Sweep = Sweep()

    @field_validator("model")
    @classmethod
    def _parameters(cls, value: dict[str, Any]) -> dict[str, Any]:
        from tsgan import TSGAN
        from tsgan.parameters import check_parameters

        allowed = [name for name in TSGAN._get_param_names() if name not in ("entity", "time", "callbacks", "checkpoint")]
        for name in value:
            if name not in allowed:
                raise ValueError(f"TSGAN has no parameter {name!r}{nearest(name, allowed)}")
        check_parameters(TSGAN(**value | {"constraints": read_constraints(value)}))
        return value

    @classmethod
    def read(cls, path: Path) -> Self:
        """The config of a YAML file.

        Raises
        ------
        InputError
            Naming the first wrong place, and the nearest right key.
        FileNotFoundError
        """
        if not path.exists():
            raise FileNotFoundError(f"there is no file {str(path)!r}")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise InputError(f"{str(path)!r} is no text, but a config is YAML: `tsgan config` prints one") from error
        return cls.parse(text, repr(str(path)))

    @classmethod
    def parse(cls, text: str, place: str) -> Self:
        """As :meth:`read`, of a text; messages say where it stood."""
        try:
            content = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise InputError(f"{place} is no YAML ({error})") from error
        if not isinstance(content, dict):
            raise InputError(f"{place} holds no keys; `tsgan config` prints what it may hold")
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise InputError(f"{place}: {_first_mistake(cls, error)}") from error

    def to_yaml(self) -> str:
        """YAML with a comment beside each key; :meth:`read` gives an equal config."""
        return "\n".join(_lines(self, "")) + "\n"


def read_constraints(model: dict[str, Any]) -> list[Constraint]:
    """The constraints of parameters, which are written as for ``tsgan fit --constraint``."""
    return [read_constraint(str(text)) for text in model.get("constraints") or ()]


def _first_mistake(model: type[BaseModel], error: ValidationError) -> str:
    mistake = error.errors()[0]
    *parents, last = mistake["loc"] or ("",)
    place = ".".join(map(str, mistake["loc"]))
    if mistake["type"] != "extra_forbidden":
        found = "" if mistake["type"] == "value_error" else f", not {mistake['input']!r}"
        return f"{place}: {mistake['msg'].removeprefix('Value error, ')}{found}"
    for parent in parents:
        section = model.model_fields[str(parent)].annotation
        if not (isinstance(section, type) and issubclass(section, BaseModel)):
            break
        model = section
    return f"there is no key {place}{nearest(str(last), list(model.model_fields))}"


def _lines(section: BaseModel, indent: str) -> list[str]:
    lines = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        note = f"  # {field.description}" if field.description else ""
        if isinstance(value, BaseModel):
            lines += [f"{indent}{name}:{note}", *_lines(value, indent + "  ")]
        else:
            text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=1000).strip().removesuffix("\n...")
            lines.append(f"{indent}{name}: {text}{note}")
    return lines
