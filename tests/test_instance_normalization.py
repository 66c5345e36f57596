"""Data sources of instance and group normalisation: what they are asked for, updates in both styles, bad values, saved graphs."""

import pickle
from typing import Any

import mpsnn as mps
import numpy as np
import pytest
from support import (
    Run,
    Style,
    batch,
    graph_of,
    image,
    labels,
    loss_node,
    losses,
    node,
    ramp,
    result_of,
    training_graph,
)

GPU, CPU = Style.UpdateDeviceGPU, Style.UpdateDeviceCPU
X = np.array([[[1, 0], [3, 4]], [[1, 2], [5, 4]]], np.float32)[:, None]  # 2 images of 1 x 2 x 2


def refuses(match: str, error: Any = None) -> Any:
    return pytest.raises(error or mps.InvalidArgumentError, match=match)


class Arrays:
    """What both protocols require, for `channels`; calls are noted in `log`."""

    def __init__(self, channels: int, **arrays: Any) -> None:
        super().__init__()
        self.channels, self.arrays, self.log = channels, arrays, []

    @property
    def number_of_feature_channels(self):
        return self.channels

    def label(self):
        return "norm"

    def gamma(self):
        self.log.append("gamma")
        return self.arrays.get("gamma")

    def beta(self):
        self.log.append("beta")
        return self.arrays.get("beta")


class Instance(Arrays, mps.MPSCNNInstanceNormalizationDataSource):
    states = mps.MPSCNNInstanceNormalizationGradientState


class Group(Arrays, mps.MPSCNNGroupNormalizationDataSource):
    states = mps.MPSCNNGroupNormalizationGradientState

    def __init__(self, channels: int, groups: int = 1, **arrays: Any) -> None:
        super().__init__(channels, **arrays)
        self.number_of_groups = groups


NODES = {Instance: mps.MPSCNNInstanceNormalizationNode, Group: mps.MPSCNNGroupNormalizationNode}
both = pytest.mark.parametrize("protocol", [Instance, Group], ids=["instance", "group"])
WEIGHTS = {
    mps.MPSCNNInstanceNormalizationNode: lambda **more: mps.InstanceNormalizationWeights(2, **more),
    mps.MPSCNNGroupNormalizationNode: lambda **more: mps.GroupNormalizationWeights(2, number_of_groups=2, **more),
}
ready = pytest.mark.parametrize("cls", WEIGHTS, ids=["instance", "group"])


def filter_of(source: Any, label: str | None = None) -> Any:
    cls = next(cls for protocol, cls in NODES.items() if isinstance(source, protocol.__mro__[2]))
    made = cls(node("x"), data_source=source)
    made.label = label
    return made


def train(graph: Any, x: Any = X) -> Any:
    truth = labels(np.zeros(x.shape))
    Run(graph, [batch(x)], [truth])
    return losses(truth)


def buffer(*numbers: float) -> Any:
    return mps.Buffer(np.array(numbers, np.float32))


# --- what a source is asked for -------------------------------------------------------------------------------------


@both
def test_missing_arrays_change_nothing(protocol):
    source = protocol(2, epsilon=1e-3)
    source.number_of_groups = 2
    assert result_of(graph_of(filter_of(source)), X[0]).ravel() == pytest.approx([-1, -1, 1, 1])
    assert source.log == ["gamma", "beta"]
    source.arrays = {"gamma": [2, 3], "beta": [0, 10]}
    assert result_of(graph_of(filter_of(source)), X[0]).ravel() == pytest.approx([-2, 7, 2, 13])


def test_load_and_purge_of_instance_normalisation_are_called_in_balance():
    class Loads(Instance):
        def load(self):
            self.log.append("load")
            return True

        def purge(self):
            self.log.append("purge")

    source = Loads(2)
    graph_of(filter_of(source))
    assert source.log == ["load", "gamma", "beta", "purge"]

    class Fails(Instance):
        def load(self):
            return False

    with refuses('"norm".*load returned false'):
        graph_of(filter_of(Fails(2)))


@both
def test_constant_images_with_the_default_epsilon_give_beta(protocol):
    source = protocol(3, gamma=[1, -2, 3], beta=[4, 5, 6])
    source.number_of_groups = 3
    f = filter_of(source)
    x = np.broadcast_to(np.float32([0.1, 1e6 + 0.25, -7.3]), (9, 11, 3))
    assert np.array_equal(result_of(graph_of(f), x), np.broadcast_to(np.float32([4, 5, 6]), x.shape))
    gradient = f.gradient_filter_with_source(node("g"))
    graph = graph_of(gradient)
    arrays = {"x": x, "g": np.full(x.shape, 0.3, np.float32)}
    assert np.all(np.isfinite(result_of(graph, *[arrays[h] for h in graph.source_image_handles])))


def test_levels_far_apart():
    """Squares of what lies between them are no float, and no sum of a thread's may be infinite for that."""
    x = np.zeros((200, 100, 2), np.float32)
    x[100:] = 5e18
    y = result_of(graph_of(mps.MPSCNNInstanceNormalizationNode(node(), data_source=Instance(2))), x)
    np.testing.assert_allclose(y, np.where(x > 0, 1, -1), rtol=1e-5)


def test_a_constant_image_with_one_group_gives_beta():
    f = filter_of(Group(6, 1, beta=np.arange(6)))
    x = np.full((7, 5, 6), 0.1, np.float32)
    assert np.array_equal(result_of(graph_of(f), x), np.broadcast_to(np.arange(6, dtype=np.float32), x.shape))


def test_gradients_of_each_image_add_up_to_zero():
    rng = np.random.default_rng(1)
    x, g = rng.standard_normal((2, 3, 6, 5, 4)).astype(np.float32)
    gradient = filter_of(Instance(4, gamma=[1, 2, 3, 4])).gradient_filter_with_source(node("g"))
    graph = graph_of(gradient)
    d = result_of(graph, *[{"x": x, "g": g}[h] for h in graph.source_image_handles])
    assert np.abs(d.sum((1, 2))).max() < 1e-5


# --- updates --------------------------------------------------------------------------------------------------------


def updating(protocol: Any, style: Any) -> Any:
    """A class with the update method of one style, which notes what it sees and returns `answer`."""
    kind = protocol.__name__.lower()

    def note(self, states):
        assert [type(state) for state in states] == [protocol.states] * len(states)
        self.given = states
        if style == CPU:
            self.seen = [
                {
                    n: getattr(s, n).to_numpy().tolist()
                    for n in ("gamma", "beta", "gradient_for_gamma", "gradient_for_beta")
                }
                for s in states
            ]
        return self.answer

    if style == CPU:
        members = {f"update_gamma_and_beta_with_{kind}_normalization_state_batch": note}
    else:
        members = {"update_gamma_and_beta_with_command_buffer": lambda self, command_buffer, states: note(self, states)}
    return type("Updating", (protocol,), members | {"answer": None})


@both
def test_cpu_updates_see_the_gradients_of_every_image(protocol):
    source = updating(protocol, CPU)(2, gamma=[2, 1], beta=[5, 0])
    source.number_of_groups = 2
    graph = training_graph(loss_node(filter_of(source).result_image), CPU)
    assert train(graph).tolist() == [9 + 49 + 1 + 1] * 2
    # x normalised: -1, 1; results 3 and 7, -1 and 1; gradients twice as much
    assert len(source.seen) == 2
    for seen in source.seen:
        assert seen == {
            "gamma": [2, 1], "beta": [5, 0], "gradient_for_gamma": [8, 4], "gradient_for_beta": [20, 0],
        }  # fmt: skip
    source.arrays, source.answer = {"gamma": [0, 0], "beta": [0, 0]}, True
    train(graph)
    assert train(graph).tolist() == [0, 0]


@both
def test_gpu_answers(protocol):
    source = updating(protocol, GPU)(2)
    source.number_of_groups = 2
    graph = training_graph(loss_node(filter_of(source).result_image), GPU)
    assert train(graph).tolist() == [4, 4]
    assert len({id(state) for state in source.given}) == 2
    source.answer = mps.MPSCNNNormalizationGammaAndBetaState(buffer(0, 0), beta=buffer(1, 2))
    train(graph)
    assert train(graph).tolist() == [10, 10]
    source.answer = mps.MPSCNNNormalizationGammaAndBetaState(buffer(0), beta=buffer(1))
    with refuses("buffers of 4 bytes, 2 feature channels take 8"):
        train(graph)
    source.answer = 3
    with refuses("must return MPSCNNNormalizationGammaAndBetaState or None, got 3"):
        train(graph)


@both
@pytest.mark.parametrize("style", [GPU, CPU, Style.UpdateDeviceNone])
def test_a_method_of_the_other_style_is_not_called(protocol, style):
    source = updating(protocol, GPU if style == CPU else CPU)(2)
    source.number_of_groups = 2
    f = filter_of(source)
    f.training_style = style
    gradient = f.gradient_filter_with_source(node("g"))
    assert gradient.training_style == style
    graph = graph_of(gradient)
    result_of(graph, *[X[0] for _ in graph.source_image_handles])
    assert not hasattr(source, "given")


@both
def test_exported_states_are_temporary_on_demand(protocol):
    source = updating(protocol, GPU)(2)
    source.number_of_groups = 2
    f = filter_of(source)
    f.result_state.export_from_graph = True
    gradient = f.gradient_filter_with_source(node("g"))
    graph = graph_of(gradient)
    graph.output_state_is_temporary = True
    states: list[Any] = []
    with mps.CommandQueue().command_buffer() as command_buffer:
        graph.encode_batch_to_command_buffer(command_buffer, [batch(X), batch(X)], destination_states=states)
    assert [state.read_count for state in states[0]] == [2, 2]  # the update method did not lower it


@ready
@pytest.mark.parametrize("style", [GPU, CPU])
@pytest.mark.parametrize("images", [1, 2])
def test_ready_weights_train_with_the_sum_of_the_gradients(cls, style, images):
    sgd = mps.MPSNNOptimizerStochasticGradientDescent.with_learning_rate(0.125)
    weights = WEIGHTS[cls](gamma=[2, 1], beta=[5, 0], epsilon=0, optimizer=sgd)
    graph = training_graph(loss_node(cls(node("x"), data_source=weights).result_image), style)
    train(graph, X[:images])
    gamma, beta = np.array(weights.gamma()), np.array(weights.beta())
    assert gamma.tolist() == [2 - images, 1 - images * 0.5]
    assert beta.tolist() == [5 - images * 2.5, 0]
    (x0, x1), (b0, b1) = gamma, beta
    expected = (b0 - x0) ** 2 + (b0 + x0) ** 2 + (b1 - x1) ** 2 + (b1 + x1) ** 2
    assert train(graph, X[:1]).tolist() == [expected]


@ready
def test_ready_weights_feed_optimizers_state_by_state(cls):
    """A source of the user's own: a step of Adam for each image, all with one time step."""
    protocol = next(p for p, c in NODES.items() if c is cls)
    adam = mps.MPSNNOptimizerAdam.with_learning_rate(0.5)
    vectors = [mps.MPSVector(np.zeros(2, np.float32)) for _ in range(6)]

    class Adam(protocol):
        def update_gamma_and_beta_with_command_buffer(self, command_buffer, states):
            step = adam.time_step
            for state in states:
                adam.time_step = step
                pairs = (state.gradient_for_gamma, vectors[:3]), (state.gradient_for_beta, vectors[3:])
                for gradient, (values, momentum, velocity) in pairs:
                    adam.time_step = step
                    adam.encode_to_command_buffer(
                        command_buffer,
                        input_gradient_vector=mps.MPSVector(
                            gradient, descriptor=mps.MPSVectorDescriptor(2, data_type=mps.MPSDataType.Float32)
                        ),
                        input_values_vector=values,
                        input_momentum_vector=momentum,
                        input_velocity_vector=velocity,
                        result_values_vector=values,
                    )
            return mps.MPSCNNNormalizationGammaAndBetaState(vectors[0].data, beta=vectors[3].data)

    source = Adam(2, gamma=[1, 1], beta=[1, 0])
    source.number_of_groups = 2
    graph = training_graph(loss_node(filter_of(source).result_image), GPU)
    first = train(graph)
    train(graph)
    assert adam.time_step == 2
    assert not np.array_equal(first, train(graph))


# --- saved graphs ---------------------------------------------------------------------------------------------------


@ready
@pytest.mark.parametrize("style", [GPU, CPU])
def test_training_goes_on_after_saving(cls, style):
    def network() -> Any:
        adam = mps.MPSNNOptimizerAdam.with_learning_rate(0.25)
        weights = WEIGHTS[cls](gamma=[2, 1], beta=[5, 0], optimizer=adam, label="weights")
        return training_graph(loss_node(cls(node("x"), data_source=weights).result_image), style)

    graph, copied = network(), network()
    expected = [train(graph).tolist() for _ in range(6)]
    found = [train(copied).tolist() for _ in range(3)]
    copied = pickle.loads(pickle.dumps(copied))
    (source,) = copied.data_sources
    assert type(source) is type(WEIGHTS[cls]())
    assert source.label() == "weights"
    assert found + [train(copied).tolist() for _ in range(3)] == expected


@both
@pytest.mark.parametrize("style", [GPU, CPU])
def test_sources_of_the_users_own_are_saved_frozen(protocol, style):
    source = updating(protocol, style)(2, gamma=[2, 1], beta=[5, 0])
    source.number_of_groups = 2
    graph = training_graph(loss_node(filter_of(source).result_image), style)
    loaded = pickle.loads(pickle.dumps(graph))
    assert loaded.debug_description == graph.debug_description
    first = train(loaded)
    assert first.tolist() == train(loaded).tolist() == train(graph).tolist()


@both
def test_the_last_of_updates_and_reloads_is_saved(protocol):
    """The kernel of a state has the parameters of the graph that left it."""
    source = updating(protocol, GPU)(2)
    source.number_of_groups = 2
    source.answer = mps.MPSCNNNormalizationGammaAndBetaState(buffer(3, 3), beta=buffer(0, 0))
    made = filter_of(source)
    made.result_state.export_from_graph = True
    graph = training_graph(loss_node(made.result_image), GPU)
    state = Run(graph, [batch(X)], [labels(np.zeros(X.shape))]).states[0][0]
    kernel = getattr(state, f"{protocol.__name__.lower()}_normalization")
    values = mps.MPSCNNNormalizationGammaAndBetaState(buffer(0, 0), beta=buffer(1, 2))
    with mps.CommandQueue().command_buffer() as command_buffer:
        kernel.reload_gamma_and_beta_with_command_buffer(command_buffer, values)
    assert train(pickle.loads(pickle.dumps(graph))).tolist() == [10, 10]
    assert train(graph).tolist() == [10, 10]
    assert train(pickle.loads(pickle.dumps(graph))).tolist() == [36, 36]
    source.arrays = {"gamma": [0, 0], "beta": [2, 2]}
    source.log.clear()
    kernel.reload_gamma_and_beta_from_data_source()
    assert source.log == ["gamma", "beta"]
    assert train(graph).tolist() == [16, 16]


@ready
def test_copies_of_ready_weights_are_independent(cls):
    weights = WEIGHTS[cls](gamma=[2, 1])
    copied = weights.copy_with_zone()
    copied.gamma()[0] = 7
    assert weights.gamma().tolist() == [2, 1]
    assert copied.gamma().tolist() == [7, 1]
    if cls is mps.MPSCNNGroupNormalizationNode:
        assert copied.number_of_groups == 2


# --- what is refused ------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("name", ["gamma", "beta"])
def test_arrays_of_the_wrong_size(protocol, name):
    with refuses(f'NormalizationNode "n".*{name} has 3 values, number_of_feature_channels is 2'):
        graph_of(filter_of(protocol(2, **{name: [1, 2, 3]}), "n"))


@both
def test_bad_values_of_a_source(protocol):
    with refuses("number_of_feature_channels must be positive, got 0"):
        graph_of(filter_of(protocol(0)))
    source = protocol(2)
    source.epsilon = lambda: -1.0
    type_ = type("Negative", (protocol,), {"epsilon": lambda self: -1.0})
    with refuses("epsilon must not be negative"):
        graph_of(filter_of(type_(2)))
    with refuses("Raises.gamma must return an array"):
        graph_of(filter_of(type("Raises", (protocol,), {"gamma": lambda self: "text"})(2)))
    with pytest.raises(KeyError, match="own"):
        graph_of(filter_of(type("Raises", (protocol,), {"gamma": lambda self: {}["own"]})(2)))
    with pytest.raises(KeyError, match="own"):
        name = "number_of_feature_channels"
        graph_of(filter_of(type("Raises", (protocol,), {name: property(lambda self: {}["own"])})(2)))
    with refuses("number_of_feature_channels must be a property"):
        graph_of(filter_of(type("Method", (protocol,), {"number_of_feature_channels": lambda self: 2})(2)))


@pytest.mark.parametrize("base", [mps.MPSCNNInstanceNormalizationDataSource, mps.MPSCNNGroupNormalizationDataSource])
def test_required_members(base):
    Empty = type("Empty", (base,), {})
    with refuses("Empty.number_of_feature_channels is missing"):
        graph_of(filter_of(Empty()))
    source = type("Empty", (base,), {"number_of_feature_channels": 2})()
    source.number_of_groups = 1
    with refuses("Empty.gamma is missing"):
        graph_of(filter_of(source))


@pytest.mark.parametrize(
    ("groups", "message"),
    [(0, "number_of_groups must be positive, got 0"), (4, "multiple of number_of_groups, got 6 and 4"), (7, "6 and 7")],
)
def test_groups_that_do_not_divide_the_channels(groups, message):
    with refuses(f'MPSCNNGroupNormalizationNode "norm".*{message}'):
        graph_of(filter_of(Group(6, groups)))
    with refuses(f"GroupNormalizationWeights: number_of_groups must divide .*got {groups}"):
        mps.GroupNormalizationWeights(6, number_of_groups=groups)


def test_the_number_of_groups_stays():
    source = Group(6, 2)
    graph = graph_of(filter_of(source))
    source.number_of_groups = 3
    with refuses("number_of_groups was 2 and is now 3"):
        graph.reload_from_data_sources()
    source.number_of_groups = 2
    graph.reload_from_data_sources()


def test_ready_weights_refuse():
    for make in (
        mps.InstanceNormalizationWeights,
        lambda n, **m: mps.GroupNormalizationWeights(n, number_of_groups=1, **m),
    ):
        with refuses("number_of_feature_channels must be positive"):
            make(0)
        with refuses("gamma"):
            make(2, gamma=[1, 2, 3])
        with refuses("epsilon must not be negative"):
            make(2, epsilon=-1)


@both
def test_other_channels_than_the_source(protocol):
    graph = graph_of(filter_of(protocol(2) if protocol is Instance else protocol(2, 1), "n"))
    with refuses('"n": the source has 3 feature channels, the data source 2', mps.ShapeError):
        Run(graph, [image(ramp(2, 2, 3))])


@both
def test_gradient_filters_refuse_other_states(protocol):
    gradient = type(filter_of(protocol(2)).gradient_filter_with_source(node()))
    other = filter_of(Group(2) if protocol is Instance else Instance(2)).result_state
    with refuses("gradient_state must be the result state of an MPSCNN"):
        gradient(node(), node(), gradient_state=other)
    made = gradient(node(), node(), gradient_state=filter_of(protocol(2)).result_state)
    assert made.training_style == GPU
    with pytest.raises(TypeError):
        gradient(node(), node(), gradient_state=None)
