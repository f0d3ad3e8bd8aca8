"""Graphs run by ONNX Runtime on the processor."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnxruntime  # type: ignore[import-untyped, unused-ignore]

THREADS = 2


def session(graph: Path | bytes, given: Mapping[str, Any] | None = None) -> onnxruntime.InferenceSession:
    """A session, of a file or of what it would hold, that does not keep the processor busy while it waits. `given` are
    the OrtValues of initializers that are not in the graph."""
    import onnxruntime  # type: ignore[import-untyped, unused-ignore]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if given:
        options.add_external_initializers(list(given), list(given.values()))
    model = graph if isinstance(graph, bytes) else str(graph)
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
