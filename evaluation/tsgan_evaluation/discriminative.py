"""Discriminative scores: how well a small recurrent network, trained afterwards, tells real from synthetic."""

from __future__ import annotations

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from tsgan_evaluation._missing import fill_and_mask
from tsgan_evaluation._networks import glorot_gru
from tsgan_evaluation._threads import one_thread
from tsgan_evaluation._validation import FloatArray, check_pair

LEAST_SEQUENCES = 10
BATCH = 128
LEARNING_RATE = 1e-3
TRAIN_SHARE = 0.8


@one_thread()
def discriminative_score(
    real: ArrayLike, synthetic: ArrayLike, hidden_size: int | None = None, seed: int = 0, steps: int = 2000
) -> float:
    """``|accuracy - 0.5|`` of a GRU that was trained to tell the sides apart (TimeGAN's protocol).

    A GRU and a linear layer on its last state, trained with Adam (1e-3) on batches of 128 of each side's random 80 %,
    judged on the other 20 %. Scale the columns to about [0, 1] first, as `score` does: the figure depends on it.

    Parameters
    ----------
    real : array_like of shape (B, T, C)
    synthetic : array_like of shape (B', T, C)
        At least 10 sequences each. Missing cells (NaN) become the real column's mean, and their mask is a column more.
    hidden_size : int, optional
        Units of the GRU; the protocol's C // 2, but at least 1, by default. With few columns it is then nearly blind.
    seed : int
        Of split, weights and batches. The global random state is neither used nor changed.
    steps : int
        Batches to train on.

    Returns
    -------
    float
        From 0 (told apart by chance only) to 0.5. A perfect generator scores about ``0.4 / sqrt(n)`` with n test
        sequences in all.

    Raises
    ------
    ValueError
        If the arrays cannot be compared; see the message.

    Notes
    -----
    Overlapping windows of one series lie on both sides of the random split, as in the literature: the score is for
    comparison with published figures, `feature_judge` for the truth.

    References
    ----------
    Yoon, Jarrett & van der Schaar 2019, "Time-series Generative Adversarial Networks", section 5.
    """
    real, synthetic = check_pair(real, synthetic, least_sequences=LEAST_SEQUENCES)
    hidden_size = max(1, real.shape[2] // 2) if hidden_size is None else hidden_size
    draw = torch.Generator().manual_seed(seed)
    (train, test), (synthetic_train, synthetic_test) = (_split(x, draw) for x in fill_and_mask(real, synthetic))
    gru, head = glorot_gru(train.shape[2], hidden_size, seed)

    def logit(x: Tensor) -> Tensor:
        states: Tensor = gru(x)[0]  # (B, T, H)
        return head(states[:, -1])[:, 0]  # type: ignore[no-any-return]

    optimizer = torch.optim.Adam([*gru.parameters(), *head.parameters()], LEARNING_RATE, fused=True)
    labels = torch.cat([torch.ones(BATCH), torch.zeros(BATCH)])
    for _ in range(steps):
        x = torch.cat([s[torch.randint(len(s), (BATCH,), generator=draw)] for s in (train, synthetic_train)])
        loss = nn.functional.binary_cross_entropy_with_logits(logit(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        hits = torch.cat([logit(test) > 0, logit(synthetic_test) <= 0])
    return abs(hits.float().mean().item() - 0.5)


def gru_score(real: ArrayLike, synthetic: ArrayLike, seed: int = 0, steps: int = 2000) -> float:
    """`discriminative_score` with 32 hidden units, whatever the number of columns."""
    return discriminative_score(real, synthetic, hidden_size=32, seed=seed, steps=steps)


def _split(x: FloatArray, draw: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random 80 % to train on and 20 % to test on."""
    order = torch.randperm(len(x), generator=draw)
    cut = int(TRAIN_SHARE * len(x))
    sequences = torch.as_tensor(x, dtype=torch.float32)
    return sequences[order[:cut]], sequences[order[cut:]]
