import subprocess
import sys

import pytest

import tsgan_evaluation


def test_every_public_name_is_there() -> None:
    assert set(tsgan_evaluation.__all__) <= set(dir(tsgan_evaluation))
    for name in tsgan_evaluation.__all__:
        assert getattr(tsgan_evaluation, name).__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'tsgan_evaluation' has no attribute 'fid'"):
        tsgan_evaluation.fid  # noqa: B018


def test_importing_and_marginal_metrics_do_without_torch() -> None:
    code = "import sys; from tsgan_evaluation import kolmogorov_smirnov; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
