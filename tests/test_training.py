"""Fifty steps of training against PyTorch: the same losses from the same weights, within float32 rounding.

PyTorch in float64 is the truth and PyTorch in float32 the yardstick: rounding errors grow from step to step, so what float32 may
differ by is measured, not guessed. Batches that bring the network near a kink are drawn anew, since chance decides on which side of
it float32 falls, and from there on the losses are others.
"""

import mpsnn as mps
import numpy as np
import pytest
from families.dropout import mask

torch = pytest.importorskip("torch", reason="PyTorch is the second witness; it is in no extra")
functional = torch.nn.functional

STEPS, BATCH = 50, 8
RATE = 2e-4  # low: a loss that jumps about magnifies rounding errors
EPSILON = 1e-4  # Adam's, not as small as usual: gradients that are nothing but rounding errors are to make small steps
KINK_DISTANCE = 1e-5  # of numbers around 1; float32 misses them by a tenth of it


def relu(kinks, x):
    kinks.append(x.detach().abs().min().item())
    return functional.relu(x)


def relu_and_pool(kinks, x):
    """Maximum over windows of 2 x 2. Only the largest number of a window counts, and only if it is positive which one that is."""
    windows = x.detach().unfold(2, 2, 2).unfold(3, 2, 2).flatten(4)
    first, second = windows.topk(2).values.unbind(-1)
    kinks += [first.abs().min().item(), (first - second)[first > 0].min().item()]
    return functional.max_pool2d(functional.relu(x), 2)


def he(rng, *shape):
    return (rng.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)


def sgd():
    descriptor = mps.MPSNNOptimizerDescriptor(
        RATE, gradient_rescale=1, regularization_type=mps.MPSNNRegularizationType.L2, regularization_scale=1e-4
    )
    return mps.MPSNNOptimizerStochasticGradientDescent(
        0.9, use_nesterov_momentum=False, optimizer_descriptor=descriptor
    )


def torch_sgd(parameters):
    # Ours has the learning rate inside the momentum, PyTorch's outside: the same steps while the rate is constant.
    return torch.optim.SGD(parameters, lr=RATE, momentum=0.9, weight_decay=1e-4)


def adam():
    return mps.MPSNNOptimizerAdam(
        0.9,
        beta2=0.999,
        epsilon=EPSILON,
        time_step=0,
        optimizer_descriptor=mps.MPSNNOptimizerDescriptor(
            RATE, gradient_rescale=1, regularization_type=mps.MPSNNRegularizationType.None_, regularization_scale=1
        ),
    )


class torch_adam(torch.optim.Optimizer):
    """The framework's rule: epsilon is added to the root of the uncorrected velocity, which PyTorch's own Adam corrects before."""

    def __init__(self, parameters):
        super().__init__(parameters, {})
        self.steps = 0

    @torch.no_grad()
    def step(self):
        self.steps += 1
        rate = RATE * (1 - 0.999**self.steps) ** 0.5 / (1 - 0.9**self.steps)
        for p in self.param_groups[0]["params"]:
            state = self.state[p]
            m, v = (state.setdefault(k, torch.zeros_like(p)) for k in ("momentum", "velocity"))
            m.mul_(0.9).add_(p.grad, alpha=0.1)
            v.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
            p.addcdiv_(m, v.sqrt().add_(EPSILON), value=-rate)


def convolution_weights(weights, biases, optimizer, stride=1):
    o, h, w, i = weights.shape
    descriptor = mps.MPSCNNConvolutionDescriptor(
        kernel_width=w, kernel_height=h, input_feature_channels=i, output_feature_channels=o
    )
    descriptor.stride_in_pixels_x = descriptor.stride_in_pixels_y = stride
    return mps.ConvolutionWeights(descriptor, weights.copy(), biases.copy(), optimizer=optimizer())


class Digits:
    """The network of Apple's sample, and of mpsnn.examples.mnist."""

    image, classes = (28, 28, 1), 10

    def __init__(self):
        rng = np.random.default_rng(3)
        shapes = [(32, 5, 5, 1), (64, 5, 5, 32), (1024, 7, 7, 64), (10, 1, 1, 1024)]
        self.values = [he(rng, *shape) for shape in shapes]
        self.biases = [0.1 * rng.standard_normal(len(v)).astype(np.float32) for v in self.values]

    def ours(self, x, optimizer):
        w = [convolution_weights(v, b, optimizer) for v, b in zip(self.values, self.biases, strict=True)]
        for k in range(2):
            x = mps.MPSCNNConvolutionNode(x, weights=w[k]).result_image
            x = mps.MPSCNNNeuronReLUNode(x, a=0).result_image
            x = mps.MPSCNNPoolingMaxNode.with_filter_size(x, 2, 2).result_image
        x = mps.MPSCNNFullyConnectedNode(x, weights=w[2]).result_image
        x = mps.MPSCNNNeuronReLUNode(x, a=0).result_image
        x = mps.MPSCNNDropoutNode(x, keep_probability=0.5, seed=17).result_image
        return mps.MPSCNNFullyConnectedNode(x, weights=w[3]).result_image

    def parameters(self, dtype):
        return [torch.tensor(a, dtype=dtype, requires_grad=True) for a in self.values + self.biases]

    def theirs(self, p, x, step, kinks):
        w = [v.permute(0, 3, 1, 2) for v in p[:4]]
        for k in range(2):
            x = relu_and_pool(kinks, functional.conv2d(x, w[k], p[4 + k], padding=2))
        x = relu(kinks, functional.conv2d(x, w[2], p[6]))
        kept = mask((len(x), 1, 1, 1024), 0.5, 17, step)
        x = x * torch.tensor(kept.transpose(0, 3, 1, 2), dtype=x.dtype) / 0.5
        return functional.conv2d(x, w[3], p[7]).flatten(1)


class Residual:
    """A small residual network: convolution 3 x 3 and batch normalisation, one block that keeps the size and one that halves it."""

    image, classes = (12, 10, 3), 5
    layers = {  # name: (kernel, inputs, outputs, stride)
        "stem": (3, 3, 8, 1), "a1": (3, 8, 8, 1), "a2": (3, 8, 8, 1),
        "b1": (3, 8, 16, 2), "b2": (3, 16, 16, 1), "shortcut": (1, 8, 16, 2),
    }  # fmt: skip

    def __init__(self):
        rng = np.random.default_rng(4)
        self.values = {n: he(rng, o, k, k, i) for n, (k, i, o, _) in self.layers.items()}
        self.biases = {n: np.zeros(len(v), np.float32) for n, v in self.values.items()}
        self.gamma = {n: rng.uniform(0.5, 1.5, len(v)).astype(np.float32) for n, v in self.values.items()}
        self.beta = {n: rng.uniform(-0.2, 0.2, len(v)).astype(np.float32) for n, v in self.values.items()}
        self.head = he(rng, self.classes, 6, 5, 16)
        self.head_biases = np.zeros(self.classes, np.float32)

    def ours(self, x, optimizer):
        def normalised(name, x):
            k, _, o, stride = self.layers[name]
            weights = convolution_weights(self.values[name], self.biases[name], optimizer, stride)
            x = mps.MPSCNNConvolutionNode(x, weights=weights).result_image
            source = mps.BatchNormalizationWeights(
                o, gamma=self.gamma[name].copy(), beta=self.beta[name].copy(), epsilon=1e-5, optimizer=optimizer()
            )
            return mps.MPSCNNBatchNormalizationNode(x, data_source=source).result_image

        def relu(x):
            return mps.MPSCNNNeuronReLUNode(x, a=0).result_image

        x = relu(normalised("stem", x))
        x = relu(mps.MPSNNAdditionNode(normalised("a2", relu(normalised("a1", x))), x).result_image)
        branch = normalised("b2", relu(normalised("b1", x)))
        x = relu(mps.MPSNNAdditionNode(branch, normalised("shortcut", x)).result_image)
        head = convolution_weights(self.head, self.head_biases, optimizer)
        return mps.MPSCNNFullyConnectedNode(x, weights=head).result_image

    def parameters(self, dtype):
        arrays = [a[n] for n in self.layers for a in (self.values, self.biases, self.gamma, self.beta)]
        return [torch.tensor(a, dtype=dtype, requires_grad=True) for a in [*arrays, self.head, self.head_biases]]

    def theirs(self, p, x, step, kinks):
        named = {n: p[4 * i : 4 * i + 4] for i, n in enumerate(self.layers)}

        def normalised(name, x):
            k, _, _, stride = self.layers[name]
            w, b, gamma, beta = named[name]
            if stride == 2 and k == 3:  # "same" on an even size puts the one pixel of padding at the top and left
                x = functional.pad(x, (1, 0, 1, 0))
            x = functional.conv2d(
                x, w.permute(0, 3, 1, 2), b, stride=stride, padding=1 if k == 3 and stride == 1 else 0
            )
            return functional.batch_norm(x, None, None, gamma, beta, training=True, eps=1e-5)

        x = relu(kinks, normalised("stem", x))
        x = relu(kinks, normalised("a2", relu(kinks, normalised("a1", x))) + x)
        x = relu(kinks, normalised("b2", relu(kinks, normalised("b1", x))) + normalised("shortcut", x))
        return functional.conv2d(x, p[-2].permute(0, 3, 1, 2), p[-1]).flatten(1)


def draw(network, rng):
    """A batch: images and labels."""
    labels = rng.integers(0, network.classes, BATCH)
    images = rng.standard_normal((BATCH, *network.image)) + labels[:, None, None, None] * 0.1  # something to learn
    return images.astype(np.float32), labels


def our_losses(network, optimizer, batches, style, device):
    descriptor = mps.MPSCNNLossDescriptor(
        mps.MPSCNNLossType.SoftMaxCrossEntropy, reduction_type=mps.MPSCNNReductionType.Sum
    )
    descriptor.weight = 1 / BATCH
    scores = network.ours(mps.MPSNNImageNode(), optimizer)
    loss = mps.MPSCNNLossNode(scores, loss_descriptor=descriptor)

    def set_style(gradient, inference, inference_source, gradient_source):
        if isinstance(gradient, mps.MPSNNTrainableNode):
            gradient.training_style = style

    (last,) = loss.training_graph_with_source_gradient(None, set_style)
    graph = mps.MPSNNGraph(last.result_image, result_image_is_needed=False, device=device)
    queue = mps.CommandQueue(device)
    losses = []
    for images, labels in batches:
        truth = mps.MPSCNNLossLabels.batch(np.eye(network.classes, dtype=np.float32)[labels][:, None, None])
        with queue.command_buffer() as command_buffer:
            graph.encode_batch_to_command_buffer(command_buffer, [mps.MPSImage(images).batch_representation()], [truth])
        losses.append(sum(float(label.loss_image().to_numpy().item()) for label in truth))
    return np.array(losses)


class Trainer:
    """PyTorch's training of a network."""

    def __init__(self, network, optimizer, dtype):
        self.network, self.dtype = network, dtype
        self.parameters = network.parameters(dtype)
        self.optimizer = optimizer(self.parameters)
        self.steps = 0

    def loss(self, images, labels):
        """Also how far from a kink the network is."""
        kinks = []
        x = torch.tensor(images, dtype=self.dtype).permute(0, 3, 1, 2)
        scores = self.network.theirs(self.parameters, x, self.steps, kinks)
        return functional.cross_entropy(scores, torch.tensor(labels)), min(kinks)

    def step(self, loss):
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.steps += 1
        return loss.item()


def exact_losses(network, optimizer):
    """In float64, and the batches they are of."""
    trainer, rng = Trainer(network, optimizer, torch.float64), np.random.default_rng(5)
    batches, losses = [], []
    while len(batches) < STEPS:
        batch = draw(network, rng)
        loss, distance = trainer.loss(*batch)
        if distance > KINK_DISTANCE:
            batches.append(batch)
            losses.append(trainer.step(loss))
    return batches, np.array(losses)


def their_losses(network, optimizer, batches):
    trainer = Trainer(network, optimizer, torch.float32)
    return np.array([trainer.step(trainer.loss(*batch)[0]) for batch in batches])


@pytest.mark.parametrize("style", ["UpdateDeviceGPU", "UpdateDeviceCPU"])
@pytest.mark.parametrize("optimizer", [(sgd, torch_sgd), (adam, torch_adam)], ids=["sgd", "adam"])
@pytest.mark.parametrize("network", [Digits, Residual])
def test_losses_are_pytorchs(network, optimizer, style, device):
    network = network()
    ours, theirs = optimizer
    batches, exact = exact_losses(network, theirs)
    rounding = np.abs(their_losses(network, theirs, batches) - exact)
    losses = our_losses(network, ours, batches, mps.MPSNNTrainingStyle[style], device)
    assert losses[-5:].mean() < losses[:5].mean(), "nothing was learned"
    # Errors only add up on the way, and one run's may be small by luck: the largest so far, and a few units of the loss itself.
    allowed = 8 * np.maximum.accumulate(rounding) + 16 * np.finfo(np.float32).eps * np.abs(exact)
    worst = np.argmax(np.abs(losses - exact) / allowed)
    assert np.all(np.abs(losses - exact) <= allowed), (
        f"step {worst}: loss {losses[worst]:.9g}, PyTorch {exact[worst]:.9g} in float64, which float32 misses by {rounding[worst]:.2g}"
    )
