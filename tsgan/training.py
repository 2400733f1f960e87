"""The training loop: critic, generator, record."""

from __future__ import annotations

import copy
import math
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from sklearn.exceptions import ConvergenceWarning
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_
from torch.optim import Optimizer

from tsgan import penalties, snapshot
from tsgan.collapse import CollapseWatch
from tsgan.continued import Continued
from tsgan.distance import sliced_wasserstein
from tsgan.exceptions import ConvergenceError
from tsgan.family import Family
from tsgan.losses import LOSSES
from tsgan.moments import MomentMatching
from tsgan.networks import Critic, Generator, State
from tsgan.optimizers import make_optimizer
from tsgan.rollouts import Batch, Rollouts
from tsgan.sequences import Sequences
from tsgan.snapshot import Snapshot
from tsgan.straying import straying

PENALTY_EVERY = 4  # critic steps, with as many times the weight
PENALTY_STEP = 0.1
AVERAGE_DECAY = 0.999
FINAL_RATE = 0.02
SAMPLE = 4096  # windows for the target moments
SCORE_WEIGHT = 1.0  # of the futures' score
LATE_MOMENTUM = 0.99  # of the moments of the few rollouts that live long
GIVEN = 8  # one rollout in so many begins where a real history ends
JUDGED = 512  # windows for the validation distance
PROJECTIONS = 128
RECORDS = 50  # rows of the history of a whole run
RECOVERIES = 3  # returns from a collapse


@dataclass(frozen=True)
class Options:
    """What the loop needs to know; :class:`tsgan.TSGAN` documents each."""

    window: int
    batch_size: int
    max_steps: int | None
    max_time: float | None
    critic_rate: float
    generator_rate: float
    n_critic: int
    penalty_weight: float
    moment_weight: float
    from_beginning: bool
    patience: int | None
    family: Family = field(default_factory=Family)

    def shared(self) -> tuple[Options, Options]:
        """Budgets for the law of the conditions, a quarter of the steps or a fifth of the time, and for what is left."""
        steps = None if self.max_steps is None else -(-self.max_steps // 4)
        first, rest = (None, None) if self.max_time is None else (0.2 * self.max_time, 0.8 * self.max_time)
        return replace(self, max_steps=steps, max_time=first, patience=None), replace(self, max_time=rest)


@dataclass(frozen=True)
class Record:
    """One row of the history: means since the last row, and the validation distance of the averaged generator.

    Norms of the gradients of all weights of a network are those of the row's step.
    """

    step: int
    critic_loss: float
    generator_loss: float
    penalty: float
    wasserstein: float
    moments: float
    validation_distance: float
    seconds: float
    critic_gradient: float
    generator_gradient: float
    steps_per_second: float


class Training:
    """A run: networks, optimisers, rollouts.

    Parameters
    ----------
    generator, critic : Generator, Critic
        Trained in place.
    train : Sequences
    validation : Tensor of shape (n, T, V + K)
        Held-out windows as the critic sees them.
    options : Options
    random : torch.Generator
        On the device of the networks.
    """

    def __init__(
        self,
        generator: Generator,
        critic: Critic,
        train: Sequences,
        validation: Tensor,
        options: Options,
        random: torch.Generator,
    ) -> None:
        self.generator, self.critic, self.train, self.validation = generator, critic, train, validation
        self.options, self.random, self.device = options, random, train.values.device
        self.average = copy.deepcopy(generator).requires_grad_(False)
        sizes = options.window, generator.patch_size
        self.continued = Continued(train, *sizes, options.batch_size // GIVEN, random)
        pool = options.batch_size - self.continued.count
        self.rollouts = Rollouts(train, *sizes, pool, options.from_beginning, random)
        family = options.family
        self.loss = LOSSES[family.loss]
        self.penalty = None if family.penalty is None else penalties.PENALTIES[family.penalty]
        self.critic_optimizer = make_optimizer(family.optimizer, critic.parameters(), options.critic_rate)
        self.generator_optimizer = make_optimizer(family.optimizer, generator.parameters(), options.generator_rate)
        first = train.window_starts(options.window)
        chosen = first[torch.randint(len(first), (min(SAMPLE, len(first)),), generator=random, device=self.device)]
        real = real_view(generator, train, chosen, options.window)
        self.moments, self.late_moments = MomentMatching(real), MomentMatching(real, LATE_MOMENTUM)
        self.judges_late = not options.from_beginning and self.rollouts.short_lived < self.rollouts.batch
        self.history: list[Record] = []
        self.step, self.seconds, self.next_record = 0, 0.0, 1.0 / RECORDS
        self.best, self.best_state, self.waited = math.inf, dict[str, Tensor](), 0
        self.rate, self.recoveries = 1.0, 0
        self.watch = CollapseWatch(self.average, train, options.window, options.from_beginning)

    def run(
        self, on_record: Callable[[Record, float], bool], on_snapshot: Callable[[Snapshot], object] = lambda taken: None
    ) -> None:
        """Train until the budget is spent, ``on_record`` returns True, or the validation distance stays.

        A collapse is looked for at each record. The run then goes back to the record before, with half the learning rates.

        Parameters
        ----------
        on_record : callable
            Given each record and the share of the budget that is spent.
        on_snapshot : callable, optional
            Given the state at the beginning and at each record, from which a run of the same data and options goes on.

        Raises
        ------
        ConvergenceError
            If going back has not helped, three times.
        """
        started, progress = time.monotonic() - self.seconds, self._progress(self.seconds)
        sums, count = torch.zeros(5, device=self.device), 0
        self.good = snapshot.take(self)
        on_snapshot(self.good)
        while progress < 1.0 and not self._stalled():
            self._set_rates(progress)

            # Critic: the windows of the last of its steps serve the generator too.
            for _ in range(self.options.n_critic):
                batch, aside = self.generate()
                fake = generated_view(self.generator, batch)
                mask = self.column_mask()
                critic_terms = self.critic_step(batch, fake.detach(), mask)

            # Generator.
            generator_terms = self.generator_step(fake, aside, mask)

            # Record.
            self.step += 1
            sums += torch.stack([*critic_terms, *generator_terms])
            count += 1
            seconds = time.monotonic() - started
            progress = self._progress(seconds)
            if progress >= self.next_record:
                loss, penalty, wasserstein, generator_loss, moments = (sums / count).tolist()
                sums, count = torch.zeros_like(sums), 0
                fault = self._fault(loss + generator_loss)
                if fault is not None:
                    self._go_back(fault, seconds)
                    progress = self._progress(seconds)
                    continue
                self.next_record = min(1.0, self.next_record + 1.0 / RECORDS)
                last = self.history[-1] if self.history else None
                steps, took = (self.step - last.step, seconds - last.seconds) if last else (self.step, seconds)
                record = Record(
                    self.step,
                    loss,
                    generator_loss,
                    penalty,
                    wasserstein,
                    moments,
                    self.validate(),
                    seconds,
                    gradient_norm(self.critic),
                    gradient_norm(self.generator),
                    steps / max(took, 1e-9),
                )
                self.history.append(record)
                self.seconds, self.waited = seconds, self.waited + 1
                if record.validation_distance < self.best:
                    self.best, self.waited = record.validation_distance, 0
                    self.best_state = copy.deepcopy(self.average.state_dict())
                self.continued.forget()
                self.good = snapshot.take(self)
                on_snapshot(self.good)
                if on_record(record, progress):
                    break
        if self._stalled():
            self.average.load_state_dict(self.best_state)

    def generate(self) -> tuple[Batch, Tensor]:
        """Windows of rollouts and of futures of real histories, and what neither critic nor moments see of them.

        That is the score of the futures, and how far latent channels have strayed.
        """
        state, known = self.rollouts.begin(self.generator)
        if not self.continued.count:
            x, states = self.generator(state, known, self.random)
            return self.rollouts.finish(self.generator, x, states), straying(self.generator.prewhitening, x)
        continuation, own = self.continued.begin(self.generator), len(state.x)
        both = State(*(torch.cat(parts) for parts in zip(state, continuation.state, strict=True)))
        x, states = self.generator(both, torch.cat([known, continuation.known], 1), self.random)
        batches = (
            self.rollouts.finish(self.generator, x, states),
            self.continued.finish(self.generator, x[own:], continuation),
        )
        score = self.continued.score(self.generator, x[own:], continuation)
        aside = SCORE_WEIGHT * score + straying(self.generator.prewhitening, x)
        return Batch(*(torch.cat(parts) for parts in zip(*batches, strict=True))), aside

    def critic_step(self, batch: Batch, fake: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Tell real windows and generated ones apart by the loss, with the slope that the penalty wants.

        Returns
        -------
        loss, penalty, wasserstein : Tensor
            The penalty is 0 in steps that skip it. ``wasserstein`` is the difference of the mean scores, whatever the loss.
        """
        real = real_view(self.generator, self.train, batch.first, self.options.window)
        if mask is not None:
            shown = self.shown(mask)
            real, fake = real * shown, fake * shown
        self.real = real
        inputs = [real, fake]
        if self.penalty is not None and self.step % PENALTY_EVERY == 0:
            for points in self.penalty.points(real, fake, self.random):
                ahead = PENALTY_STEP * penalties.directions(lambda v: self.critic(v, mask), points)
                if mask is not None:
                    ahead = ahead * shown
                inputs += [points + ahead, points - ahead]
        masks = None if mask is None else mask.repeat(len(inputs), 1)
        d_real, d_fake, *beside = self.critic(torch.cat(inputs), masks, len(inputs)).chunk(len(inputs))
        penalty = d_real.new_zeros(())
        if self.penalty is not None:
            for pair in zip(beside[::2], beside[1::2], strict=True):
                penalty = penalty + self.penalty.of_slopes(penalties.slopes(*pair, PENALTY_STEP))
        loss = self.loss.critic(d_real, d_fake) + PENALTY_EVERY * self.options.penalty_weight * penalty
        self._descend(self.critic, self.critic_optimizer, loss)
        if self.loss.clip is not None:
            with torch.no_grad():
                for weight in self.critic.parameters():
                    weight.clamp_(-self.loss.clip, self.loss.clip)
        return loss.detach(), PENALTY_EVERY * penalty.detach(), (d_real.mean() - d_fake.mean()).detach()

    def generator_step(self, fake: Tensor, aside: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Lower the loss of generated windows under the critic, match their moments, foretell futures and do not stray.

        Returns
        -------
        adversarial, moments : Tensor
        """
        self.critic.requires_grad_(False)
        shown = fake if mask is None else fake * self.shown(mask)
        adversarial = self.loss.generator(lambda: self.critic(self.real, mask), self.critic(shown, mask))
        # A long-lived rollout lingers at its level: the others would have to make up for it in a batch's means.
        moments = self.moments(fake[: self.rollouts.short_lived])
        if self.judges_late:
            moments = moments + self.late_moments(fake[self.rollouts.short_lived : self.rollouts.batch])
        total = adversarial + self.options.moment_weight * moments + aside
        self._descend(self.generator, self.generator_optimizer, total)
        self.critic.requires_grad_(True)
        with torch.no_grad():
            decay = min(AVERAGE_DECAY, (1 + self.step) / (10 + self.step))
            averages: list[Tensor] = list(self.average.parameters())
            torch._foreach_lerp_(averages, list[Tensor](self.generator.parameters()), 1 - decay)
        return adversarial.detach(), moments.detach()

    def _descend(self, network: Generator | Critic, optimizer: Optimizer, loss: Tensor) -> None:
        """One step of a network's optimiser, its gradient no longer than ``max_grad_norm``."""
        optimizer.zero_grad()
        loss.backward()
        if (longest := self.options.family.max_grad_norm) is not None:
            clip_grad_norm_(network.parameters(), longest)
        optimizer.step()

    def column_mask(self) -> Tensor | None:
        """For half of the batch one to three columns, for the rest all of them: (B, C), where the critic wants it."""
        columns = self.critic.subsets
        if not columns:
            return None
        ranks = torch.rand(self.options.batch_size, columns, generator=self.random, device=self.device).argsort(1)
        kept = torch.randint(1, 4, (self.options.batch_size, 1), generator=self.random, device=self.device)
        kept[: len(kept) // 2] = columns
        return (ranks < kept).float()

    def shown(self, mask: Tensor) -> Tensor:
        """Coordinates (B, 1, V + K) of the shown columns; conditions always are."""
        values, flags = mask[:, self.train.layout.value_columns], mask[:, self.train.layout.flag_columns]
        rest = mask.new_ones(len(mask), self.train.conditions.shape[1])
        return torch.cat([values, values, flags, rest], 1)[:, None]

    @torch.no_grad()
    def validate(self) -> float:
        """Distance of fresh windows of the averaged generator to the held-out ones, always with the same noise."""
        noise = torch.Generator(self.device).manual_seed(0)
        pool = Rollouts(
            self.train, self.options.window, self.generator.patch_size, JUDGED, self.options.from_beginning, noise
        )
        return sliced_wasserstein(generated_view(self.average, pool.next(self.average)), self.validation, PROJECTIONS, noise)

    def _progress(self, seconds: float) -> float:
        by_steps = self.step / self.options.max_steps if self.options.max_steps else 0.0
        by_time = seconds / self.options.max_time if self.options.max_time else 0.0
        return max(by_steps, by_time)

    def _stalled(self) -> bool:
        """Whether patience is at its end."""
        return self.options.patience is not None and self.waited >= self.options.patience

    def _fault(self, loss: float) -> str | None:
        """What shows that the run has failed, or nothing."""
        return self.watch.fault(self.generator) if math.isfinite(loss) else "the losses are no longer finite"

    def _go_back(self, fault: str, seconds: float) -> None:
        """Be as at the last good record, with half the learning rates; the time that was lost stays lost."""
        where, recoveries, rate = self.step, self.recoveries + 1, self.rate / 2
        if recoveries > RECOVERIES:
            bound = "max_grad_norm=1.0, " if self.options.family.max_grad_norm is None else ""
            raise ConvergenceError(
                f"{fault} at step {where}, though training went back {RECOVERIES} times with smaller rates; try {bound}"
                "a smaller critic_rate and generator_rate, or a greater batch_size"
            )
        snapshot.put_back(self, self.good)
        self.recoveries, self.rate, self.seconds = recoveries, rate, seconds
        self.good = snapshot.take(self)
        warnings.warn(
            f"{fault} at step {where}; training goes on from step {self.step} with half the learning rates",
            ConvergenceWarning,
            stacklevel=2,
        )

    def _set_rates(self, progress: float) -> None:
        """Constant, then linear to FINAL_RATE over the second half; smaller after each collapse."""
        factor = self.rate * min(1.0, 1.0 - (1.0 - FINAL_RATE) * (2.0 * progress - 1.0))
        for optimizer, rate in (
            (self.critic_optimizer, self.options.critic_rate),
            (self.generator_optimizer, self.options.generator_rate),
        ):
            optimizer.param_groups[0]["lr"] = rate * factor


def gradient_norm(module: nn.Module) -> float:
    """Of all weights together, as the last backward pass left it."""
    return float(nn.utils.get_total_norm([weight.grad for weight in module.parameters() if weight.grad is not None]))


def real_view(generator: Generator, sequences: Sequences, first: Tensor, window: int) -> Tensor:
    """Windows of the data as the critic sees them, (B, T, V + K); zeros after a sequence's end."""
    x, flags, conditions, alive = sequences.windows(first, window)
    return torch.cat([generator.prewhitening.view(x, flags), conditions], 2) * alive[..., None]


def generated_view(generator: Generator, batch: Batch) -> Tensor:
    """Generated windows as the critic sees them, (B, T, V + K); zeros after a sequence's end."""
    view = torch.cat([generator.prewhitening.view(batch.values, batch.flags), batch.conditions], 2)
    return view * batch.alive[..., None]
