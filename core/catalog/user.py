"""What the user wrote: notes, tags, saved questions, history, and the labels that ids begin with.

One append-only file of JSON lines beside the generations, never deleted with them. A line is written whole and synced
before the call returns; a torn last line (a power cut) is passed over. Notes and tags are kept by id together with
the hash of the model's file, so that indexing can follow a model that was renamed (`follow`).
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import BadInput

FILE = "user.jsonl"
HISTORY = 1000
"""Questions that `history` gives at most."""

Record = dict[str, Any]


class UserFile:
    """The file of one catalogue. Every call reads it anew: it is small, and other processes write it too."""

    def __init__(self, catalog: Path) -> None:
        self.catalog, self.path = catalog, catalog / FILE

    # -- notes and tags

    def note(self, model_id: str, text: str) -> None:
        """Set the note of a model; an empty text takes it away."""
        self._of_model("note", model_id, text=text)

    def notes(self, model_id: str) -> list[str]:
        """The notes of a model: none or one."""
        return [text for text in [self.all_notes().get(model_id, "")] if text]

    def all_notes(self) -> dict[str, str]:
        """Every note by the id of its model."""
        return {id: text for id, text in self._kept()[0].items() if text}

    def tag(self, model_id: str, tag: str) -> None:
        self._of_model("tag", model_id, tag=tag)

    def untag(self, model_id: str, tag: str) -> None:
        self._of_model("untag", model_id, tag=tag)

    def tags(self, model_id: str) -> list[str]:
        """The tags of a model in the order in which they were given."""
        return self.all_tags().get(model_id, [])

    def all_tags(self) -> dict[str, list[str]]:
        """The tags of every model that has one, by id."""
        return {id: tags for id, tags in self._kept()[1].items() if tags}

    # -- questions

    def save(self, name: str, question: str) -> None:
        """Keep a question under a name; an empty question takes the name away."""
        self._append({"kind": "saved", "name": name, "question": question})

    def saved(self) -> dict[str, str]:
        """Saved questions by name."""
        last = {record["name"]: record["question"] for record in self._records("saved")}
        return {name: question for name, question in last.items() if question}

    def remember(self, question: str) -> None:
        """Add a question to the history, unless it was the last one."""
        if self.history()[-1:] != [question]:
            self._append({"kind": "asked", "question": question})

    def history(self) -> list[str]:
        """Questions asked, oldest first, each once (where it was last asked)."""
        asked = [record["question"] for record in self._records("asked")]
        return list(reversed(dict.fromkeys(reversed(asked))))[-HISTORY:]

    # -- for indexing: labels of roots, and ids that moved

    def labels(self) -> dict[str, str]:
        """The label of every root that was ever indexed, by its path."""
        return {record["path"]: record["label"] for record in self._records("root")}

    def roots(self) -> list[str]:
        """Paths of the roots that are indexed now, in the order in which they came."""
        paths: dict[str, None] = {}
        for record in self._records("root", "forget"):
            paths.pop(record["path"], None)
            if record["kind"] == "root":
                paths[record["path"]] = None
        return list(paths)

    def add_root(self, path: str, label: str) -> None:
        if self.labels().get(path) != label or path not in self.roots():
            self._append({"kind": "root", "path": path, "label": label})

    def forget_root(self, path: str) -> None:
        self._append({"kind": "forget", "path": path})

    def follow(self, present: Mapping[str, str], before: Mapping[str, str]) -> None:
        """Let notes and tags follow renamed models: `present` is id -> hash now, `before` in the last generation.

        A written-of id that is gone moves to the one new id that has the content it had; where several have it, it
        stays.
        """
        fresh: dict[str, list[str]] = {}
        for id, hash in present.items():
            if id not in before:
                fresh.setdefault(hash, []).append(id)
        for id, known in self._written_of().items():
            hash = before.get(id, known)
            moved = fresh.get(hash, []) if hash else []
            if id not in present and len(moved) == 1:
                self._append({"kind": "moved", "id": id, "to": moved[0], "hash": hash})
            elif id in present and present[id] != known:
                self._append({"kind": "hash", "id": id, "hash": present[id]})

    def _written_of(self) -> dict[str, str]:
        """Ids that have notes or tags, and the last known hash of each one's file."""
        notes, tags = self._kept()
        hashes = self._hashes()
        return {id: hashes.get(id, "") for id in [*notes, *tags]}

    def _hashes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for record in self._records("note", "tag", "untag", "hash", "moved"):
            if record.get("hash"):
                found[record["to"] if record["kind"] == "moved" else record["id"]] = record["hash"]
        return found

    def _kept(self) -> tuple[dict[str, str], dict[str, list[str]]]:
        """Notes and tags by the ids that models have now."""
        notes: dict[str, str] = {}
        tags: dict[str, list[str]] = {}
        apply: Mapping[str, Callable[[Record], None]] = {
            "note": lambda r: notes.update({r["id"]: r["text"]}),
            "tag": lambda r: tags.update({r["id"]: [*(t for t in tags.get(r["id"], []) if t != r["tag"]), r["tag"]]}),
            "untag": lambda r: tags.update({r["id"]: [t for t in tags.get(r["id"], []) if t != r["tag"]]}),
            "moved": lambda r: _move(r["id"], r["to"], notes, tags),
        }
        for record in self._records(*apply):
            apply[record["kind"]](record)
        return notes, tags

    # -- the file

    def _of_model(self, kind: str, model_id: str, **words: str) -> None:
        self._append({"kind": kind, "id": model_id, **words, "hash": self._hash_of(model_id)})

    def _hash_of(self, model_id: str) -> str:
        """The hash of the model's file as it was indexed; empty where it is not."""
        from core.catalog.reading import Reader

        reader = Reader.open(self.catalog)
        try:
            found = reader.query("SELECT hash FROM model WHERE id = ?", [model_id])
        finally:
            reader.close()
        return str(found[0][0]) if found else ""

    def _records(self, *kinds: str) -> Iterator[Record]:
        """The records of these kinds, in order. Lines that are torn or not ours are passed over."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadInput(f"cannot read {self.path}: {error.strerror}") from error
        for line in data.split(b"\n"):
            try:
                record = json.loads(line)
            except ValueError:
                continue
            if isinstance(record, dict) and record.get("kind") in kinds and _complete(record):
                yield record

    def _append(self, record: Record) -> None:
        record["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps(record, ensure_ascii=True).encode() + b"\n"
        try:
            self.catalog.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise BadInput(f"cannot write {self.path}: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            whole = (b"\n" if _torn(handle) else b"") + line
            if os.write(handle, whole) < len(whole):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        except OSError as error:
            raise BadInput(f"cannot write {self.path}: {error.strerror}") from error
        finally:
            os.close(handle)


_NEEDED = {
    "note": ("id", "text"), "tag": ("id", "tag"), "untag": ("id", "tag"), "moved": ("id", "to"), "hash": ("id", "hash"),
    "saved": ("name", "question"), "asked": ("question",), "root": ("path", "label"), "forget": ("path",),
}  # fmt: skip


def _complete(record: Record) -> bool:
    return all(isinstance(record.get(name), str) for name in _NEEDED[record["kind"]])


def _torn(handle: int) -> bool:
    """Whether the file's last line has no end."""
    size = os.fstat(handle).st_size
    return size > 0 and os.pread(handle, 1, size - 1) != b"\n"


def _move(old: str, new: str, notes: dict[str, str], tags: dict[str, list[str]]) -> None:
    if old in notes:
        notes.setdefault(new, notes.pop(old))
    if old in tags:
        tags[new] = list(dict.fromkeys([*tags.get(new, []), *tags.pop(old)]))
