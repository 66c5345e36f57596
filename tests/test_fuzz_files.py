"""Files that are no saved graphs any more: bytes cut, flipped and moved, arrays of other types, headers that lie."""

from __future__ import annotations

import functools
import io
import json
import zipfile
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from fuzzing import Example, fuzz, limited_memory
from hypothesis import given
from hypothesis import strategies as st
from support import Run, batch, labels, loss_node, ramp, training_graph

pytestmark = [
    pytest.mark.usefixtures(limited_memory.__name__),
    pytest.mark.filterwarnings("ignore:Duplicate name"),  # of the archives made here
]


@functools.cache
def file() -> bytes:
    """A small network of a few kinds of layers, in training."""
    descriptor = mps.MPSCNNConvolutionDescriptor(
        2, kernel_height=3, input_feature_channels=3, output_feature_channels=4
    )
    weights = mps.ConvolutionWeights(descriptor, seed=1, optimizer=mps.MPSNNOptimizerAdam.with_learning_rate(0.1))
    x = mps.MPSCNNConvolutionNode(mps.MPSNNImageNode("x"), weights=weights).result_image
    x = mps.MPSCNNBatchNormalizationNode(x, data_source=mps.BatchNormalizationWeights(4)).result_image
    x = mps.MPSCNNPoolingMaxNode.with_filter_size(mps.MPSCNNNeuronReLUNode(x, a=0.1).result_image, 2).result_image
    stream = io.BytesIO()
    training_graph(loss_node(x)).save(stream)
    return stream.getvalue()


def load_and_run(data: bytes) -> None:
    graph = mps.MPSNNGraph.load(io.BytesIO(data))
    x = batch(ramp(2, 6, 5, 3))
    states = [labels(np.zeros((2, 3, 3, 4), np.float32)) for _ in graph.source_state_handles]
    Run(graph, [x for _ in graph.source_image_handles], states)


def test_the_file_itself_loads() -> None:
    load_and_run(file())


@fuzz(400)
@given(st.data())
def test_bytes(data: st.DataObject) -> None:
    e = Example(data, odd=0)
    with e.refused_or_ends():
        damaged = bytearray(file())
        for _ in range(e.draw(st.integers(1, 4))):
            at = e.draw(st.integers(0, len(damaged)))
            match e.pick(["cut", "flip", "insert", "remove", "repeat"]):
                case "cut":
                    del damaged[at:]
                case "flip" if at < len(damaged):
                    damaged[at] ^= 1 << e.draw(st.integers(0, 7))
                case "insert":
                    damaged[at:at] = e.draw(st.binary(max_size=20))
                case "remove":
                    del damaged[at : at + e.draw(st.integers(1, 100))]
                case "repeat":
                    damaged[at:at] = damaged[at : at + e.draw(st.integers(1, 1000))]
        e.say(f"{len(damaged)} bytes")
        load_and_run(bytes(damaged))


def header(e: Example, array: Any) -> bytes:
    """Of a NumPy array, with what it does not have."""
    shape = e.pick([array.shape, (2**40,), (2**62, 4), (-1,), (), (1,) * 70, (0,), "x", None, (1.5,)])
    dtype = e.pick([array.dtype.str, "<f8", "|O", ">f4", "|S9", "|V4", "<f4,<f4", "nonsense", [("a", "<f4")], "<M8[s]"])
    text = repr({"descr": dtype, "fortran_order": e.pick([False, True, 3]), "shape": shape})
    text += " " * e.draw(st.integers(0, 70)) + "\n"
    version = e.pick([1, 1, 2, 3, 9])
    length = len(text) if e.chance(2) else e.draw(st.integers(0, 2**16 - 1))
    return b"\x93NUMPY" + bytes([version, 0]) + length.to_bytes(2 if version == 1 else 4, "little") + text.encode()


@fuzz(150)
@given(st.data())
def test_archives(data: st.DataObject) -> None:
    """Archives that are whole, with members that are not what they were."""
    e = Example(data, odd=0)
    with e.refused_or_ends():
        stream = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(file())) as good, zipfile.ZipFile(stream, "w") as bad:
            names = good.namelist()
            chosen = e.pick(names)
            for name in names:
                content = good.read(name)
                if name == chosen:
                    array = np.load(io.BytesIO(content))
                    e.say(f"{name}: {array.dtype} {array.shape}")
                    match e.pick(["header", "type", "shape", "drop", "twice", "text", "structure", "name"]):
                        case "header":
                            content = header(e, array) + array.tobytes()
                        case "type":
                            kind = e.pick(["f8", "i4", "f2", "?", "c8", "U4", ">f4"])
                            content = saved(array.astype(kind))
                        case "shape":
                            content = saved(
                                e.pick([array[:-1], array[None], array.reshape(-1, 1), np.float32(3), array[:0]])
                            )
                        case "drop":
                            continue
                        case "twice":
                            bad.writestr(name, content)
                        case "text":
                            content = e.draw(st.binary(max_size=200))
                        case "structure" if name == "structure.npy":
                            content = saved(np.frombuffer(structure(e, array), np.uint8))
                        case "name":
                            name = e.pick(["../x.npy", "structure.npy", "a" * 300, "\0.npy", "x"])
                bad.writestr(name, content, e.pick([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
        load_and_run(stream.getvalue())


def saved(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def structure(e: Example, array: Any) -> bytes:
    """The JSON text with other JSON in some place, or no JSON."""
    value = json.loads(array.tobytes())
    if e.chance(4):
        return bytes(e.pick([b"", b"[]", b"nul", b"[" * 100_000, b"{" * 5000, b'"\xff"', b"1e999", b"9" * 5000]))
    place, key = {"graph": value}, "graph"
    while isinstance(place[key], dict | list) and place[key] and not e.chance(6):
        place = place[key]
        key = e.pick(list(place) if isinstance(place, dict) else range(len(place)))
    place[key] = e.pick([None, 3, -1, 2**70, 1e300, float("nan"), "x", "\ud800", [], {}, {"$array": "structure"},
                         {"$array": 3}, {"$array": "sources.0.arrays.weights"}, [[[[1]]]], True])  # fmt: skip
    return json.dumps(value).encode()
