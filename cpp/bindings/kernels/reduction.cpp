#include "mpsnn/kernels/reduction.hpp"

#include <string>

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

template <class Node>
void bind(py::module_& m) {
  using Kernel = NNReduceOf<Node>;
  const char* name = reduction_kernel_name(Node::kAxis, Node::kOperation);
  const std::string doc = std::string("The kernel of ") + reduction_class_name(Node::kAxis, Node::kOperation) + ".";
  py::classh<Kernel, NNReduceUnary> cls(m, name, doc.c_str());
  cls.def(py::init([](const DeviceArgument& device) { return std::make_shared<Kernel>(device_from(device)); }), py::kw_only(),
          "device"_a = py::none(), "On a device, the default one by default.");
  if (Node::kAxis == ReductionAxis::FeatureChannels && Node::kOperation == ReductionOperation::Sum) {
    binding::def_attribute<Kernel>(cls, "weight", &ReductionOp::weight, "Factor of the sum; 1 by default.", Access::ReadWrite);
  }
}

}  // namespace

void bind_reduction_kernels(py::module_& m) {
  bind_kernel_class<NNReduceUnary, CNNKernel>(m, "MPSNNReduceUnary", R"(Base of the reductions of one image.

`clip_rect_source` says which pixels are read, in place of `offset`, which has no influence. A result that does not fill the part
of the caller's image that is written raises ShapeError.)");
  for_each_reduction_node([&]<class Node>(std::type_identity<Node>) {
    if constexpr (Node::kAxis != ReductionAxis::Spatial) bind<Node>(m);  // Apple has no kernel of the spatial mean
  });

  bind_kernel_class<NNReduceBinary, CNNBinaryKernel>(m, "MPSNNReduceBinary", R"(Base of the reductions of two images.

The clip rectangles say which pixels are read, in place of the offsets, which have no influence; they must be of one size
(ShapeError otherwise). There are no gradients.)");
  bind_kernel_class<NNReduceFeatureChannelsAndWeightsSum, NNReduceBinary>(
      m, "MPSNNReduceFeatureChannelsAndWeightsSum", R"(The sum of the channels of an image, each with a weight of its own.

y(0) = the sum over all channels of x * w, with x the primary and w the secondary image, of one size; with
do_weighted_sum_by_non_zero_weights that is divided by the number of channels with w != 0, and 0 where there are none (Apple leaves
that open). Sums are accumulated in double precision.)")
      .def(py::init([](bool do_weighted_sum_by_non_zero_weights, const DeviceArgument& device) {
             WeightedSumOp op;
             op.do_weighted_sum_by_non_zero_weights = do_weighted_sum_by_non_zero_weights;
             return std::make_shared<NNReduceFeatureChannelsAndWeightsSum>(device_from(device), op);
           }),
           "do_weighted_sum_by_non_zero_weights"_a = false, py::kw_only(), "device"_a = py::none(),
           "Sums are not divided by default.");
  bind_plain_kernel<NNReduceFeatureChannelsAndWeightsMean, NNReduceBinary>(
      m, "MPSNNReduceFeatureChannelsAndWeightsMean", R"(The mean of the channels of an image, each with a weight of its own.

y(0) = (the sum over all channels of x * w) / (number of channels), with x the primary and w the secondary image, of one size. (Apple
leaves the divisor open.) Sums are accumulated in double precision.)");
  bind_kernel_class<NNLocalCorrelation, NNReduceBinary>(m, "MPSNNLocalCorrelation",
                                                        R"(The products of each pixel with those around it in another image.

With a and b the primary and the secondary image, h x w x c to h x w x (2 * window_in_x + 1)(2 * window_in_y + 1):
y(j, i, n * (2 * window_in_x + 1) + m) = the sum over the channels of a(j, i) * b(j + (n - window_in_y) * stride_in_y,
i + (m - window_in_x) * stride_in_x). (Apple documents 2 * window_in_y + 1 in the index of the channel, with which channels would
meet where the windows differ.) What lies outside b is 0, or its edge where secondary_edge_mode is Clamp; what lies outside
secondary_source_clip_rect only is read.)")
      .def(py::init([](std::size_t window_in_x, std::size_t window_in_y, std::size_t stride_in_x, std::size_t stride_in_y,
                       const DeviceArgument& device) {
             LocalCorrelationOp op;
             op.window_in_x = window_in_x;
             op.window_in_y = window_in_y;
             op.stride_in_x = stride_in_x;
             op.stride_in_y = stride_in_y;
             return std::make_shared<NNLocalCorrelation>(device_from(device), op);
           }),
           "window_in_x"_a = 0, py::kw_only(), "window_in_y"_a = 0, "stride_in_x"_a = 1, "stride_in_y"_a = 1,
           "device"_a = py::none(), "Windows from 0 on, strides from 1 on, in pixels; InvalidArgumentError otherwise.");
}

}  // namespace mpsnn
