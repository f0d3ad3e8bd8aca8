"""The hash of a file's content, as git makes it, so that a file can be compared with what is committed."""

from __future__ import annotations

import hashlib


def blob_hash(content: bytes) -> str:
    """The SHA-1 that git names this content by. It tells files apart; nothing rests on its being hard to forge."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
