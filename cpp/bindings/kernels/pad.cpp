#include "mpsnn/kernels/pad.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

void bind_pad_kernels(py::module_& m) {
  auto pad =
      bind_kernel_class<NNPad, CNNKernel>(m, "MPSNNPad", R"(The kernel of MPSNNPadNode: pixels and channels around an image.

`edge_mode` says what they are, of all five modes; Zero by default. In an encode that makes its result, padding_size_before and
padding_size_after say how many, and `offset` becomes -padding_size_before. In an encode into an image of the caller's, `offset`
and `clip_rect` say where the source lies, and of the sizes only `channel` counts.)");
  pad.def(py::init([](const ImageCoordinate& padding_size_before, const ImageCoordinate& padding_size_after,
                      const std::optional<ArrayLike>& fill_value_array, const DeviceArgument& device) {
            PadOp op;
            op.padding_size_before = padding_size_before;
            op.padding_size_after = padding_size_after;
            if (fill_value_array) op.fill_value_array = floats_from(*fill_value_array, "MPSNNPad: fill_value_array");
            return std::make_shared<NNPad>(device_from(device), op);
          }),
          "padding_size_before"_a = ImageCoordinate(), py::kw_only(), "padding_size_after"_a = ImageCoordinate(),
          "fill_value_array"_a = py::none(), "device"_a = py::none(),
          "fill_value_array: float32, what edge mode Constant puts into each channel of the result, in place of `fill_value`; an "
          "encode raises ShapeError where it holds fewer numbers. InvalidArgumentError for sizes of 2**31 and more.");
  // Not properties of nodes.
  binding::def_attribute<NNPad>(pad, "padding_size_before", &PadOp::padding_size_before,
                                "Columns, rows and channels before the image; 0 by default.", Access::ReadWrite);
  binding::def_attribute<NNPad>(pad, "padding_size_after", &PadOp::padding_size_after,
                                "Columns, rows and channels after the image; 0 by default.", Access::ReadWrite);
  bind_plain_kernel<NNPadGradient, CNNGradientKernel>(m, "MPSNNPadGradient", R"(The kernel of MPSNNPadGradientNode.

Offset, edge mode and padding sizes are those that the state's forward kernel had.)");
}

}  // namespace mpsnn
