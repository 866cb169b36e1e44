"""Lets several processes, one core each, train one model: gradients are averaged after every step.

On a small or shared machine this beats one process with several threads, which wait for each other at every
operation; here the processes meet once a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import torch
import torch.distributed as distributed
from torch.multiprocessing.spawn import spawn


class Crew:
    """One worker's view of the crew: its rank, and the averaging with the others."""

    def __init__(self, rank: int, size: int) -> None:
        self.rank, self.size = rank, size

    @property
    def leads(self) -> bool:
        """True for the one worker that logs and saves."""
        return self.rank == 0

    def average(self, parameters: Iterable[torch.nn.Parameter], figures: Sequence[float]) -> list[float]:
        """Replace every gradient by the crew's mean; return the mean of ``figures``, equal in all workers."""
        if self.size == 1:
            return list(figures)
        learned = [parameter for parameter in parameters if parameter.requires_grad]
        grads = [torch.zeros_like(one) if one.grad is None else one.grad for one in learned]
        flat = torch.cat([torch.tensor(figures, dtype=torch.float32), *(grad.flatten() for grad in grads)])
        distributed.all_reduce(flat)
        flat /= self.size
        offset = len(figures)
        for parameter, grad in zip(learned, grads, strict=True):
            parameter.grad = flat[offset : offset + grad.numel()].view_as(grad)
            offset += grad.numel()
        return [float(value) for value in flat[: len(figures)]]


def work_together(work: Callable[[Crew], None], size: int, meeting: Path) -> None:
    """Run ``work`` in ``size`` processes that find each other through the file ``meeting``."""
    if size == 1:
        work(Crew(0, 1))
        return
    meeting.unlink(missing_ok=True)
    spawn(_join, args=(work, size, meeting), nprocs=size)  # type: ignore[no-untyped-call]


def _join(rank: int, work: Callable[[Crew], None], size: int, meeting: Path) -> None:
    distributed.init_process_group("gloo", init_method=meeting.absolute().as_uri(), rank=rank, world_size=size)
    try:
        work(Crew(rank, size))
    finally:
        distributed.destroy_process_group()
