"""Saved graphs in files: a NumPy archive (.npz), the structure as JSON text and an array for each list of numbers."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import secrets
import stat
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import numpy as np

from ._core import Device, Error, InvalidArgumentError, MPSNNGraph

Graph = TypeVar("Graph", bound=MPSNNGraph)
PathOrFile = str | os.PathLike[str] | BinaryIO

STRUCTURE = "structure"  # name of the JSON text in the archive
ARRAY = "$array"  # {"$array": name} stands for an array of the archive


def split(value: Any, path: str, arrays: dict[str, Any]) -> Any:
    """The value with each array moved to `arrays` under the place where it was."""
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {ARRAY: path}
    inner = f"{path}." if path else ""
    if isinstance(value, dict):
        return {key: split(item, f"{inner}{key}", arrays) for key, item in value.items()}
    if isinstance(value, list):
        return [split(item, f"{inner}{i}", arrays) for i, item in enumerate(value)]
    return value


def join(value: Any, take: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {ARRAY}:
            return take(value[ARRAY])
        return {key: join(item, take) for key, item in value.items()}
    if isinstance(value, list):
        return [join(item, take) for item in value]
    return value


def write(state: dict[str, Any], file: PathOrFile) -> None:
    """Writes what `MPSNNGraph.__getstate__` returned."""
    arrays: dict[str, Any] = {}
    structure = split({key: value for key, value in state.items() if key != "made_on"}, "", arrays)
    text = json.dumps({"mpsnn": "graph", "graph": structure}).encode()
    arrays[STRUCTURE] = np.frombuffer(text, np.uint8)

    def write_to(stream: BinaryIO) -> None:
        np.savez(stream, **arrays)

    if isinstance(file, (str, os.PathLike)):
        replace(os.fspath(file), write_to)
    else:
        write_to(file)


def replace(path: str, write_to: Callable[[BinaryIO], None]) -> None:
    """Puts a new file in the place of the old one when it is complete and on the disk."""
    path = os.path.realpath(path)  # a link stays a link
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):  # a device or a pipe is written, not replaced
        whole = io.BytesIO()  # an archive takes seeking
        with open(path, "wb") as stream:
            write_to(whole)
            stream.write(whole.getbuffer())
        return
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".mpsnn-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as stream:
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            write_to(stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    if os.name == "posix":  # so that the new name survives a power failure
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        except OSError as error:
            if error.errno != errno.EINVAL:  # some file systems have no such thing
                raise
        finally:
            os.close(handle)


def read(stream: BinaryIO) -> dict[str, Any]:
    """What `write` was given. Pickled objects are refused, so no code of the file's runs."""
    if not stream.seekable():
        stream = io.BytesIO(stream.read())
    with np.load(stream, allow_pickle=False) as archive:
        left = set(archive.files)

        def take(name: str) -> Any:
            left.remove(name)  # once: a small file must not ask for much memory
            return archive[name]

        match json.loads(take(STRUCTURE).tobytes()):
            case {"mpsnn": "graph", "graph": dict(structure)}:
                state: dict[str, Any] = join(structure, take)
                return state
        raise ValueError("its structure is that of something else")


def load(cls: type[Graph], file: PathOrFile, device: Device | str | None) -> Graph:
    if isinstance(file, (str, os.PathLike)):
        name = os.fspath(file)
        with open(name, "rb") as stream:
            return restore(cls, stream, name, device)
    return restore(cls, file, str(getattr(file, "name", file)), device)


def restore(cls: type[Graph], stream: BinaryIO, name: str, device: Device | str | None) -> Graph:
    try:
        state = read(stream)
    except Exception as error:  # NumPy, zipfile and json raise many kinds for damaged files
        # A seek to before the beginning (EINVAL) is damage, an unreadable disk is not.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        reason = str(error) or type(error).__name__
        raise InvalidArgumentError(f"{name}: this is not a saved graph, or it is damaged: {reason}") from error
    graph = cls.__new__(cls)
    try:
        graph.__setstate__(state | {"device": device})
    except Error as error:
        raise type(error)(f"{name}: {error}") from error
    return graph
