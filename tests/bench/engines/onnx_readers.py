"""Engines that read an ONNX model, or a form that a tool of theirs makes of one."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from builders.onnx_model import Onnx
from engines import Run, Task, planar


def model(task: Task, batch: int) -> bytes:
    b = Onnx()
    return b.model(task.network.build(b, b.source(task.network.image)), task.network.image, batch)


def interleaved(y: np.ndarray) -> np.ndarray:
    return y.transpose(0, 2, 3, 1)


def onnxruntime_inference(task: Task) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    session = onnxruntime.InferenceSession(model(task, task.batch), options, providers=["CPUExecutionProvider"])
    x = planar(task.images())
    return lambda: interleaved(session.run(None, {"source": x})[0])


def openvino_inference(task: Task) -> Run:
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": task.threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(core.read_model(model(task, task.batch)), "CPU", settings).create_infer_request()
    x = planar(task.images())
    return lambda: interleaved(request.infer({0: x}, share_inputs=True)[0])


def ncnn_inference(task: Task) -> Run:
    """ncnn runs an image at a time."""
    import ncnn
    import pnnx

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        path.write_bytes(model(task, 1))
        subprocess.run([pnnx.EXEC_PATH, str(path), "fp16=0"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        net = ncnn.Net()
        net.opt.num_threads = task.threads
        for half in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_storage"):
            setattr(net.opt, half, False)
        if net.load_param(str(path.with_suffix(".ncnn.param"))) or net.load_model(str(path.with_suffix(".ncnn.bin"))):
            raise RuntimeError("ncnn does not load the network")
    images = [ncnn.Mat(x).clone() for x in planar(task.images())]  # of memory of their own

    def one(image: Any) -> np.ndarray:
        extractor = net.create_extractor()
        extractor.input("in0", image)
        y = np.array(extractor.extract("out0")[1])
        return y.reshape(y.shape[0], *(y.shape[1:] or (1, 1)))

    return lambda: interleaved(np.stack([one(image) for image in images]))


def mnn_inference(task: Task) -> Run:
    # Its own script for this installs packages and uploads what was used.
    import _tools
    import MNN

    with tempfile.TemporaryDirectory() as folder:
        source, path = os.path.join(folder, "network.onnx"), os.path.join(folder, "network.mnn")
        Path(source).write_bytes(model(task, task.batch))
        _tools.mnnconvert(["mnnconvert", "-f", "ONNX", "--modelFile", source, "--MNNModel", path, "--bizCode", "none"])
        net = MNN.Interpreter(path)
    session = net.createSession({"backend": "CPU", "numThread": task.threads, "precision": "high"})
    source, result = net.getSessionInput(session), net.getSessionOutput(session)
    x = planar(task.images())
    layout = MNN.Tensor_DimensionType_Caffe
    given = MNN.Tensor(x.shape, MNN.Halide_Type_Float, x, layout)
    taken = MNN.Tensor(result.getShape(), MNN.Halide_Type_Float, np.empty(result.getShape(), np.float32), layout)

    def run() -> np.ndarray:
        source.copyFrom(given)
        net.runSession(session)
        result.copyToHostTensor(taken)
        return interleaved(np.array(taken.getNumpyData()).reshape(result.getShape()))

    return run
