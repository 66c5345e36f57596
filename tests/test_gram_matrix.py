"""The callback of a Gram matrix: asked in every encode, for its gradient too."""

import copy
import gc
import pickle
import weakref

import mpsnn as mps
import numpy as np
import pytest
from support import Float32, batch, graph_of, node, ramp, result_of, run, values

X = ramp(2, 3, 4)
GRAM = np.einsum("yxi,yxj->ij", X, X)[None]


class Factors(mps.MPSNNGramMatrixCallback):
    """Gives one number after the other and notes what it is asked with."""

    def __init__(self, *factors):
        super().__init__()
        self.factors = list(factors)
        self.asked = []

    def alpha_for_source_image(self, source_image, destination_image):
        self.asked.append((source_image, destination_image))
        factor = self.factors.pop(0)
        if isinstance(factor, Exception):
            raise factor
        return factor


def gram_matrix(callback, source=None, **more):
    made = mps.MPSNNGramMatrixCalculationNode(source or node(), **more)
    made.label = "g"
    made.property_call_back = callback
    return made


def size(image):
    return image.height, image.width, image.feature_channels, image.number_of_images


def test_each_encode_asks():
    callback = Factors(2, np.float32(0.5), -1.0)
    graph = graph_of(gram_matrix(callback, alpha=100))
    for factor in (2, 0.5, -1):
        assert np.array_equal(result_of(graph, X), factor * GRAM)
    assert len(callback.asked) == 3
    source, destination = callback.asked[0]
    assert size(source) == (2, 3, 4, 1)
    assert size(destination) == (1, 4, 4, 1)
    assert source.feature_channel_format == destination.feature_channel_format == Float32


def test_a_batch_asks_once():
    callback = Factors(3)
    result = result_of(graph_of(gram_matrix(callback)), np.stack([X, 2 * X]))
    assert np.array_equal(result, [3 * GRAM, 12 * GRAM])
    assert [size(image) for image in callback.asked[0]] == [(2, 3, 4, 1), (1, 4, 4, 1)]


def test_encodes_on_their_way_keep_their_numbers():
    graph = graph_of(gram_matrix(Factors(*range(1, 6))))
    graph.destination_image_allocator = mps.MPSImage.default_allocator()
    queue = mps.CommandQueue()
    buffers = [queue.command_buffer() for _ in range(5)]
    results = [graph.encode_batch_to_command_buffer(b, [batch(X[None])]) for b in buffers]
    for command_buffer in reversed(buffers):
        command_buffer.commit()
    for command_buffer in buffers:
        command_buffer.wait_until_completed()
    for factor, result in enumerate(results, start=1):
        assert np.array_equal(values(result)[0], factor * GRAM)


@pytest.mark.parametrize("implementation", [None, "loops"])
def test_the_gradient_has_the_answer(implementation):
    callback = Factors(2, 3)
    source, gradient = node("x"), node("g")
    forward = gram_matrix(callback, source, alpha=100)
    made = forward.gradient_filter_with_source(gradient)
    direct = mps.MPSNNGramMatrixCalculationGradientNode(gradient, source, gradient_state=forward.result_state, alpha=7)
    assert (made.alpha, direct.alpha) == (100, 7)
    g = ramp(1, 4, 4)
    expected = np.einsum("yxj,ij->yxi", X, g[0] + g[0].T)
    for filter_node, factor in ((made, 2), (direct, 3)):
        graph = graph_of(filter_node)
        graph.implementation = implementation
        given = {"x": X, "g": g}
        result = result_of(graph, *(given[handle] for handle in graph.source_image_handles))
        assert np.array_equal(result, factor * expected)
    assert len(callback.asked) == 2


def test_forward_and_gradient_ask_once():
    callback = Factors(2)
    source, gradient = node("x"), node("g")
    forward = gram_matrix(callback, source)
    graph = graph_of(forward, forward.gradient_filter_with_source(gradient))
    given = {"x": X, "g": ramp(1, 4, 4)}
    assert np.array_equal(values(run(graph, *(given[h] for h in graph.source_image_handles)).result), 2 * GRAM)
    assert len(callback.asked) == 1


def test_a_callback_that_raises():
    callback = Factors(RuntimeError("no number today"), 2)
    graph = graph_of(gram_matrix(callback))
    with mps.CommandQueue().command_buffer() as command_buffer:
        with pytest.raises(RuntimeError, match="no number today"):
            graph.encode_batch_to_command_buffer(command_buffer, [batch(X[None])])
        result = graph.encode_batch_to_command_buffer(command_buffer, [batch(X[None])])
    assert np.array_equal(values(result)[0], 2 * GRAM)


@pytest.mark.parametrize("answer", [None, "two", [2]])
def test_an_answer_that_is_no_number(answer):
    graph = graph_of(gram_matrix(Factors(answer)))
    with pytest.raises(mps.InvalidArgumentError, match=r"Factors\.alpha_for_source_image must return a number, got "):
        result_of(graph, X)


def test_a_callback_without_its_method():
    class Nothing(mps.MPSNNGramMatrixCallback):
        pass

    graph = graph_of(gram_matrix(Nothing()))
    with pytest.raises(mps.InvalidArgumentError, match=r"Nothing\.alpha_for_source_image is missing"):
        result_of(graph, X)


def test_the_property():
    made = gram_matrix(None, alpha=2)
    assert made.property_call_back is None
    callback = Factors(3)
    made.property_call_back = callback
    assert made.property_call_back is callback
    graph = graph_of(made)
    made.property_call_back = None  # after the graph was made
    assert np.array_equal(result_of(graph, X), 3 * GRAM)
    assert np.array_equal(result_of(graph_of(made), X), 2 * GRAM)
    with pytest.raises(TypeError):
        made.property_call_back = 3


def test_a_graph_keeps_its_callback():
    graph = graph_of(gram_matrix(Factors(2, 3)))
    gc.collect()
    assert np.array_equal(result_of(graph, X), 2 * GRAM)
    callback = Factors(1)
    there = weakref.ref(callback)
    other = graph_of(gram_matrix(callback))
    del callback
    gc.collect()
    assert there() is not None
    del other
    gc.collect()
    assert there() is None


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy])
def test_copies_share_the_callback(way):
    callback = Factors(2, 3)
    graph = graph_of(gram_matrix(callback))
    other = way(graph)
    assert np.array_equal(result_of(other, X), 2 * GRAM)
    assert np.array_equal(result_of(graph, X), 3 * GRAM)


def test_a_callback_cannot_be_saved():
    graph = graph_of(gram_matrix(Factors()))
    with pytest.raises(mps.InvalidArgumentError, match='MPSNNGramMatrixCalculationNode "g": its property_call_back'):
        pickle.dumps(graph)
