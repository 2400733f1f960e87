"""Learn one sensor, sample another like it: the shortest use."""

from tsgan import TSGAN
from tsgan.datasets import make_seasonal


def main(max_steps: int = 1000) -> None:
    """Fit eight weeks of hourly data and print a synthetic week."""
    sensor = make_seasonal(random_state=0)
    model = TSGAN(max_steps=max_steps, random_state=0).fit(sensor)
    print(model.sample(1, length=168).describe())


if __name__ == "__main__":
    main()
