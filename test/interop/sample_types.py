"""The sample types of samples.ts, as a user of atdata writes them."""
import atdata
from numpy.typing import NDArray


@atdata.packable
class Everything:
    """One field of every type."""

    text: str
    count: int
    ratio: float
    flag: bool
    raw: bytes
    image: NDArray
    anything: NDArray
    words: list[str]
    grid: list[list[int]]
    note: str | None = None
    size: int | None = None
    score: float | None = None
    mask: NDArray | None = None


@atdata.packable
class Tiny:
    """A number and its name."""

    id: int
    label: str


@atdata.packable
class Gaps:
    """Values that may be missing, and numbers that may be none."""

    id: int
    ratio: float
    score: float | None = None
    size: int | None = None
    flag: bool | None = None
    note: str | None = None
    parts: list[float] | None = None


@atdata.packable
class Labelled:
    """A part of Tiny."""

    label: str
