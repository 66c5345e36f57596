#include "mpsnn/nodes/dropout.hpp"

#include <utility>

#include "bind_node.hpp"

namespace mpsnn {

namespace {

template <class OpType>
OpType dropout_op(float keep_probability, std::size_t seed, const mtl::Size& mask_stride_in_pixels) {
  OpType op;
  op.keep_probability = keep_probability;
  op.seed = seed;
  op.mask_stride_in_pixels = mask_stride_in_pixels;
  return op;
}

}  // namespace

void bind_dropout(py::module_& m) {
  py::classh<CNNDropoutGradientState, NNGradientState>(m, "MPSCNNDropoutGradientState",
                                                       "What dropout leaves for its gradient: the mask of one image.")
      .def(
          "mask_data",
          [](CNNDropoutGradientState& state) {
            const auto mask = state.mask_data();
            return py::bytes(reinterpret_cast<const char*>(mask.data()), mask.size());
          },
          R"(A copy of the mask: a byte for each mask element, 0 or 1, in the order y, x, channel.

Raises Error while the command buffer that draws the mask has not completed.)");

  bind_node<CNNDropoutNode>(m, "MPSCNNDropoutNode",
                            R"(Sets elements to 0 at random and divides the others by the chance to be kept.

h x w x c to h x w x c:

    y = x / keep_probability where the mask is 1, else 0

also for x infinite or NaN. The mask has the image's extent along axes with stride 1 in mask_stride_in_pixels (width, height,
depth: along x, y, channels), and extent 1 along axes with stride 0. Every image of a batch and every encode of a graph draws a
mask of its own; the same seed, size, place in the batch and number of encodes before give the same mask on every device of the
portable engine.

In PyTorch:

    y = x * mask / keep_probability

where mask is the one drawn. F.dropout(x, 1 - keep_probability) does the same with other random numbers; mask_stride_in_pixels
(0, 0, 1) is F.dropout2d.

Open: the random numbers. They are those of the generator Philox4x32-10.
Open: the defaults. They are 0.5, 0 and (1, 1, 1).
Open: whether the filter is idle without a gradient. It is not: leave it out of graphs that are not for training.

keep_probability: chance of an element to be kept; between 0 and 1, both excluded. seed: seed of the random masks, any unsigned
number. mask_stride_in_pixels: strides of the mask along x, y and channels, each 0 or 1. Raises InvalidArgumentError for other values.)")
      .def(py::init([](ImageNodePtr source, float keep_probability, std::size_t seed, const mtl::Size& mask_stride_in_pixels) {
             return std::make_shared<CNNDropoutNode>(std::move(source),
                                                     dropout_op<DropoutOp>(keep_probability, seed, mask_stride_in_pixels));
           }),
           "source"_a.none(false), py::kw_only(), "keep_probability"_a = 0.5f, "seed"_a = 0,
           "mask_stride_in_pixels"_a = mtl::Size{1, 1, 1},
           "A filter that reads `source`. Raises InvalidArgumentError for values out of range.");

  bind_node<CNNDropoutGradientNode, NNGradientFilterNode>(m, "MPSCNNDropoutGradientNode", R"(The gradient of dropout.

h x w x c to h x w x c:

    d = g / keep_probability where the forward mask is 1, else 0

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

keep_probability, mask_stride_in_pixels: the forward filter's. seed: has no influence. source_gradient: g, gradient with respect to the forward result. source_image: the forward source (only its size matters).
gradient_state: of the forward filter; the mask is in it, none is drawn. Raises InvalidArgumentError for another
mask_stride_in_pixels than the forward filter's, for values that MPSCNNDropoutNode refuses, and for the state of another filter.)")
      .def(py::init([](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                       float keep_probability, std::size_t seed, const mtl::Size& mask_stride_in_pixels) {
             return std::make_shared<CNNDropoutGradientNode>(
                 std::move(source_gradient), std::move(source_image), std::move(gradient_state),
                 dropout_op<DropoutGradientOp>(keep_probability, seed, mask_stride_in_pixels));
           }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "keep_probability"_a, "seed"_a, "mask_stride_in_pixels"_a,
           "The values are the forward filter's; `seed` has no influence.");
}

}  // namespace mpsnn
