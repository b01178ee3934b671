"""Small sources inside the request itself, as data URIs."""

import base64
from pathlib import Path


def data_uri(path: Path, content_type: str, most: int) -> str | None:
    """A file as a data URI of at most so many characters; None where it is larger. OSError."""
    head = f"data:{content_type};base64,"
    size = path.stat().st_size
    if size == 0 or len(head) + (size + 2) // 3 * 4 > most:
        return None
    return head + base64.b64encode(path.read_bytes()).decode("ascii")
