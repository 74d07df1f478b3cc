"""What training on a GPU needs beside the CPU's code: captured steps, and a host that keeps pace.

Nothing here is called on CPUs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

_PLAIN_CALLS = 3  # before a capture: libraries set themselves up
_STEPS_AHEAD = 8


def prepare() -> None:
    """Once a process: reduced precision for float32 products, and a stream to capture from."""
    torch.set_float32_matmul_precision("high")
    torch.backends.cuda.enable_cudnn_sdp(False)
    if torch.cuda.current_stream() == torch.cuda.default_stream():
        torch.cuda.set_stream(torch.cuda.Stream())


class Replay:
    """Calls a step, as one captured graph once its inputs' shapes have come a few times.

    The networks are so small that launching their kernels one by one would take longer than
    the kernels do. The step must not wait for the GPU, copy from the host or draw random
    numbers, and what it changes must stay where it is.
    """

    def __init__(self, step: Callable[..., None]) -> None:
        self._step = step
        self._inputs: list[Tensor] = []
        self._graph: torch.cuda.CUDAGraph | None = None
        self._plain_calls = 0

    def __call__(self, *inputs: Tensor) -> None:
        if [x.shape for x in inputs] != [x.shape for x in self._inputs]:
            self._graph, self._plain_calls = None, 0
            self._inputs = [torch.empty_like(x) for x in inputs]
        for kept, given in zip(self._inputs, inputs):
            kept.copy_(given)
        if self._graph is None and self._plain_calls < _PLAIN_CALLS:
            self._plain_calls += 1
            self._step(*self._inputs)
            return
        if self._graph is None:
            self._graph = self._capture()
        self._graph.replay()

    def _capture(self) -> torch.cuda.CUDAGraph:
        """Records the step without running it."""
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=torch.cuda.current_stream()):
            self._step(*self._inputs)
        return graph


class Pace:
    """Keeps the host at most a few steps ahead of the GPU, so that limits by time hold."""

    def __init__(self) -> None:
        self._marks: deque[torch.cuda.Event] = deque()

    def step(self) -> None:
        mark = torch.cuda.Event()
        mark.record()
        self._marks.append(mark)
        if len(self._marks) > _STEPS_AHEAD:
            self._marks.popleft().synchronize()
