"""What tells one file's content from another's without reading all of it."""

import hashlib
import os
from pathlib import Path

_LOOKS = 64
_LOOK = 4096


def fingerprint(path: Path) -> str:
    """40 hex digits from a file's size, the moment of its last change and blocks spread over it; raises OSError.

    Its name is no part of it: a file that was moved or renamed is still the same. A change of content without a
    change of size or time, in none of the blocks, would need a program that hides it.
    """
    with open(path, "rb", buffering=0) as file:
        about = os.fstat(file.fileno())
        found = hashlib.blake2b(f"{about.st_size} {about.st_mtime_ns} ".encode(), digest_size=20)
        last = max(about.st_size - _LOOK, 0)
        for place in sorted({last * index // (_LOOKS - 1) for index in range(_LOOKS)}):
            file.seek(place)
            found.update(file.read(_LOOK))
    return found.hexdigest()
