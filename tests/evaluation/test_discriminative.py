import numpy as np
import torch
from scipy.signal import lfilter

from tsgan_evaluation import discriminative_score, gru_score

RNG = np.random.default_rng(0)


def ar1(n: int, columns: int = 4) -> np.ndarray:
    return np.asarray(lfilter([1], [1, -0.9], RNG.normal(size=(n, 12, columns)), axis=1))


REAL = ar1(500)


def test_is_near_0_for_another_draw_of_the_same_law() -> None:
    assert discriminative_score(REAL, ar1(500), steps=150) < 0.1


def test_is_near_a_half_for_data_of_another_kind() -> None:
    assert discriminative_score(REAL, 5 + RNG.normal(size=REAL.shape), steps=300) > 0.45


def test_32_units_see_shuffled_time_where_the_protocols_few_do_not() -> None:
    # Shuffling time leaves every step's law as it is here, so only the order can tell.
    real = ar1(600, columns=2)[:, 4:] / 2
    shuffled = RNG.permuted(ar1(600, columns=2)[:, 4:] / 2, axis=1)
    assert gru_score(real, shuffled, steps=400) > discriminative_score(real, shuffled, steps=400) + 0.1


def test_the_default_is_half_the_columns_and_at_least_one_unit() -> None:
    for columns, units in [(4, 2), (1, 1)]:
        real, synthetic = REAL[..., :columns], REAL[..., :columns] + 1
        same, more = (discriminative_score(real, synthetic, hidden_size=h, steps=30) for h in (units, units + 1))
        assert discriminative_score(real, synthetic, steps=30) == same != more


def test_a_seed_gives_the_same_figure_again_and_leaves_the_global_state_alone() -> None:
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    first = discriminative_score(REAL, REAL + 0.3, seed=3, steps=30)
    torch.manual_seed(99)
    assert discriminative_score(REAL, REAL + 0.3, seed=3, steps=30) == first
    torch.set_rng_state(before)
    discriminative_score(REAL, REAL, seed=3, steps=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
