"""The conformance harness: what a case is, which cases are refused, the one tolerance, and every call into the engine.

Images are float arrays N x H x W x C here. The engine is imported on first use: test_references.py
needs no built module.
"""

from __future__ import annotations

import enum
import functools
import itertools
import math
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Values = dict[str, Array]  # "source0", "source1", ..., and whatever parameters the node has
Shape = tuple[int, int, int]  # height, width, channels

KINK_DISTANCE = 1e-4  # no drawn value lies nearer than this to a point where a derivative jumps
MEMORY_PASS = "reuse_memory"  # the pass that lets images share memory; it must not change a bit
GUARD = 64  # elements in front of and behind every source image


class Padding(enum.IntFlag):
    """The bits of MPSNNPaddingMethod, with Apple's values."""

    Valid = 0
    AlignTopLeft = 1
    AlignBottomRight = 2
    TopRight = 4  # the remainder bits; 0 is top left
    BottomLeft = 8
    BottomRight = 12
    Same = 0x10
    Full = 0x20
    ExcludeEdges = 0x8000


# --- what a family says about the engine: objects as data --------------------------------------------------------


@dataclass(frozen=True, eq=False)
class New:
    """An engine object to be made: class (or `Class.method`), arguments, then properties to set and methods to call."""

    name: str
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    calls: Mapping[str, tuple[tuple[Any, ...], Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Get:
    """A property of an engine object to be made."""

    of: New
    name: str


@dataclass(frozen=True)
class Member:
    """A member of one of the engine's enums."""

    enum: str
    name: str


@dataclass(frozen=True)
class Edges:
    """A policy of the caller's: windows lie as `padding` says, the kernel gets an edge mode."""

    padding: Padding
    edge_mode: str


# --- the case ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Case:
    """One node with its sources and attributes. A subclass has the node's name and is its float64 reference.

    The attribute `edges` is the edge mode of the node's kernel, where it is not the node's own.
    References keep the type of what they are given: float64 for answers, float32 to see what honest rounding costs.
    """

    sources: tuple[Shape, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    batch: int = 1
    padding: Padding | None = None
    exempt: dict[str, str] = field(default_factory=dict)  # rule of `check_case` -> why it cannot hold here

    exact = False  # only adds, multiplies and selects: integers come out exactly
    differentiable = True
    starts_backward = False  # the result already is a gradient; there are no gradient nodes
    repeats = True  # a second run of the same graph gives the first one's answer

    @property
    def name(self) -> str:
        return type(self).__name__

    @property
    def id(self) -> str:
        shapes = "+".join("x".join(map(str, s)) for s in self.sources)
        attributes = ",".join(f"{_initials(k)}={_short(v)}" for k, v in self.attributes.items())
        parts = [self.name, shapes, f"n{self.batch}", attributes, "" if self.padding is None else f"p{self.padding:#x}"]
        return "-".join(p for p in parts if p)

    def random(self, salt: object = 0) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(f"{self.id} {salt}".encode()))

    # What a subclass defines.

    def forward(self, v: Values, training: bool = False) -> Array:
        """The result image. `training`: a gradient node reads the forward node's state."""
        raise NotImplementedError

    def gradients(self, v: Values, g: Array) -> Values:
        """Gradients of sum(g * forward) by the name of what they belong to."""
        raise NotImplementedError

    def terms(self, output: str) -> int:
        """How many rounded numbers are added into one element of `output`, at most."""
        return 1

    def draw_source(self, rng: np.random.Generator, index: int, shape: tuple[int, ...]) -> Array:
        return rng.standard_normal(shape)

    def parameters(self, rng: np.random.Generator, integers: bool) -> Values:
        """Weights and the like: the values the arithmetic uses, and the stored form the engine is given."""
        return {}

    def node(self, sources: list[Any], v: Values) -> New:
        """The engine's node: by default the class of the case's name, sources first, attributes by keyword."""
        attributes = {k: x for k, x in self.attributes.items() if k != "edges"}
        return New(self.name, tuple(sources), attributes, self.properties)

    def labels(self, v: Values) -> list[New]:
        """The source states of a loss node, one per image."""
        return []

    def kink_distance(self, v: Values) -> float:
        return math.inf

    def pytorch_values(self, v: Values) -> Values:
        """What the code in the node's documentation names beside the values and the attributes."""
        return {}

    def objective(self, v: Values, g: Array) -> float:
        """What `gradients` is the derivative of."""
        return float(np.sum(g * self.forward(v, training=True)))

    def outputs(self, v: Values, training: bool = False) -> Values:
        """All a forward run delivers."""
        return {"result": self.forward(v, training)}

    def next_run(self, v: Values) -> Values:
        """The values as the second run of the same graph sees them."""
        return v

    # Helpers.

    @property
    def trains(self) -> bool:
        """The node makes gradient nodes."""
        return self.differentiable and not self.starts_backward

    @property
    def properties(self) -> dict[str, Any]:
        if "edges" in self.attributes:
            padding = Padding.Same if self.padding is None else self.padding
            return {"padding_policy": Edges(padding, self.attributes["edges"])}
        return {} if self.padding is None else {"padding_policy": self.padding}

    def source_arrays(self, v: Values) -> list[Array]:
        return [v[f"source{i}"] for i in range(len(self.sources))]


def _initials(name: str) -> str:
    return ".".join(part[:3] for part in name.split("_"))


def _short(value: Any) -> str:
    if isinstance(value, tuple | list):
        return "x".join(map(_short, value))
    return str(int(value)) if isinstance(value, bool) else str(value)


def draw(case: Case, integers: bool = False) -> Values:
    """Values for a case from its own seed, exact in float16, away from kinks, with an incoming `gradient`."""
    for attempt in range(500):
        rng = case.random((integers, attempt))
        v: Values = {}
        for i, shape in enumerate(case.sources):
            full = (case.batch, *shape)
            drawn = rng.integers(-4, 5, full) if integers else case.draw_source(rng, i, full)
            v[f"source{i}"] = drawn.astype(np.float16).astype(np.float64)
        v |= case.parameters(rng, integers)
        if integers or case.kink_distance(v) > KINK_DISTANCE:
            shape = case.forward(v).shape
            g = rng.integers(-4, 5, shape) if integers else rng.standard_normal(shape)
            v["gradient"] = g.astype(np.float16).astype(np.float64)
            return v
    raise AssertionError(f"no values away from kinks found for {case!r}")


def single(v: Values) -> Values:
    """The same values as float32, integers untouched."""
    return {k: a.astype(np.float32) if a.dtype == np.float64 else a for k, a in v.items()}


def pairwise(factors: Mapping[str, Sequence[Any]], make: Callable[..., Case], seed: int) -> list[Case]:
    """Cases in which every two values of two factors meet, except pairs that only make cases that are refused.

    Greedy: each row starts from a pair not yet seen and takes, of a few completions, the one with most new pairs.
    `make` raises CaseError for combinations that mean nothing.
    """
    rng = np.random.default_rng(seed)
    names = list(factors)
    wanted = {
        ((a, i), (b, j))
        for a, b in itertools.combinations(range(len(names)), 2)
        for i in range(len(factors[names[a]]))
        for j in range(len(factors[names[b]]))
    }

    def pairs(row: Sequence[int]) -> set[Any]:
        return set(itertools.combinations(enumerate(row), 2)) & wanted

    cases = []
    while wanted:
        (a, i), (b, j) = first = min(wanted)
        rows = rng.integers([len(factors[n]) for n in names], size=(40, len(names))).tolist()
        for row in rows:
            row[a], row[b] = i, j
        for row in sorted(rows, key=lambda row: -len(pairs(row))):
            try:
                case = make(**{n: factors[n][k] for n, k in zip(names, row, strict=True)})
                check_structure(case)
                check_case(case, draw(case))
            except CaseError:
                continue
            cases.append(case)
            wanted -= pairs(row)
            break
        else:
            wanted.remove(first)
    return cases


# --- cases that prove nothing are refused ----------------------------------------------------------------------------


class CaseError(ValueError):
    """A case that could pass with a wrong kernel."""


def check_structure(case: Case) -> None:
    """Refuse equal extents and equal x and y attributes: transposed code would pass."""

    def refuse(rule: str, why: str) -> None:
        if rule not in case.exempt:
            raise CaseError(f"{why}: {case!r}")

    unknown = set(case.exempt) - {"extents", "axes", "copy", "zeros"}
    if unknown:
        raise CaseError(f"no such rule: {unknown}")
    largest = [max(s[axis] for s in case.sources) for axis in range(3)]
    for shape in case.sources:
        extents = [e for e, m in zip(shape, largest, strict=True) if not (e == 1 < m)]  # 1 < m: broadcast
        if case.batch > 1:
            extents.append(case.batch)
        if len(set(extents)) < len(extents):
            refuse("extents", f"extents {extents} are not all different")
    for key, value in case.attributes.items():
        other = f"{key[:-2]}_y" if key.endswith("_x") else key.replace("width", "height")
        if other != key and case.attributes.get(other) == value:
            refuse("axes", f"{key} and {other} are both {value}")


def check_case(case: Case, v: Values) -> None:
    """Refuse a case whose expected answers are near a copy of what comes in or near zeros."""
    check_structure(case)

    def check(what: str, answer: Array, incoming: list[Array]) -> None:
        if "zeros" not in case.exempt and (np.abs(answer).mean() < 1e-3 or np.mean(answer == 0) > 0.9):
            raise CaseError(f"{what} is close to zeros: {case!r}")
        for x in incoming:
            if "copy" not in case.exempt and x.shape == answer.shape and _close_to_copy(answer, x):
                raise CaseError(f"{what} is close to a copy: {case!r}")

    for name, answer in case.outputs(v).items():
        check(name, answer, case.source_arrays(v))
    if case.differentiable:
        for name, answer in case.gradients(v, v["gradient"]).items():
            check(f"gradient of {name}", answer, [*case.source_arrays(v), v["gradient"]])


def _close_to_copy(answer: Array, x: Array) -> bool:
    return bool(np.abs(answer - x).mean() < 0.05 * np.abs(x).mean())


# --- the tolerance ---------------------------------------------------------------------------------------------------


def tolerance(terms: int, storage: type = np.float32) -> float:
    """Relative error allowed to a sum of `terms` numbers accumulated in float32 and stored as `storage`."""
    return 4 * (float(np.finfo(storage).eps) + math.sqrt(terms) * float(np.finfo(np.float32).eps))


def assert_close(actual: Array, expected: Array, terms: int, storage: type = np.float32, what: object = "") -> None:
    """`actual` against float64, relative to the larger of the value and the mean size of the result."""
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    expected = expected.astype(np.float64)
    size = np.maximum(np.abs(expected), np.abs(expected).mean())
    error = np.abs(actual.astype(np.float64) - expected)
    bad = ~(error <= tolerance(terms, storage) * size)  # written so that NaN is bad
    if bad.any():
        worst = np.unravel_index(np.argmax(np.where(bad, error, -1)), error.shape)
        raise AssertionError(
            f"{what}: {bad.sum()} of {bad.size} elements off; at {tuple(map(int, worst))} got {actual[worst]!r}, "
            f"expected {expected[worst]!r}, allowed {tolerance(terms, storage) * size[worst]:.3g}"
        )


def assert_outputs(actual: Values, expected: Values, case: Case, storage: type = np.float32, what: object = "") -> None:
    assert set(actual) == set(expected), f"{what}: outputs {sorted(actual)}, expected {sorted(expected)}"
    for name, value in expected.items():
        # A loss image is float32 whatever the format of the result.
        kept = np.float32 if name == "loss" else storage
        assert_close(actual[name], value.astype(kept), case.terms(name), kept, f"{what} {name} of {case!r}")


def assert_same_bits(actual: Values, expected: Values, what: object = "") -> None:
    assert set(actual) == set(expected), f"{what}: outputs {sorted(actual)}, expected {sorted(expected)}"
    for name, value in expected.items():
        assert actual[name].shape == value.shape, f"{what} {name}: {actual[name].shape}, expected {value.shape}"
        # The comparison is of values: -0 and 0 are the same answer.
        wrong = np.argwhere(actual[name] != value)
        assert len(wrong) == 0, (
            f"{what} {name}: {len(wrong)} elements differ, first at {wrong[0]}: "
            f"{actual[name][tuple(wrong[0])]!r}, expected {value[tuple(wrong[0])]!r}"
        )


# --- shared arithmetic of windowed nodes -----------------------------------------------------------------------------


def placement(length: int, extent: int, stride: int, padding: Padding, axis: str) -> tuple[int, int]:
    """Result length and first source index read, for a window of `extent` (dilated) pixels; kernel-base 6.2 and 6.3."""
    style = ((padding & 0x30) >> 4) - 1  # Valid -1, Same 0, Full 1
    result = int((length + style * (extent - 1) + stride - 1) / stride)
    if result < 1:
        raise CaseError("the window does not fit")
    extra = (result - 1) * stride + extent - length
    return result, -low_side(extra, padding, axis)


def low_side(extra: int, padding: Padding, axis: str) -> int:
    """How many of the `extra` pixels lie before the image; divisions truncate towards zero; kernel-base 6.3."""
    if padding & Padding.AlignTopLeft:
        return extra
    if padding & Padding.AlignBottomRight:
        return 0
    to_low_side = {0: "xy", 4: "y", 8: "x", 12: ""}[padding & 12]
    return int((extra + (axis in to_low_side)) / 2)


def read(x: Array, rows: Array, columns: Array) -> Array:
    """Pixels (rows x columns) of every image, 0 outside."""
    h, w = x.shape[1:3]
    inside = ((rows >= 0) & (rows < h))[:, None] & ((columns >= 0) & (columns < w))[None, :]
    return np.where(inside[None, ..., None], x[:, rows.clip(0, h - 1)][:, :, columns.clip(0, w - 1)], 0)


def add_at(x: Array, rows: Array, columns: Array, values: Array) -> None:
    """The transpose of `read`: add values to the pixels they were read from, drop those outside."""
    h, w = x.shape[1:3]
    keep_rows, keep_columns = (rows >= 0) & (rows < h), (columns >= 0) & (columns < w)
    kept = values[:, keep_rows][:, :, keep_columns]
    np.add.at(x, (slice(None), rows[keep_rows][:, None], columns[keep_columns][None, :]), kept)


# --- the engine ------------------------------------------------------------------------------------------------------


def engine() -> Any:
    import mpsnn

    return mpsnn


@functools.cache
def handle_class() -> type:
    class Handle(engine().MPSHandle):
        """Names an input of a graph, so that arguments need not be ordered by guess."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

        def label(self) -> str:
            return self.name

    return Handle


@functools.cache
def policy_class() -> type:
    mpsnn = engine()

    class Policy(mpsnn.MPSNNPadding):
        def __init__(self, edges: Edges) -> None:
            super().__init__()
            self.edges = edges

        def padding_method(self) -> Any:
            return mpsnn.MPSNNPaddingMethod.Custom | mpsnn.MPSNNPaddingMethod(int(self.edges.padding))

        def destination_image_descriptor_for_source_images(self, images, states, kernel, suggested_descriptor):
            kernel.edge_mode = mpsnn.MPSImageEdgeMode[self.edges.edge_mode]
            return suggested_descriptor

    return Policy


def image_node(name: str) -> Any:
    return engine().MPSNNImageNode(handle_class()(name))


def realize(value: Any, recorded: Values | None = None, made: dict[int, Any] | None = None) -> Any:
    """Engine objects for what a family wrote down. With `recorded`, data sources put their gradients there."""
    made = {} if made is None else made
    mpsnn = engine()

    def real(x: Any) -> Any:
        return realize(x, recorded, made)

    match value:
        case New():
            if id(value) not in made:
                args, kwargs = real(value.args), {k: real(x) for k, x in value.kwargs.items()}
                recorder = RECORDERS.get(value.name) if recorded is not None else None
                if recorder is not None:
                    thing = recorder(recorded, *args, **kwargs)
                else:
                    make = mpsnn
                    for part in value.name.split("."):
                        make = getattr(make, part)
                    thing = make(*args, **kwargs)
                for name, x in value.properties.items():
                    setattr(thing, name, real(x))
                for name, (call_args, call_kwargs) in value.calls.items():
                    getattr(thing, name)(*real(call_args), **{k: real(x) for k, x in call_kwargs.items()})
                made[id(value)] = thing
            return made[id(value)]
        case Get():
            return getattr(real(value.of), value.name)
        case Member():
            return getattr(getattr(mpsnn, value.enum), value.name)
        case Padding():
            return mpsnn.MPSNNDefaultPadding.padding_with_method(mpsnn.MPSNNPaddingMethod(int(value)))
        case Edges():
            return policy_class()(value)
        case list() | tuple():
            return type(value)(real(x) for x in value)
        case _:
            return value


def record_convolution(
    recorded: Values, descriptor: Any, *, weights: Array, label: str | None = None, **kwargs: Any
) -> Any:
    """A data source of the user's own that notes the weight and bias gradients and leaves the weights alone."""
    mpsnn = engine()
    data_type = {np.float32: mpsnn.MPSDataType.Float32, np.float16: mpsnn.MPSDataType.Float16}[weights.dtype.type]
    prefix = f"{label}." if label else ""

    class Recorder(mpsnn.MPSCNNConvolutionDataSource):
        def load(self):
            return True

        def purge(self):
            pass

        def descriptor(self):
            return descriptor

        def data_type(self):
            return data_type

        def weights(self):
            return weights

        def bias_terms(self):
            return kwargs.get("biases")

        def label(self):
            return label

        def kernel_weights_data_type(self):
            return kwargs["kernel_weights_data_type"]

        def update_with_gradient_state(self, gradient_state, source_state):
            recorded[prefix + "weights"] = np.array(gradient_state.gradient_for_weights.to_numpy()).reshape(
                weights.shape
            )
            recorded[prefix + "biases"] = np.array(gradient_state.gradient_for_biases.to_numpy()).ravel()
            return False

    return Recorder()


def record_batch_normalization(
    recorded: Values, number_of_feature_channels: int, *, label: str | None = None, **kwargs: Any
) -> Any:
    """The same for batch normalisation: gradients for gamma and beta."""
    mpsnn = engine()
    prefix = f"{label}." if label else ""

    class Recorder(mpsnn.MPSCNNBatchNormalizationDataSource):
        def load(self):
            return True

        def purge(self):
            pass

        def label(self):
            return label

        def number_of_feature_channels(self):
            return number_of_feature_channels

        def gamma(self):
            return kwargs.get("gamma")

        def beta(self):
            return kwargs.get("beta")

        def mean(self):
            return kwargs.get("mean")

        def variance(self):
            return kwargs.get("variance")

        def epsilon(self):
            return kwargs["epsilon"]

        def update_gamma_and_beta_with_batch_normalization_state(self, batch_normalization_state):
            recorded[prefix + "gamma"] = np.array(batch_normalization_state.gradient_for_gamma().to_numpy()).ravel()
            recorded[prefix + "beta"] = np.array(batch_normalization_state.gradient_for_beta().to_numpy()).ravel()
            return False

    return Recorder()


def record_image_normalization(
    protocol: str, recorded: Values, number_of_feature_channels: int, *, label: str | None = None, **kwargs: Any
) -> Any:
    """The same for instance and group normalisation: gradients for gamma and beta, summed over the images."""
    prefix = f"{label}." if label else ""

    def update(self, state_batch):
        assert len({id(state) for state in state_batch}) == len(state_batch), "one state for each image"
        for name in ("gamma", "beta"):
            gradients = [np.array(getattr(state, f"gradient_for_{name}").to_numpy()) for state in state_batch]
            recorded[prefix + name] = np.sum(gradients, axis=0, dtype=np.float64).astype(np.float32).ravel()
        return False

    members = {
        "number_of_feature_channels": number_of_feature_channels,
        "label": lambda self: label,
        "gamma": lambda self: kwargs.get("gamma"),
        "beta": lambda self: kwargs.get("beta"),
        "epsilon": lambda self: kwargs["epsilon"],
        f"update_gamma_and_beta_with_{protocol.lower()}_normalization_state_batch": update,
    }
    if "number_of_groups" in kwargs:
        members["number_of_groups"] = kwargs["number_of_groups"]
    return type("Recorder", (getattr(engine(), f"MPSCNN{protocol}NormalizationDataSource"),), members)()


RECORDERS: dict[str, Callable[..., Any]] = {
    "ConvolutionWeights": record_convolution,
    "BatchNormalizationWeights": record_batch_normalization,
    "InstanceNormalizationWeights": functools.partial(record_image_normalization, "Instance"),
    "GroupNormalizationWeights": functools.partial(record_image_normalization, "Group"),
}


@dataclass(frozen=True)
class Settings:
    """How a graph is run."""

    device: Any = None
    implementation: str | None = None
    disabled_passes: frozenset[str] = frozenset()
    half: bool = False  # float16 source images and the default result format, else float32 for both


class Inputs:
    """Source images between guards of NaN: a read past an image poisons the answer, a write is seen by `check`."""

    def __init__(self, arrays: Mapping[str, Array], half: bool) -> None:
        self._arrays = {}
        self.batches = {}
        for name, a in arrays.items():
            buffer = np.full(a.size + 2 * GUARD, np.nan, np.float16 if half else np.float32)
            image = buffer[GUARD:-GUARD].reshape(a.shape)
            image[...] = a
            self._arrays[name] = buffer, buffer.copy()
            self.batches[name] = engine().MPSImage(image).batch_representation()

    def check(self) -> None:
        for name, (now, before) in self._arrays.items():
            assert np.array_equal(now, before, equal_nan=True), f"the engine wrote into {name} or past its ends"


def to_array(batch: Any) -> Array:
    """N x H x W x C copy of a list of images."""
    return np.stack([np.array(image.to_numpy()) for image in batch])


def loss_images(labels: list[Any]) -> Array:
    """What a loss node wrote into the labels of a batch."""
    return to_array([state.loss_image() for state in labels])


def make_graph(results: Sequence[Any], settings: Settings) -> Any:
    mpsnn = engine()
    if len(results) == 1:
        graph = mpsnn.MPSNNGraph(results[0], device=settings.device)
    else:
        for image in results[1:]:  # the graph's own allocator makes only the first
            image.image_allocator = mpsnn.MPSImage.default_allocator()
        graph = mpsnn.MPSNNGraph.with_result_images(list(results), device=settings.device)
    if not settings.half:
        graph.format = mpsnn.MPSImageFeatureChannelFormat.Float32
    graph.disabled_passes = set(settings.disabled_passes)
    graph.implementation = settings.implementation
    return graph


def run_graph(graph: Any, inputs: Inputs, states: list[Any] | None = None) -> list[Array]:
    """One run: all result images of the graph, in the order they were asked for."""
    batches = [inputs.batches[handle.name] for handle in graph.source_image_handles]
    others: list[Any] = []
    with engine().CommandQueue(graph.device).command_buffer() as command_buffer:
        first = graph.encode_batch_to_command_buffer(
            command_buffer, batches, source_states=[states] if states else None, intermediate_images=others
        )
    inputs.check()
    return [to_array(batch) for batch in [first, *others]]


def build_node(case: Case, sources: list[Any], v: Values, recorded: Values | None = None) -> Any:
    """The case's node behind the given image nodes. With `recorded` it is made for training."""
    node = realize(case.node(sources, v), recorded)
    if recorded is not None and hasattr(node, "training_style"):
        node.training_style = engine().MPSNNTrainingStyle.UpdateDeviceCPU  # its callback sees finished buffers
    return node


def build(case: Case, v: Values, recorded: Values | None = None) -> Any:
    """The case's node behind graph inputs named source0, source1, ..."""
    return build_node(case, [image_node(f"source{i}") for i in range(len(case.sources))], v, recorded)


def prepare(case: Case, v: Values, settings: Settings, training: bool = False) -> Callable[[], Values]:
    """The graph of a case; each call runs it once and returns its outputs by name.

    Training: results are the forward result and the gradients, by gradient nodes made from the forward node.
    """
    recorded: Values | None = {} if training else None
    node = build(case, v, recorded)
    results, names = [node.result_image], ["result"]
    images = dict(zip((f"source{i}" for i in range(len(case.sources))), case.source_arrays(v), strict=True))
    if training:
        images["gradient"] = v["gradient"]
        names += [name for name in case.gradients(v, v["gradient"]) if name.startswith("source")]
        results += [n.result_image for n in node.gradient_filters_with_sources([image_node("gradient")])]
        assert len(results) == len(names), f"{len(results) - 1} gradient nodes for {names[1:]} of {case!r}"
    graph = make_graph(results, settings)

    def run() -> Values:
        states = [realize(label) for label in case.labels(v)]
        outputs = dict(zip(names, run_graph(graph, Inputs(images, settings.half), states), strict=True))
        if states:
            outputs["loss"] = loss_images(states)
        if recorded is not None:
            outputs |= recorded
            recorded.clear()
        return outputs

    return run


def expected_training(case: Case, v: Values) -> Values:
    """What a training run of `prepare` must deliver."""
    return {"result": case.forward(v, training=True)} | case.gradients(v, v["gradient"])


def implementations(case: Case, v: Values, device: Any, training: bool = False) -> list[str]:
    """Every implementation any step of the case's graph has on a device; none where there is no choice."""
    node = build(case, v)
    gradients = node.gradient_filters_with_sources([image_node("gradient")]) if training else []
    return names_of_implementations([node, *gradients], device)


def names_of_implementations(nodes: Sequence[Any], device: Any) -> list[str]:
    names = list(dict.fromkeys(name for node in nodes for name in engine().implementations(node, device)))
    return names if len(names) > 1 else []


def plan_passes() -> frozenset[str]:
    """The names of all optimisation passes; MEMORY_PASS is one of them."""
    names = frozenset(engine().plan_passes())
    assert MEMORY_PASS in names, f"no pass {MEMORY_PASS!r} in {sorted(names)}"
    return names


def device_name(device: Any) -> str:
    return str(getattr(device, "name", device))
