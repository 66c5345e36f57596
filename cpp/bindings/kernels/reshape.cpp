#include "mpsnn/kernels/reshape.hpp"

#include "bind_kernel.hpp"
#include "kernel_encode.hpp"

namespace mpsnn {

using namespace kernel_encode;

namespace {

constexpr const char* kReshaped =
    "Into an image of the size that is given, which the allocator makes and which is returned; the result state is appended to "
    "the "
    "list. Raises InvalidArgumentError for an extent of 0, ShapeError where the source does not hold as many numbers.";

ReshapeOp reshaped(std::size_t width, std::size_t height, std::size_t feature_channels) {
  ReshapeOp op;
  op.result_width = width;
  op.result_height = height;
  op.result_feature_channels = feature_channels;
  return op;
}

}  // namespace

void bind_reshape_kernels(py::module_& m) {
  auto reshape = bind_plain_kernel<NNReshape, CNNKernel>(m, "MPSNNReshape", R"(The kernel of MPSNNReshapeNode.

The numbers of an image, in their order (rows, in them pixels, in them channels), as an image of another size: that of the
caller's image, or the one that the encode is told. An encode that is told none takes the last one that was.)");
  bind_unary_encodes(reshape);
  const auto none = py::none();
  reshape
      .def(
          "encode_to_command_buffer",
          [](NNReshape& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, std::size_t width,
             std::size_t height, std::size_t feature_channels, const OutStates<StatePtr>& states,
             std::optional<bool> is_temporary) {
            self.attributes = reshaped(width, height, feature_channels);
            return encode_made(self, command_buffer, states, is_temporary, ImageBatch{source})[0];
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false), "reshaped_width"_a, "reshaped_height"_a,
          "reshaped_feature_channels"_a, "destination_state"_a = none, "destination_state_is_temporary"_a = none, kReshaped)
      .def(
          "encode_batch_to_command_buffer",
          [](NNReshape& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, std::size_t width,
             std::size_t height, std::size_t feature_channels, const OutStates<StatePtr>& states,
             std::optional<bool> is_temporary) {
            self.attributes = reshaped(width, height, feature_channels);
            return encode_made(self, command_buffer, states, is_temporary, sources);
          },
          "command_buffer"_a.none(false), "source_images"_a, "reshaped_width"_a, "reshaped_height"_a,
          "reshaped_feature_channels"_a, "destination_states"_a = none, "destination_state_is_temporary"_a = none, kReshaped);
  bind_plain_kernel<NNReshapeGradient, CNNGradientKernel>(m, "MPSNNReshapeGradient", "The kernel of MPSNNReshapeGradientNode.");
}

}  // namespace mpsnn
