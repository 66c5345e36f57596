"""The shape of the project: Apple's names in Python, the layers in C++, the families, the generated files.

`SCOPE` lists the classes that must be there; extend it when new ones are written. What a class in scope has not got
stands in `GAPS` with the reason. A gap that is filled fails as well, so the list cannot go stale.
"""

from __future__ import annotations

import ast
import enum
import fnmatch
import functools
import importlib
import inspect
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apple_names
import pytest
import recorder
from apple_names import COMPUTED, REQUIRED, SURFACE, Names, Signature, class_names

ROOT = Path(__file__).resolve().parent.parent
STUBS = ROOT / "python" / "mpsnn" / "_core.pyi"

SCOPE = [
    "MPSNNImageNode",
    "MPSNNStateNode",
    "MPSNNGradientStateNode",
    "MPSNNBinaryGradientStateNode",
    "MPSNNMultiaryGradientStateNode",
    "MPSNNArithmeticGradientStateNode",
    "MPSCNNConvolutionGradientStateNode",
    "MPSCNNConvolutionTransposeGradientStateNode",
    "MPSNNLabelsNode",
    "MPSNNFilterNode",
    "MPSNNGradientFilterNode",
    "MPSNNTrainableNode",
    "MPSHandle",
    "MPSCNNConvolutionNode",
    "MPSCNNFullyConnectedNode",
    "MPSCNNConvolutionTransposeNode",
    "MPSCNNBinaryConvolutionNode",
    "MPSCNNBinaryFullyConnectedNode",
    "MPSCNNConvolutionGradientNode",
    "MPSCNNFullyConnectedGradientNode",
    "MPSCNNConvolutionTransposeGradientNode",
    "MPSCNNPoolingNode",
    "MPSCNNPoolingMaxNode",
    "MPSCNNPoolingAverageNode",
    "MPSCNNPoolingL2NormNode",
    "MPSCNNDilatedPoolingMaxNode",
    "MPSCNNPoolingGradientNode",
    "MPSCNNPoolingMaxGradientNode",
    "MPSCNNPoolingAverageGradientNode",
    "MPSCNNPoolingL2NormGradientNode",
    "MPSCNNDilatedPoolingMaxGradientNode",
    "MPSCNNUpsamplingNearestNode",
    "MPSCNNUpsamplingBilinearNode",
    "MPSCNNUpsamplingNearestGradientNode",
    "MPSCNNUpsamplingBilinearGradientNode",
    "MPSNNScaleNode",
    "MPSNNBilinearScaleNode",
    "MPSNNLanczosScaleNode",
    "MPSImageTransformProvider",
    "MPSCNNNeuronNode",
    "MPSCNNNeuronAbsoluteNode",
    "MPSCNNNeuronELUNode",
    "MPSCNNNeuronExponentialNode",
    "MPSCNNNeuronGeLUNode",
    "MPSCNNNeuronHardSigmoidNode",
    "MPSCNNNeuronLinearNode",
    "MPSCNNNeuronLogarithmNode",
    "MPSCNNNeuronPReLUNode",
    "MPSCNNNeuronPowerNode",
    "MPSCNNNeuronReLUNNode",
    "MPSCNNNeuronReLUNode",
    "MPSCNNNeuronSigmoidNode",
    "MPSCNNNeuronSoftPlusNode",
    "MPSCNNNeuronSoftSignNode",
    "MPSCNNNeuronTanHNode",
    "MPSCNNNeuronGradientNode",
    "MPSCNNSoftMaxNode",
    "MPSCNNLogSoftMaxNode",
    "MPSCNNSoftMaxGradientNode",
    "MPSCNNLogSoftMaxGradientNode",
    "MPSCNNDropoutNode",
    "MPSCNNDropoutGradientNode",
    "MPSCNNBatchNormalizationNode",
    "MPSCNNBatchNormalizationGradientNode",
    "MPSCNNNormalizationNode",
    "MPSCNNCrossChannelNormalizationNode",
    "MPSCNNCrossChannelNormalizationGradientNode",
    "MPSCNNSpatialNormalizationNode",
    "MPSCNNSpatialNormalizationGradientNode",
    "MPSCNNLocalContrastNormalizationNode",
    "MPSCNNLocalContrastNormalizationGradientNode",
    "MPSCNNInstanceNormalizationNode",
    "MPSCNNInstanceNormalizationGradientNode",
    "MPSCNNGroupNormalizationNode",
    "MPSCNNGroupNormalizationGradientNode",
    "MPSNNBinaryArithmeticNode",
    "MPSNNAdditionNode",
    "MPSNNSubtractionNode",
    "MPSNNMultiplicationNode",
    "MPSNNDivisionNode",
    "MPSNNArithmeticGradientNode",
    "MPSNNAdditionGradientNode",
    "MPSNNSubtractionGradientNode",
    "MPSNNMultiplicationGradientNode",
    "MPSNNComparisonNode",
    "MPSNNUnaryReductionNode",
    "MPSNNReductionRowMinNode",
    "MPSNNReductionRowMaxNode",
    "MPSNNReductionRowMeanNode",
    "MPSNNReductionRowSumNode",
    "MPSNNReductionColumnMinNode",
    "MPSNNReductionColumnMaxNode",
    "MPSNNReductionColumnMeanNode",
    "MPSNNReductionColumnSumNode",
    "MPSNNReductionFeatureChannelsMinNode",
    "MPSNNReductionFeatureChannelsMaxNode",
    "MPSNNReductionFeatureChannelsMeanNode",
    "MPSNNReductionFeatureChannelsSumNode",
    "MPSNNReductionFeatureChannelsArgumentMinNode",
    "MPSNNReductionFeatureChannelsArgumentMaxNode",
    "MPSNNReductionSpatialMeanNode",
    "MPSNNReductionSpatialMeanGradientNode",
    "MPSNNReshapeNode",
    "MPSNNReshapeGradientNode",
    "MPSNNPadNode",
    "MPSNNPadGradientNode",
    "MPSNNGramMatrixCalculationNode",
    "MPSNNGramMatrixCalculationGradientNode",
    "MPSNNGramMatrixCallback",
    "MPSNNInitialGradientNode",
    "MPSNNForwardLossNode",
    "MPSNNLossGradientNode",
    "MPSNNLossCallback",
    "MPSNNConcatenationNode",
    "MPSNNConcatenationGradientNode",
    "MPSCNNLossNode",
    "MPSCNNYOLOLossNode",
    "MPSNNGraph",
    "MPSKernel",
    "MPSCNNKernel",
    "MPSCNNBinaryKernel",
    "MPSCNNGradientKernel",
    "MPSCNNPooling",
    "MPSCNNPoolingMax",
    "MPSCNNPoolingAverage",
    "MPSCNNPoolingL2Norm",
    "MPSCNNDilatedPoolingMax",
    "MPSCNNPoolingGradient",
    "MPSCNNPoolingMaxGradient",
    "MPSCNNPoolingAverageGradient",
    "MPSCNNPoolingL2NormGradient",
    "MPSCNNDilatedPoolingMaxGradient",
    "MPSCNNSoftMax",
    "MPSCNNLogSoftMax",
    "MPSCNNSoftMaxGradient",
    "MPSCNNLogSoftMaxGradient",
    "MPSCNNNeuron",
    "MPSCNNNeuronAbsolute",
    "MPSCNNNeuronELU",
    "MPSCNNNeuronExponential",
    "MPSCNNNeuronHardSigmoid",
    "MPSCNNNeuronLinear",
    "MPSCNNNeuronLogarithm",
    "MPSCNNNeuronPReLU",
    "MPSCNNNeuronPower",
    "MPSCNNNeuronReLU",
    "MPSCNNNeuronReLUN",
    "MPSCNNNeuronSigmoid",
    "MPSCNNNeuronSoftPlus",
    "MPSCNNNeuronSoftSign",
    "MPSCNNNeuronTanH",
    "MPSCNNNeuronGradient",
    "MPSCNNDropout",
    "MPSCNNDropoutGradient",
    "MPSCNNArithmetic",
    "MPSCNNAdd",
    "MPSCNNSubtract",
    "MPSCNNMultiply",
    "MPSCNNDivide",
    "MPSNNCompare",
    "MPSCNNArithmeticGradient",
    "MPSCNNAddGradient",
    "MPSCNNSubtractGradient",
    "MPSCNNMultiplyGradient",
    "MPSCNNConvolution",
    "MPSCNNFullyConnected",
    "MPSCNNConvolutionTranspose",
    "MPSCNNConvolutionGradient",
    "MPSCNNFullyConnectedGradient",
    "MPSCNNConvolutionTransposeGradient",
    "MPSCNNUpsampling",
    "MPSCNNUpsamplingNearest",
    "MPSCNNUpsamplingBilinear",
    "MPSCNNUpsamplingGradient",
    "MPSCNNUpsamplingNearestGradient",
    "MPSCNNUpsamplingBilinearGradient",
    "MPSNNResizeBilinear",
    "MPSNNCropAndResizeBilinear",
    "MPSNNGridSample",
    "MPSNNReduceUnary",
    "MPSNNReduceRowMin",
    "MPSNNReduceRowMax",
    "MPSNNReduceRowMean",
    "MPSNNReduceRowSum",
    "MPSNNReduceColumnMin",
    "MPSNNReduceColumnMax",
    "MPSNNReduceColumnMean",
    "MPSNNReduceColumnSum",
    "MPSNNReduceFeatureChannelsMin",
    "MPSNNReduceFeatureChannelsMax",
    "MPSNNReduceFeatureChannelsMean",
    "MPSNNReduceFeatureChannelsSum",
    "MPSNNReduceFeatureChannelsArgumentMin",
    "MPSNNReduceFeatureChannelsArgumentMax",
    "MPSNNReduceBinary",
    "MPSNNReduceFeatureChannelsAndWeightsSum",
    "MPSNNReduceFeatureChannelsAndWeightsMean",
    "MPSNNLocalCorrelation",
    "MPSNNReshape",
    "MPSNNReshapeGradient",
    "MPSNNPad",
    "MPSNNPadGradient",
    "MPSNNGramMatrixCalculation",
    "MPSNNGramMatrixCalculationGradient",
    "MPSNNSlice",
    "MPSCNNLoss",
    "MPSCNNYOLOLoss",
    "MPSNNForwardLoss",
    "MPSNNLossGradient",
    "MPSNNInitialGradient",
    "MPSCNNBinaryConvolution",
    "MPSCNNBinaryFullyConnected",
    "MPSCNNBatchNormalization",
    "MPSCNNBatchNormalizationStatistics",
    "MPSCNNBatchNormalizationStatisticsGradient",
    "MPSCNNBatchNormalizationGradient",
    "MPSCNNInstanceNormalization",
    "MPSCNNInstanceNormalizationGradient",
    "MPSCNNGroupNormalization",
    "MPSCNNGroupNormalizationGradient",
    "MPSCNNCrossChannelNormalization",
    "MPSCNNCrossChannelNormalizationGradient",
    "MPSCNNSpatialNormalization",
    "MPSCNNSpatialNormalizationGradient",
    "MPSCNNLocalContrastNormalization",
    "MPSCNNLocalContrastNormalizationGradient",
    "MPSImage",
    "MPSTemporaryImage",
    "MPSImageDescriptor",
    "MPSImageAllocator",
    "MPSState",
    "MPSStateResourceList",
    "MPSNNGradientState",
    "MPSNNBinaryGradientState",
    "MPSCNNArithmeticGradientState",
    "MPSCNNConvolutionGradientState",
    "MPSCNNConvolutionTransposeGradientState",
    "MPSCNNConvolutionWeightsAndBiasesState",
    "MPSCNNBatchNormalizationState",
    "MPSCNNInstanceNormalizationGradientState",
    "MPSCNNGroupNormalizationGradientState",
    "MPSCNNNormalizationGammaAndBetaState",
    "MPSCNNNormalizationMeanAndVarianceState",
    "MPSCNNLossLabels",
    "MPSCNNDropoutGradientState",
    "MPSCommandBuffer",
    "MTLCommandQueue",
    "MTLBuffer",
    "MTLDevice",
    "MPSCNNConvolutionDescriptor",
    "MPSCNNSubPixelConvolutionDescriptor",
    "MPSCNNDepthWiseConvolutionDescriptor",
    "MPSNNNeuronDescriptor",
    "MPSCNNLossDescriptor",
    "MPSCNNLossDataDescriptor",
    "MPSCNNYOLOLossDescriptor",
    "MPSCNNConvolutionDataSource",
    "MPSCNNBatchNormalizationDataSource",
    "MPSCNNInstanceNormalizationDataSource",
    "MPSCNNGroupNormalizationDataSource",
    "MPSNNPadding",
    "MPSNNDefaultPadding",
    "MPSNNOptimizerDescriptor",
    "MPSNNOptimizer",
    "MPSNNOptimizerStochasticGradientDescent",
    "MPSNNOptimizerRMSProp",
    "MPSNNOptimizerAdam",
    "MPSVector",
    "MPSVectorDescriptor",
    "MPSMatrix",
    "MPSMatrixDescriptor",
]

FUNCTIONS = [
    "MPSImageBatchIncrementReadCount",
    "MPSImageBatchIterate",
    "MPSImageBatchResourceSize",
    "MPSImageBatchSynchronize",
    "MPSStateBatchIncrementReadCount",
    "MPSStateBatchResourceSize",
    "MPSStateBatchSynchronize",
]

CONSTANTS = ["MPSRectNoClip"]

# Enums and structs beyond those that the classes in scope mention.
MORE_TYPES = ["MPSImageEdgeMode", "MPSNNPaddingMethod", "MPSOffset", "MTLCommandBufferStatus", "MTLOrigin"]

# Our classes for Metal's.
STAND_INS = {"MTLBuffer": "Buffer", "MTLCommandQueue": "CommandQueue", "MTLDevice": "Device"}

_CLASS = "a window is part of what a kernel is made of, and then fixed; arithmetic kernels, which have none, have strides to set"
_HEAP = "Metal's heaps"
_METAL = "Metal only"

# Apple's name of a member (a pattern) -> why it is not there.
GAPS: dict[str, dict[str, str]] = {
    "MPSCNNBinaryKernel": dict.fromkeys(("primaryStrideInPixels?", "secondaryStrideInPixels?"), _CLASS),
    "MPSCommandBuffer": {"heapProvider": _HEAP, "predicate": _METAL, "prefetchHeapForWorkloadSize:": _HEAP},
    "MPSImage": {"texture": _METAL},
    "MPSStateResourceList": {"appendTexture:": _METAL},
}

# Of these only the members named here have a meaning without Metal.
ONLY: dict[str, set[str]] = {
    "MTLAllocation": set(),
    "MTLBuffer": {"contents", "length"},
    "MTLCommandBuffer": {
        "addCompletedHandler:",
        "addScheduledHandler:",
        "commandQueue",
        "commit",
        "device",
        "enqueue",
        "error",
        "label",
        "status",
        "waitUntilCompleted",
        "waitUntilScheduled",
    },
    "MTLCommandQueue": {"commandBuffer", "device", "label"},
    "MTLDevice": {"name"},
    "MTLPixelFormat": {
        f"MTLPixelFormat{channels}{storage}"
        for channels in ("R", "RG", "RGBA")
        for storage in ("8Unorm", "16Unorm", "16Float", "32Float")
    }
    | {"MTLPixelFormatInvalid"},
    "MTLResource": set(),
    "MTLStorageMode": {"MTLStorageModeManaged", "MTLStorageModePrivate", "MTLStorageModeShared"},
    "MTLTextureType": {"MTLTextureType2D", "MTLTextureType2DArray"},
    "MTLTextureUsage": {"MTLTextureUsageShaderRead", "MTLTextureUsageShaderWrite", "MTLTextureUsageUnknown"},
}


# ---- the module and its stubs ----


@functools.cache
def module() -> Any:
    return importlib.import_module("mpsnn")


def python_name(apple_name: str) -> str:
    return STAND_INS.get(apple_name, apple_name)


@functools.cache
def stub_classes() -> dict[str, ast.ClassDef]:
    assert STUBS.exists(), f"{STUBS.relative_to(ROOT)} is missing: run python/generate.py"
    return {node.name: node for node in stub_tree().body if isinstance(node, ast.ClassDef)}


@functools.cache
def stub_tree() -> ast.Module:
    return ast.parse(STUBS.read_text())


def functions_in(body: list[ast.stmt], name: str) -> list[ast.FunctionDef]:
    return [node for node in body if isinstance(node, ast.FunctionDef) and node.name == name]


def decorators(function: ast.FunctionDef) -> set[str]:
    return {ast.unparse(d).removeprefix("typing.") for d in function.decorator_list}


def lineage(class_name: str) -> Iterator[ast.ClassDef]:
    """The stub of a class and of its bases, nearest first."""
    stub = stub_classes().get(class_name)
    if stub is not None:
        yield stub
        for base in stub.bases:
            yield from lineage(ast.unparse(base).rpartition(".")[2])


def stub_functions(class_name: str, name: str) -> list[ast.FunctionDef]:
    return next((found for stub in lineage(class_name) if (found := functions_in(stub.body, name))), [])


# ---- what must be there ----


@dataclass(frozen=True)
class Item:
    """One of Apple's names and the check that finds it. The check returns what is wrong, or nothing."""

    owner: str  # the class or protocol that declares it
    apple: str
    check: Callable[[], str | None]


def class_items(class_name: str) -> Iterator[Item]:
    python = python_name(class_name)
    yield from declared_items(python, class_names(class_name))
    for protocol in apple_names.protocol_members(class_name):
        yield from declared_items(python, protocol, required_only=True)


def declared_items(python: str, names: Names, required_only: bool = False) -> Iterator[Item]:
    if names.constructor:
        yield from signature_items(python, names, [names.constructor])
    for signatures in names.methods.values():
        if not (required_only and signatures[0].optional):
            yield from signature_items(python, names, signatures)
    for name, member in names.properties.items():
        if not (required_only and member.get("optional")):
            yield Item(names.name, member["name"], functools.partial(property_problem, python, name, member))


def signature_items(python: str, names: Names, signatures: list[Signature]) -> Iterator[Item]:
    for signature in signatures:
        for selector, call in zip(signature.selectors, signature.calls, strict=True):
            check = functools.partial(signature_problem, python, signatures, signature, selector, call)
            yield Item(names.name, selector, check)


def signature_problem(
    python: str, group: list[Signature], signature: Signature, selector: str, call: tuple[str, ...]
) -> str | None:
    stubs = stub_functions(python, signature.name)
    shown = f"{python}.{signature}" if signature.name != "__init__" else str(signature).replace("__init__", python)
    if not stubs:
        return f"missing: {shown}, for {selector}"
    static = bool(decorators(stubs[0]) & {"staticmethod", "classmethod"})
    if static != signature.static:
        return f"{python}.{signature.name} must {'' if signature.static else 'not '}be a static method"
    problems = [call_problem(stub, group, signature, call) for stub in stubs]
    if all(problems):
        return f"{shown}, for {selector}: {'; '.join(sorted({p for p in problems if p}))}"
    if not any(ast.get_docstring(stub) for stub in stubs):
        return f"{python}.{signature.name} has no docstring"
    return None


def call_problem(
    stub: ast.FunctionDef, group: list[Signature], signature: Signature, call: tuple[str, ...]
) -> str | None:
    """Why this function, which may serve a group of Apple's selectors, does not take the arguments of one."""
    arguments = stub.args
    skip = 0 if "staticmethod" in decorators(stub) else 1
    positional = arguments.posonlyargs + arguments.args
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    found = dict(zip((a.arg for a in positional), defaults, strict=True))
    found = dict(list(found.items())[skip:])
    order = list(found)
    keyword_only = dict(zip((a.arg for a in arguments.kwonlyargs), arguments.kw_defaults, strict=True))
    found |= keyword_only
    expected = {p.name: p for s in [*group, signature] for p in s.parameters}
    in_all = set.intersection(*({p.name for p in s.parameters} for s in group))
    for name in call:
        if name not in found:
            return f"has no argument {name}"
    for name, default in found.items():
        if name not in expected:
            return f"has an argument {name} that Apple has not"
        wanted = expected[name].default
        if name not in call and default is None:
            return f"{name} must be optional"
        if wanted is REQUIRED and default is not None and name in in_all:
            return f"{name} must have no default"
        if wanted not in (REQUIRED, COMPUTED) and default is not None and not same_value(default, wanted):
            return f"the default of {name} must be {wanted!r}, is {ast.unparse(default)}"
    leading = [p.name for p in signature.parameters if not p.keyword_only and p.name in call and p.default is REQUIRED]
    if signature.name == "__init__":
        if order[: len(leading)] != leading:
            return f"the first arguments must be {', '.join(leading)}, are {', '.join(order)}"
        free = [p.name for p in signature.parameters if p.keyword_only and p.name in order]
        if free:
            return f"{', '.join(free)} must be keyword-only"
    elif leading and order[:1] != leading[:1]:
        return f"the first argument must be {leading[0]}"
    return "has positional-only arguments" if arguments.posonlyargs[skip:] else None


def same_value(default: ast.expr, wanted: Any) -> bool:
    try:
        value = ast.literal_eval(default)
        if isinstance(value, float) and isinstance(wanted, int | float):
            return struct.pack("f", value) == struct.pack("f", wanted)  # Apple's are float32
        return bool(value == wanted)
    except ValueError:  # an enum member, a call: the value is its own business
        return True


def property_problem(python: str, name: str, member: dict[str, Any]) -> str | None:
    for stub in lineage(python):
        attributes = [n for n in stub.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == name]
        getters = [f for f in functions_in(stub.body, name) if "setter" not in " ".join(decorators(f))]
        if not attributes and not getters:
            continue
        if attributes:
            return f"{python}.{name} must be a property with a docstring"
        if "property" not in decorators(getters[0]):
            return f"{python}.{name} must be a property"
        setter = any(f"{name}.setter" in decorators(f) for f in functions_in(stub.body, name))
        if member["readonly"] == setter:
            return f"{python}.{name} must be {'read-only' if member['readonly'] else 'writable'}"
        return None if ast.get_docstring(getters[0]) else f"{python}.{name} has no docstring"
    return f"missing: property {python}.{name}, for {member['name']}"


def gap(name: str, item: Item) -> str | None:
    """The reason why an item may be missing."""
    for owner in (name, item.owner):
        for pattern, reason in GAPS.get(owner, {}).items():
            if fnmatch.fnmatchcase(item.apple, pattern):
                return reason
    return _METAL if item.owner in ONLY and item.apple not in ONLY[item.owner] else None


def assert_complete(name: str, items: list[Item]) -> None:
    missing, stale = [], []
    for item in items:
        problem, reason = item.check(), gap(name, item)
        if problem and not reason:
            missing.append(problem)
        if reason and not problem:
            stale.append(f"{name}: {item.apple} is there, take it off the list of gaps ({reason})")
    used = {pattern for pattern in GAPS.get(name, {}) for i in items if fnmatch.fnmatchcase(i.apple, pattern)}
    stale += [f"{name}: no member is called {pattern}, in GAPS" for pattern in set(GAPS.get(name, {})) - used]
    assert not missing + stale, "\n" + "\n".join(missing + stale)


def types_in_scope() -> list[str]:
    mentioned = {t for c in SCOPE if c not in STAND_INS for t in apple_names.mentioned_types(c)}
    return sorted(mentioned | set(MORE_TYPES))


# ---- Apple's names ----


@pytest.mark.parametrize("class_name", SCOPE)
def test_class(class_name: str) -> None:
    python = python_name(class_name)
    cls = getattr(module(), python, None)
    assert cls is not None, f"missing: class {python}"
    assert vars(cls).get("__doc__"), f"{python} has no docstring"
    assert python in stub_classes(), f"{python} is not in {STUBS.name}"
    superclass = next(apple_names.superclasses(class_name), None)
    if superclass is not None:
        base = getattr(module(), superclass, None)
        assert base is not None, f"missing: class {superclass}, the base of {python}"
        assert issubclass(cls, base), f"{python} must derive from {superclass}"
    assert_complete(class_name, list(class_items(class_name)))


@pytest.mark.parametrize("class_name", [c for c in SCOPE if c not in STAND_INS])
def test_no_constructor_that_apple_has_not(class_name: str) -> None:
    names = class_names(class_name)
    stub = stub_classes().get(class_name)
    assert stub is not None, f"missing: class {class_name}"
    has_own = bool(functions_in(stub.body, "__init__"))
    if names.kind == "class" and names.constructor is None:
        assert not has_own, f"{class_name} is abstract or made by the library: no constructor"
    elif names.constructor is not None:
        # pybind11 does not inherit constructors in a useful way: the base's makes the base's object.
        assert has_own, f"missing: {class_name} needs a constructor of its own"


@pytest.mark.parametrize("type_name", types_in_scope())
def test_enum_or_struct(type_name: str) -> None:
    cls = getattr(module(), type_name, None)
    assert cls is not None, f"missing: {type_name}"
    assert vars(cls).get("__doc__"), f"{type_name} has no docstring"
    if type_name in SURFACE["enums"]:
        check_enum(type_name, cls)
    else:
        check_struct(type_name)


def check_enum(type_name: str, cls: Any) -> None:
    flag = SURFACE["enums"][type_name]["options"]
    kind = enum.IntFlag if flag else enum.IntEnum
    assert issubclass(cls, kind), f"{type_name} must be an enum.{kind.__name__}"
    expected = apple_names.enum_members(type_name)
    actual = {name: int(member) for name, member in cls.__members__.items()}
    apple = dict(zip(expected, apple_names.enum_cases(type_name), strict=True))
    items = [
        Item(type_name, apple[n], functools.partial(member_problem, type_name, actual, n, v))
        for n, v in expected.items()
    ]
    assert_complete(type_name, items)
    extra = sorted(set(actual) - set(expected))
    assert not extra, f"{type_name} has members that Apple has not: {', '.join(extra)}"


def member_problem(type_name: str, actual: dict[str, int], name: str, value: int) -> str | None:
    if name not in actual:
        return f"missing: {type_name}.{name} = {value}"
    return None if actual[name] == value else f"{type_name}.{name} must be {value}, is {actual[name]}"


def check_struct(type_name: str) -> None:
    fields = apple_names.struct_fields(type_name)
    problems = []
    for name in fields:
        if not any(
            functions_in(stub.body, name)
            or [n for n in stub.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == name]
            for stub in lineage(type_name)
        ):
            problems.append(f"missing: {type_name}.{name}")
    constructors = stub_functions(type_name, "__init__")
    if not any([a.arg for a in c.args.args[1:]] == fields for c in constructors):
        problems.append(f"missing: {type_name}({', '.join(fields)})")
    assert not problems, "\n" + "\n".join(problems)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    signature = apple_names.functions()[name]
    assert hasattr(module(), signature.name), f"missing: function {signature}, for {name}"
    stubs = functions_in(stub_tree().body, signature.name)
    expected = [p.name for p in signature.parameters]
    assert any([a.arg for a in s.args.args] == expected for s in stubs), f"the arguments of {signature} are others"
    assert any(ast.get_docstring(s) for s in stubs), f"{signature.name} has no docstring"


@pytest.mark.parametrize("name", CONSTANTS)
def test_constant(name: str) -> None:
    assert hasattr(module(), name), f"missing: constant {name}"


def test_gaps_are_about_classes_in_scope() -> None:
    known = set(SCOPE) | set(types_in_scope())
    protocols = {p.name for c in SCOPE for p in apple_names.protocol_members(c)}
    unknown = sorted((set(GAPS) | set(ONLY)) - known - protocols)
    assert not unknown, f"GAPS or ONLY speak of {', '.join(unknown)}, which no test looks at"


def test_static_forms_make_the_class_they_are_called_on() -> None:
    mpsnn = module()
    source = mpsnn.MPSNNImageNode()
    for name in ("MPSCNNPoolingMaxNode", "MPSCNNPoolingAverageNode"):
        node = getattr(mpsnn, name).with_filter_size(source, 2)
        assert type(node).__name__ == name
        assert node.stride_in_pixels_x == 2, "the stride left out is the filter size"
    assert type(mpsnn.MPSNNAdditionNode.with_sources([source, source])).__name__ == "MPSNNAdditionNode"


def test_public_names_are_those_of_the_extension() -> None:
    core = importlib.import_module("mpsnn._core")
    public = {name for name in vars(core) if not name.startswith("_")}
    missing = sorted(public - set(vars(module())))
    assert not missing, f"mpsnn does not hand on {', '.join(missing)} from mpsnn._core"


# ---- the naming rule itself ----


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("MPSCNNPoolingMaxNode", "(source, *, kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y)"),
        ("MPSCNNNeuronReLUNode", "(source, *, a=0)"),
        ("MPSNNGraph", "(result_image, *, result_image_is_needed=True, device=None)"),
    ],
)
def test_constructor_rule(class_name: str, expected: str) -> None:
    assert str(class_names(class_name).constructor) == "__init__" + expected


@pytest.mark.parametrize(
    ("class_name", "expected"),
    [
        ("MPSCNNPoolingMaxNode", "with_filter_size(source, filter_size, stride=None)"),
        ("MPSCNNDilatedPoolingMaxNode", "with_filter_size(source, filter_size, stride=None, dilation_rate=None)"),
        ("MPSCNNNeuronNode", "with_descriptor(source, descriptor)"),
        ("MPSNNImageNode", "exported_node(handle=None)"),
        ("MPSNNGraph", "with_result_images(result_images, *, results_are_needed=None, device=None)"),
        ("MPSCNNConvolutionDataSource", "ranges_for_uint8_kernel()"),
        ("MPSCNNConvolutionDataSource", "update_with_gradient_state(gradient_state, source_state)"),
    ],
)
def test_method_rule(class_name: str, expected: str) -> None:
    assert expected in [str(s) for group in class_names(class_name).methods.values() for s in group]


def test_no_two_forms_of_a_class_share_a_name() -> None:
    for class_name in SURFACE["classes"]:
        names = class_names(class_name)
        clashes = set(names.methods) & set(names.properties)
        assert not clashes, f"{class_name}: {', '.join(clashes)} is a method and a property"


# ---- layers ----

LAYERS = ["core", "nodes", "graph", "kernels", "plan", "runtime"]  # each may include those before it
METAL_SEES = {"core", "nodes", "graph", "runtime", "metal"}  # beside kernels and plan, not on top of them

STANDARD_HEADERS = {
    "algorithm",
    "any",
    "array",
    "atomic",
    "barrier",
    "bit",
    "bitset",
    "cassert",
    "cctype",
    "cerrno",
    "cfenv",
    "cfloat",
    "charconv",
    "chrono",
    "cinttypes",
    "climits",
    "clocale",
    "cmath",
    "compare",
    "complex",
    "concepts",
    "condition_variable",
    "coroutine",
    "csetjmp",
    "csignal",
    "cstdarg",
    "cstddef",
    "cstdint",
    "cstdio",
    "cstdlib",
    "cstring",
    "ctime",
    "cuchar",
    "cwchar",
    "cwctype",
    "deque",
    "exception",
    "execution",
    "filesystem",
    "format",
    "forward_list",
    "fstream",
    "functional",
    "future",
    "initializer_list",
    "iomanip",
    "ios",
    "iosfwd",
    "iostream",
    "istream",
    "iterator",
    "latch",
    "limits",
    "list",
    "locale",
    "map",
    "memory",
    "memory_resource",
    "mutex",
    "new",
    "numbers",
    "numeric",
    "optional",
    "ostream",
    "queue",
    "random",
    "ranges",
    "ratio",
    "regex",
    "scoped_allocator",
    "semaphore",
    "set",
    "shared_mutex",
    "source_location",
    "span",
    "sstream",
    "stack",
    "stdexcept",
    "stop_token",
    "streambuf",
    "string",
    "string_view",
    "strstream",
    "syncstream",
    "system_error",
    "thread",
    "tuple",
    "type_traits",
    "typeindex",
    "typeinfo",
    "unordered_map",
    "unordered_set",
    "utility",
    "valarray",
    "variant",
    "vector",
    "version",
}

# Third-party headers and the only folders that may see them.
CONFINED = {
    r"(oneapi/)?dnnl.*": "cpp/src/kernels/cpu/",
    r"(cuda|cudnn|cublas).*": "cpp/src/kernels/cuda/",
    r"(Metal|MetalPerformanceShaders|Foundation|objc)/.*": ("cpp/src/metal/", "cpp/gnustep/", "cpp/objc/"),
    r"pybind11/.*": "cpp/bindings/",
}


def sources(folder: str) -> list[Path]:
    found = [p for p in (ROOT / folder).rglob("*") if p.suffix in {".hpp", ".h", ".cpp", ".mm", ".cu", ".in"}]
    return sorted(found)


def includes(path: Path) -> Iterator[tuple[str, bool]]:
    """Included header, and whether it stands in angle brackets."""
    for line in path.read_text().splitlines():
        if match := re.match(r"\s*#\s*(?:include|import)\s*([<\"])([^>\"]+)[>\"]", line):
            yield match[2], match[1] == "<"


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_layers() -> None:
    wrong = []
    for path in sources("cpp/src"):
        layer = path.relative_to(ROOT / "cpp" / "src").parts[0]
        for header, angle in includes(path):
            first = header.split("/")[0]
            other = first if "/" in header and first in {*LAYERS, "metal"} else layer
            if angle or first == "mpsnn":
                continue
            allowed = METAL_SEES if layer == "metal" else set(LAYERS[: LAYERS.index(layer) + 1])
            if other not in allowed:
                wrong.append(f"{relative(path)}: {layer} must not include {header} of {other}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_every_source_folder_is_a_layer() -> None:
    folders = {p.name for p in (ROOT / "cpp" / "src").iterdir() if p.is_dir()}
    assert folders <= {*LAYERS, "metal"}, f"not a layer: {', '.join(sorted(folders - {*LAYERS, 'metal'}))}"


def test_public_headers_need_the_standard_library_only() -> None:
    wrong = []
    for path in sources("cpp/include"):
        for header, angle in includes(path):
            if header not in STANDARD_HEADERS if angle else not header.startswith("mpsnn/"):
                wrong.append(f"{relative(path)} includes {header}")
        if re.search(r"^\s*#\s*if(n?def)?\b", path.read_text(), re.MULTILINE) and path.name != "export.hpp":
            wrong.append(f"{relative(path)} has a conditional: headers must not depend on compiler flags")
    assert not wrong, "\n" + "\n".join(wrong)


def test_bindings_see_the_public_headers_only() -> None:
    own = {p.relative_to(ROOT / "cpp" / "bindings").as_posix() for p in sources("cpp/bindings")}
    own |= {p.name.removesuffix(".in") for p in (ROOT / "cpp" / "bindings").glob("*.hpp.in")}  # generated
    wrong = []
    for path in sources("cpp/bindings"):
        for header, angle in includes(path):
            ours = header in own or header in {p.rpartition("/")[2] for p in own} or header.startswith("../")
            public = header in STANDARD_HEADERS or header.startswith(("mpsnn/", "pybind11/"))
            if not (public or (ours and not angle)):
                wrong.append(f"{relative(path)} includes {header}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_third_party_headers_stay_in_their_folder() -> None:
    wrong = []
    for path in sources("cpp"):
        for header, angle in includes(path):
            for pattern, folder in CONFINED.items():
                if angle and re.fullmatch(pattern, header) and not relative(path).startswith(folder):
                    wrong.append(f"{relative(path)} includes {header}")
    assert not wrong, "\n" + "\n".join(wrong)


# ---- families ----

FAMILY_FILES = {
    "cpp/include/mpsnn/nodes": ".hpp",
    "cpp/src/nodes": ".cpp",
    "cpp/src/kernels/cpu": ".cpp",
    "cpp/src/metal/families": ".mm",
    "cpp/bindings/nodes": ".cpp",
    "tests/families": ".py",
}
SHARED_FILES = {  # beside the families
    "cpp/src/kernels/cpu": {
        "dot_product",
        "fully_connected",
        "instruction_set",
        "matrix",
        "optimizer",
        "panel_product",
        "thread_placement",
    },
    "cpp/src/nodes": {
        "batch_normalization_parameters",
        "data_source",
        "node",
        "node_table",
        "op",
        "saved_attributes",
    },
    "tests/families": {"__init__"},
}


def families() -> list[str]:
    text = (ROOT / "cpp" / "CMakeLists.txt").read_text()
    listed = re.search(r"mpsnn_add_families\(([^)]*)\)", text)
    assert listed, "cpp/CMakeLists.txt has no mpsnn_add_families(...)"
    return re.sub(r"#.*", "", listed[1]).split()


def test_every_family_has_its_files() -> None:
    missing = [
        f"{d}/{f}{end}" for f in families() for d, end in FAMILY_FILES.items() if not (ROOT / d / f"{f}{end}").exists()
    ]
    assert not missing, "missing:\n" + "\n".join(missing)


def test_every_file_belongs_to_a_family() -> None:
    extra = []
    for folder, end in FAMILY_FILES.items():
        known = set(families()) | SHARED_FILES.get(folder, set())
        parts = tuple(f"{family}_" for family in families())  # a large family's files begin with its name
        for p in (ROOT / folder).glob(f"*{end}"):
            if p.stem not in known and not p.stem.startswith(parts):
                extra.append(relative(p))
    assert not extra, f"not in mpsnn_add_families(...): {', '.join(sorted(extra))}"


# ---- nodes ----


def forward_nodes() -> list[str]:
    """The concrete filter nodes in scope that the user makes; gradient nodes are tested through them."""
    filters = [c for c in SCOPE if "MPSNNFilterNode" in apple_names.superclasses(c)]
    made = [c for c in filters if class_names(c).constructor]
    return [c for c in made if "MPSNNGradientFilterNode" not in apple_names.superclasses(c)]


@functools.cache
def first_cases() -> dict[str, Any]:
    """A case of each node, one that trains where there is any: the class of a case has the node's name."""
    cases: dict[str, Any] = {}
    for case in importlib.import_module("families").CASES:
        known = cases.setdefault(case.name, case)
        if case.trains and not known.trains:
            cases[case.name] = case
    return cases


@pytest.mark.parametrize("name", forward_nodes())
def test_node_has_a_case(name: str) -> None:
    assert name in first_cases(), f"missing: a case of {name} in tests/families"


def test_cases_are_about_nodes_in_scope() -> None:
    abstract = {c for c in SCOPE if not class_names(c).constructor}  # their factories make the concrete ones
    unknown = sorted(set(first_cases()) - set(forward_nodes()) - abstract)
    assert not unknown, f"{', '.join(unknown)} have cases: add them to SCOPE"


@pytest.mark.parametrize("name", forward_nodes())
def test_node_has_a_plain_kernel(name: str) -> None:
    """Also its gradient nodes, if the case says there are any."""
    harness = importlib.import_module("harness")
    case = first_cases().get(name)
    assert case is not None, f"missing: a case of {name} in tests/families"
    node = harness.build(case, harness.draw(case))
    nodes = [node]
    if case.differentiable and not case.labels(harness.draw(case)):
        nodes += node.gradient_filters_with_sources([harness.image_node("gradient")])
    for one in nodes:
        names = module().implementations(one)
        assert "loops" in names, f"{type(one).__name__} has no plain kernel, only {names}"
        assert names[-1] == "loops", f"the plain kernel of {type(one).__name__} must be the last resort: {names}"


def concrete_nodes() -> list[str]:
    """The filter nodes in scope that can be made, gradient nodes among them."""
    filters = [c for c in SCOPE if "MPSNNFilterNode" in apple_names.superclasses(c)]
    return [c for c in filters if class_names(c).constructor]


@pytest.mark.parametrize("name", concrete_nodes())
def test_node_is_explained(name: str) -> None:
    """The parts of a docstring that help() and NODES.md have; test_pytorch_terms.py runs the code."""
    doc = inspect.cleandoc(getattr(module(), name).__doc__ or "")
    summary, *rest = re.split(r"\n\n+", doc)
    before, has_code, behind = doc.partition("\n\nIn PyTorch:\n\n")
    assert re.fullmatch(r".{1,100}\.", summary), f"{name}: the first paragraph must be one sentence on one line"
    assert re.search(r"\S+ x \S+ x \S+", "\n".join(rest)), f"{name}: no sizes, like `h x w x c to h x w x c`"
    assert re.search(r"^    \S.* = ", before, re.MULTILINE), (
        f"{name}: no formula, an indented line like `    y = x + 1`"
    )
    assert has_code, f"{name}: no paragraph `In PyTorch:`, with indented code behind it"
    assert behind.startswith("    "), f"{name}: the code behind `In PyTorch:` must be indented"


def manual_text() -> str:
    manual = ROOT / "python" / "NODES.md"
    assert manual.exists(), "python/NODES.md is missing: run python/generate.py"
    return manual.read_text()


@pytest.mark.parametrize("name", concrete_nodes())
def test_node_is_in_the_manual(name: str) -> None:
    _, found, rest = manual_text().partition(f"\n### {name}\n")
    assert found, f"{name} is not in python/NODES.md"
    rows = re.findall(r"^\| `(\w+)` \|.*\|(.*)\|$", rest.partition("\n### ")[0], re.MULTILINE)
    silent = [argument for argument, meaning in rows if not meaning.strip()]
    assert not silent, f"{name}: nothing is said about {', '.join(silent)}; write `{silent[0]}: ...` in the docstring"


def test_tables_of_the_manual_are_whole() -> None:
    is_code, width = False, 0
    for number, line in enumerate(manual_text().splitlines(), 1):
        is_code ^= line.startswith("```")
        cells = len(re.split(r"(?<!\\)\|", line)) if line.startswith("|") and not is_code else 0
        assert not (cells and width and cells != width), f"python/NODES.md:{number}: {cells - 2} cells, not {width - 2}"
        width = cells


def test_links_of_the_manual_lead_somewhere() -> None:
    text = manual_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 _-]", "", h.lower()).replace(" ", "-") for h in headings}
    dead = sorted(set(re.findall(r"\]\(#([^)]*)\)", text)) - anchors)
    assert not dead, f"python/NODES.md has links to {', '.join(dead)}"


# ---- Apple's list: the page "Objects that Simplify the Creation of Neural Networks" ----


@functools.cache
def listed() -> list[str]:
    """The classes and protocols of the page, and the images it points to."""
    return [name for name, declared in SURFACE["classes"].items() if declared.get("seed")]


def test_the_list_is_whole() -> None:
    """`test_class` looks for the initializers, properties and methods of classes in SCOPE, and for their docstrings."""
    assert len(listed()) == 83
    missing = sorted(set(listed()) - set(SCOPE))
    assert not missing, f"{', '.join(missing)} must be in SCOPE"


@pytest.mark.parametrize("name", [name for name in listed() if name in forward_nodes()])
def test_listed_node_makes_its_gradient_node(name: str) -> None:
    """Or has none: no class of Apple's is called that, or the result already is a gradient."""
    tables = importlib.import_module("test_gradient_nodes")
    made = {c for case in tables.training_cases().get(name, []) for c in tables.gradient_classes(case)}
    case = first_cases()[name]
    gradient = f"{name.removesuffix('Node')}GradientNode"
    if "MPSCNNNeuronNode" in apple_names.superclasses(name):
        gradient = "MPSCNNNeuronGradientNode"
    if case.trains:
        assert made == {gradient}
    else:
        assert gradient not in SURFACE["classes"] or case.starts_backward


@pytest.mark.parametrize(
    "name", [name for name in listed() if "MPSNNGradientFilterNode" in apple_names.superclasses(name)]
)
def test_listed_gradient_node_is_made_directly(name: str) -> None:
    """test_gradient_nodes.py makes it with every initializer that it has."""
    tables = importlib.import_module("test_gradient_nodes")
    expected = {i.selector for i in tables.initializers(name)}
    tested = {i.selector for _, i in tables.made_directly().get(name, [])}
    assert tested == expected
    assert expected or not class_names(name).constructor


@functools.cache
def members_in_use() -> set[tuple[str, str]]:
    """What the tests of members and of gradient nodes use of the listed classes."""
    members, gradients = importlib.import_module("test_members"), importlib.import_module("test_gradient_nodes")
    with recorder.Recorder(listed()) as active:
        for name, test in vars(members).items():
            if name.startswith("test_"):
                test()
        for pairs in gradients.made_directly().values():
            for selector in {initializer.selector for _, initializer in pairs}:
                gradients.check(*next(pair for pair in pairs if pair[1].selector == selector), None)
    return active.used


@pytest.mark.parametrize("name", listed())
def test_listed_members_are_tested(name: str) -> None:
    gaps = GAPS.get(name, {})
    expected = {use for use in recorder.uses_of(name) if use[1].split()[-1] not in gaps}
    missing = sorted(use for _, use in expected - members_in_use())
    assert not missing, f"no test uses {', '.join(missing)} of {name}: add one to test_members.py"


# ---- generated files ----


def test_generated_files_are_fresh() -> None:
    command = [sys.executable, "python/generate.py", "--check"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, f"run python/generate.py\n{result.stdout}{result.stderr}"
