"""One process among several: what `torchrun` set up, or a single process.

Every process draws the order, the pixels and the noise of the whole batch from the same generator and
keeps its own rows. So the averaged gradient is the single process's gradient, to rounding, whatever
the number of processes and even if they do not divide the batch.
"""

import atexit
import os
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from vaemath.errors import VaemathError


@dataclass(frozen=True)
class Process:
    """This process's rank among `world` processes; rank 0 alone writes and prints."""

    rank: int
    world: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process writes files and shows progress."""
        return self.rank == 0

    def share(self, rows: int) -> slice:
        """This process's part of a batch of `rows` rows."""
        return slice(rows * self.rank // self.world, rows * (self.rank + 1) // self.world)

    def wrap(self, module: nn.Module) -> nn.Module:
        """The module with gradients averaged over the processes."""
        return DistributedDataParallel(module) if self.world > 1 else module

    def total(self, values: Tensor) -> Tensor:
        """The sum of `values` over the processes."""
        if self.world > 1:
            dist.all_reduce(values)
        return values

    def wait(self) -> None:
        """Go on when all processes have come here."""
        if self.world > 1:
            dist.barrier()


def join(device: str) -> Process:
    """Join the processes that `torchrun` started (gloo on a CPU, nccl on GPUs); alone otherwise.

    The group is joined once and left when the process ends: it cannot be formed twice. Raises
    `VaemathError` if the device does not exist here.
    """
    place = _device(device)
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if place.type == "cuda" else "gloo")
        atexit.register(dist.destroy_process_group)
    if not dist.is_initialized():
        return Process(0, 1, place)
    if place.type == "cuda":
        place = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(place)
    return Process(dist.get_rank(), dist.get_world_size(), place)


def _device(name: str) -> torch.device:
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        why = str(error).splitlines()[0]
        raise VaemathError(f"device: got {name!r} ({why}); expected a device of this machine") from None
    return device
