"""The safetensors format, read without its library: a length, a JSON header, raw little-endian arrays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import BadInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def read_tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors of a file by name (others, such as position numbers, are passed over).

    Raises BadInput where the header does not fit the file. Format: https://github.com/huggingface/safetensors
    """
    import numpy as np

    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    try:
        header = json.loads(data[8:start])
        body = memoryview(data)[start:]
        return {
            name: np.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"]).copy()
            for name, entry in header.items()
            if entry.get("dtype") == "F32"
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} is not a readable safetensors file: {error}") from error
