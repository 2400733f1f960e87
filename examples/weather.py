"""Learn a mixed table: three airports' weather, with gaps, calm hours, dry hours, and a column of words."""

import pandas as pd

import tsgan
from tsgan import TSGAN
from tsgan.constraints import Inequality
from tsgan.datasets import load_weather


def table() -> pd.DataFrame:
    """All columns of the bundled weather without the hours that lack a temperature, and the sky in a word."""
    weather = load_weather().dropna(subset=["temp", "dewp"])
    words = ["fog", "haze", "clear"]
    return weather.assign(sky=pd.cut(weather["visib"], [-1, 2, 9, 10], labels=words, ordered=True))


def main(max_steps: int = 1000) -> None:
    """Fit and sample a year at three more places; the dew point is never above the temperature."""
    weather = table()
    schema, suggestions = tsgan.inspect(weather, entity="origin", time="time_hour")
    print(schema, suggestions, sep="\n")
    rules = [Inequality("temp", ">=", "dewp")]
    model = TSGAN(entity="origin", time="time_hour", constraints=rules, max_steps=max_steps, random_state=0).fit(weather)
    year = model.sample(3, random_state=1)
    print(year.groupby("origin", sort=False)["sky"].value_counts(normalize=True).unstack().round(2))
    print("dew point above temperature:", int((year["dewp"] > year["temp"]).sum()), "of", len(year))


if __name__ == "__main__":
    main()
