"""The recursive filters of SciPy, which has no types of its own, behind ones that do."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import signal


def filtered(b: NDArray[np.float64], a: NDArray[np.float64], series: NDArray[np.float64]) -> NDArray[np.float64]:
    """The series, along its first axis, through the filter b / a that starts from rest."""
    return cast("NDArray[np.float64]", signal.lfilter(b, a, series, axis=0))


def filtered_on(
    b: NDArray[np.float64], a: NDArray[np.float64], series: NDArray[np.float64], state: NDArray[np.float64]
) -> NDArray[np.float64]:
    """A 1-D series through the filter b / a that starts from `state` (direct form II transposed)."""
    result, _ = cast("tuple[NDArray[np.float64], object]", signal.lfilter(b, a, series, zi=state))
    return result
