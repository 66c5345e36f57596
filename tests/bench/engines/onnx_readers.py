"""Engines that read an ONNX model, or a form that a tool of theirs makes of one."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from builders.onnx_model import Onnx

from engines import Load, Run, Task, planar


def model(task: Task, batch: int) -> bytes:
    b = Onnx()
    return b.model(task.network.build(b, b.source(task.network.image)), task.network.image, batch)


def interleaved(y: np.ndarray) -> np.ndarray:
    return y.transpose(0, 2, 3, 1)


def onnxruntime_inference(task: Task) -> Load:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    form, x = model(task, task.batch), planar(task.images())

    def load() -> Run:
        session = onnxruntime.InferenceSession(form, options, providers=["CPUExecutionProvider"])
        return lambda: interleaved(session.run(None, {"source": x})[0])

    return load


def openvino_inference(task: Task) -> Load:
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": task.threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    form, x = model(task, task.batch), planar(task.images())

    def load() -> Run:
        request = core.compile_model(core.read_model(form), "CPU", settings).create_infer_request()
        return lambda: interleaved(request.infer({0: x}, share_inputs=True)[0])

    return load


def ncnn_inference(task: Task) -> Load:
    """ncnn runs an image at a time."""
    import ncnn
    import pnnx

    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / "network.onnx"
    path.write_bytes(model(task, 1))
    subprocess.run([pnnx.EXEC_PATH, str(path), "fp16=0"], cwd=folder.name, check=True, stdout=subprocess.DEVNULL)
    layers, numbers = path.with_suffix(".ncnn.param"), path.with_suffix(".ncnn.bin")
    # The converter leaves padding for maxima as it is in ONNX: one row at the top, one column at the left.
    layers.write_text(re.sub(r"^Pad( .*)$", r"Padding\1 0=1 1=0 2=1 3=0 4=0 5=-1e30", layers.read_text(), flags=re.M))
    images = [ncnn.Mat(x).clone() for x in planar(task.images())]  # of memory of their own

    def load() -> Run:
        net = ncnn.Net()
        net.opt.num_threads = task.threads
        for half in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
            setattr(net.opt, half, False)
        if net.load_param(str(layers)) or net.load_model(str(numbers)):
            raise RuntimeError("ncnn does not load the network")
        folder.cleanup()

        def one(image: Any) -> np.ndarray:
            extractor = net.create_extractor()
            extractor.input("in0", image)
            y = np.array(extractor.extract("out0")[1])
            return y.reshape(y.shape[0], *(y.shape[1:] or (1, 1)))

        return lambda: interleaved(np.stack([one(image) for image in images]))

    return load


def mnn_inference(task: Task) -> Load:
    # Its own script for this installs packages and uploads what was used.
    import _tools
    import MNN

    folder = tempfile.TemporaryDirectory()
    origin, path = str(Path(folder.name) / "network.onnx"), str(Path(folder.name) / "network.mnn")
    Path(origin).write_bytes(model(task, task.batch))
    _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", origin, "--MNNModel", path, "--bizCode", "none"])
    x = planar(task.images())
    layout = MNN.Tensor_DimensionType_Caffe

    def load() -> Run:
        net = MNN.Interpreter(path)
        folder.cleanup()
        session = net.createSession({"backend": "CPU", "numThread": task.threads, "precision": "high"})
        source, result = net.getSessionInput(session), net.getSessionOutput(session)
        shape = result.getShape()
        given = MNN.Tensor(x.shape, MNN.Halide_Type_Float, x, layout)
        taken = MNN.Tensor(shape, MNN.Halide_Type_Float, np.empty(shape, np.float32), layout)

        def run() -> np.ndarray:
            source.copyFrom(given)
            net.runSession(session)
            result.copyToHostTensor(taken)
            return interleaved(np.array(taken.getNumpyData()).reshape(shape))

        return run

    return load
