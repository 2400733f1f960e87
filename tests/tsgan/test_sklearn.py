"""scikit-learn's own checks."""

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from tsgan import TSGAN

# What cannot apply, with its reason.
NOT_APPLICABLE: dict[str, str] = {}


@parametrize_with_checks([TSGAN(max_steps=2, random_state=0, device="cpu")], expected_failed_checks=lambda _: NOT_APPLICABLE)  # type: ignore[untyped-decorator]
def test_scikit_learn_check(estimator: TSGAN, check: Any) -> None:
    check(estimator)
