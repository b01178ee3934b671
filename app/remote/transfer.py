"""Transfer: an upload or download under way, whose bytes can be watched and which can be called off."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Generic, TypeVar

Progress = Callable[[int, int | None], None]

T = TypeVar("T")


def quiet(done: int, total: int | None) -> None:
    """For those who do not want to know how far it is."""


class Transfer(Generic[T]):
    """Starts at once; `stop` it in any case, also where it has ended."""

    def __init__(self, start: Callable[[Progress], Coroutine[object, object, T]]) -> None:
        self._done = 0
        self._total: int | None = None
        self._task = asyncio.create_task(start(self._note))

    def _note(self, done: int, total: int | None) -> None:
        self._done, self._total = done, total

    async def counted(self, every: float, until: asyncio.Event | None = None) -> AsyncGenerator[tuple[int, int | None]]:
        """Bytes whenever they changed, at most so often, until it ends or the event is set."""
        told: tuple[int, int | None] = (0, None)
        while not self._task.done() and not (until and until.is_set()):
            await asyncio.wait({self._task}, timeout=every)
            if (now := (self._done, self._total)) != told:
                yield now
                told = now

    async def result(self) -> T:
        """What it gave, or raised."""
        return await self._task

    async def stop(self) -> None:
        """Nothing of it goes on after this."""
        await put_down(self._task)


async def put_down(*tasks: asyncio.Task[T]) -> None:
    """End tasks that nobody wants any more, and see their errors, so that asyncio does not report them."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for task in tasks:
        if not task.cancelled():
            task.exception()
