#include "mpsnn/nodes/resampling.hpp"

#include <pybind11/trampoline_self_life_support.h>

#include <utility>

#include "bind_node.hpp"
#include "overrides.hpp"

namespace mpsnn {

namespace {

class PythonImageTransformProvider final : public ImageTransformProvider, public py::trampoline_self_life_support {
 public:
  ScaleTransform transform_for_source_image(const ImagePtr& source_image, const std::shared_ptr<Handle>& handle) override {
    static constexpr const char* kMethod = "transform_for_source_image";
    py::gil_scoped_acquire lock;
    const ImageTransformProvider* self = this;
    return cast_result<ScaleTransform>(self, kMethod, call_required(self, kMethod, source_image, handle), "MPSScaleTransform");
  }
};

template <class Node>
void bind_gradient(py::module_& m, const char* name, const char* doc) {
  bind_node<Node, NNGradientFilterNode>(m, name, doc)
      .def(py::init([](ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                       double scale_factor_x, double scale_factor_y) {
             return std::make_shared<Node>(std::move(source_gradient), std::move(source_image), std::move(gradient_state),
                                           upsampling_op<typename Node::Attributes>(scale_factor_x, scale_factor_y));
           }),
           "source_gradient"_a.none(false), "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false),
           "scale_factor_x"_a, "scale_factor_y"_a, "The factors must be the forward filter's; InvalidArgumentError otherwise.");
}

template <class Node>
void bind_scale(py::module_& m, const char* name, const char* doc) {
  bind_node<Node, NNScaleNode>(m, name, doc)
      .def(
          py::init(
              [](ImageNodePtr source, std::shared_ptr<ImageTransformProvider> transform_provider, const mtl::Size& output_size) {
                return std::make_shared<Node>(std::move(source),
                                              scale_op<typename Node::Attributes>(output_size, std::move(transform_provider)));
              }),
          "source"_a.none(false), py::kw_only(), "transform_provider"_a = py::none(), "output_size"_a,
          "output_size: width and height of the result, from 1 on (InvalidArgumentError otherwise); the depth has no influence.");
}

}  // namespace

void bind_resampling(py::module_& m) {
  bind_node<CNNUpsamplingNearestNode>(m, "MPSCNNUpsamplingNearestNode", R"(Enlarges an image by repeating its pixels.

h x w x c to (h * scale_factor_y) x (w * scale_factor_x) x c:

    y[j, i] = x[floor(j / scale_factor_y), floor(i / scale_factor_x)]

padding_policy has no influence.

In PyTorch:

    y = F.interpolate(x, scale_factor=(scale_factor_y, scale_factor_x), mode="nearest")

integer_scale_factor_x: result pixels for each source pixel along x, from 1 on. integer_scale_factor_y: the same along y. Raises
InvalidArgumentError for 0.)")
      .def(py::init([](ImageNodePtr source, std::size_t integer_scale_factor_x, std::size_t integer_scale_factor_y) {
             return std::make_shared<CNNUpsamplingNearestNode>(
                 std::move(source),
                 upsampling_op<UpsamplingNearestOp>(double(integer_scale_factor_x), double(integer_scale_factor_y)));
           }),
           "source"_a.none(false), py::kw_only(), "integer_scale_factor_x"_a, "integer_scale_factor_y"_a,
           "Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.");

  bind_node<CNNUpsamplingBilinearNode>(m, "MPSCNNUpsamplingBilinearNode",
                                       R"(Enlarges an image by interpolating between its pixels.

h x w x c to (h * scale_factor_y) x (w * scale_factor_x) x c, along each axis:

    y[i] = (1 - f) * x[k] + f * x[k + 1],  k = floor(u), f = u - k

where result pixel i lies at u = (i + 0.5) / scale_factor - 0.5 among the centres of the source pixels; with align_corners at
u = i * (w - 1) / (w * scale_factor - 1), 0 for a result of one pixel, so that the corner pixels coincide. A pixel with factor 0 is
not looked at. Pixels outside the image are 0, as on Apple's devices, which darkens the border; a custom padding policy that sets
edge_mode to Clamp repeats the edge pixels. Size and offset do not come from the policy.

In PyTorch:

    factors = (int(scale_factor_y), int(scale_factor_x))
    if align_corners:
        y = F.interpolate(x, scale_factor=factors, mode="bilinear", align_corners=True)
    else:
        y = F.interpolate(F.pad(x, (1, 1, 1, 1)), scale_factor=factors, mode="bilinear")
        y = y[:, :, factors[0] : -factors[0], factors[1] : -factors[1]]

Under Clamp it is F.interpolate(x, scale_factor=factors, mode="bilinear").

Open: align_corners, about which documentation and a report from macOS 10.14 differ. The four corner pixels are kept, as documented.

integer_scale_factor_x: result pixels for each source pixel along x, from 1 on. integer_scale_factor_y: the same along y. Raises
InvalidArgumentError for 0.)")
      .def(py::init([](ImageNodePtr source, std::size_t integer_scale_factor_x, std::size_t integer_scale_factor_y,
                       bool align_corners) {
             auto op = upsampling_op<UpsamplingBilinearOp>(double(integer_scale_factor_x), double(integer_scale_factor_y));
             op.align_corners = align_corners;
             return std::make_shared<CNNUpsamplingBilinearNode>(std::move(source), op);
           }),
           "source"_a.none(false), py::kw_only(), "integer_scale_factor_x"_a, "integer_scale_factor_y"_a,
           "align_corners"_a = false,
           "Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.");

  bind_gradient<CNNUpsamplingNearestGradientNode>(m, "MPSCNNUpsamplingNearestGradientNode",
                                                  R"(The gradient of nearest upsampling.

(h * scale_factor_y) x (w * scale_factor_x) x c to h x w x c:

    d = sum of g over the result pixels that repeat the source pixel

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

source_gradient: gradient with respect to the forward result, of its size. source_image: the forward source, whose size the result
has. gradient_state: of the forward filter. Raises InvalidArgumentError for other factors than the forward filter's.)");
  bind_gradient<CNNUpsamplingBilinearGradientNode>(m, "MPSCNNUpsamplingBilinearGradientNode",
                                                   R"(The gradient of bilinear upsampling.

(h * scale_factor_y) x (w * scale_factor_x) x c to h x w x c:

    d = sum of g * the forward factor over the result pixels that read the source pixel

With edge mode Clamp an edge pixel also gets what was read for pixels outside, with Zero that is dropped.

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

Open: where align_corners and the edge mode come from. From the gradient state: they are the forward filter's.

source_gradient: gradient with respect to the forward result, of its size. source_image: the forward source, whose size the result
has. gradient_state: of the forward filter. Raises InvalidArgumentError for other factors than the forward filter's.)");

  py::classh<ImageTransformProvider, PythonImageTransformProvider>(
      m, "MPSImageTransformProvider",
      R"(Says which part of its source a scale filter shows. To be derived from.

A graph that asks one can be copied, not saved.)")
      .def(py::init<>())
      .def("transform_for_source_image", &ImageTransformProvider::transform_for_source_image, "source_image"_a,
           "handle"_a = py::none(),
           R"(Returns an MPSScaleTransform, result = source * scale + translate. Required.

Called with every encode for each image of the batch, before the work runs: the pixels of an image that the graph makes itself are
not there yet, only its size is. source_image: what the filter reads. handle: that of the source's image node.
To put source point o at the result's top left corner, translate by -o * scale. Coordinates are those of pixel edges: pixel 0
reaches from 0 to 1. Scales must be 1/65536 or more and finite, translations finite; InvalidArgumentError otherwise.)");

  bind_node<NNScaleNode>(m, "MPSNNScaleNode", R"(Base of the filters that give an image another size.

h x w x c to output_size.height x output_size.width x c. Without a transform_provider the whole source fills the result:
scale_x = output_size.width / w, scale_y = output_size.height / h, translations 0. With one the provider is asked in every encode
for each image, and result = source * scale + translate. Result pixel i lies at

    u = (i + 0.5 - translate_x) / scale_x - 0.5

among the centres of the source pixels; along y likewise. There is no gradient: asking for one raises GraphError; set
stop_gradient on the result image.

Open: the edge mode. It is Clamp, pixels outside have the value of the nearest edge pixel; a custom padding policy that sets
edge_mode to Zero makes them 0.
Open: the depth of output_size. It has no influence.

transform_provider: an MPSImageTransformProvider; None shows the whole source. output_size: width and height of the result in
pixels, from 1 on. Raises InvalidArgumentError for an output_size of 0 and, when a graph is encoded, for a transform that is
refused.)");
  bind_scale<NNBilinearScaleNode>(m, "MPSNNBilinearScaleNode", R"(Gives an image another size by interpolating between two pixels.

h x w x c to output_size.height x output_size.width x c, along each axis, with u of MPSNNScaleNode:

    y[i] = (1 - f) * x[k] + f * x[k + 1],  k = floor(u), f = u - k

There is no low-pass filter: below half the size pixels are passed over.

In PyTorch:

    y = F.interpolate(x, (output_size.height, output_size.width), mode="bilinear")

without a transform_provider.)");
  bind_scale<NNLanczosScaleNode>(m, "MPSNNLanczosScaleNode", R"(Gives an image another size with a Lanczos filter.

h x w x c to output_size.height x output_size.width x c, along each axis, with u of MPSNNScaleNode:

    y[i] = sum of w((k - u) / r) * x[k] / sum of w((k - u) / r), both over |k - u| <= 3r

with w(z) = sinc(z) * sinc(z / 3), sinc(z) = sin(pi z) / (pi z), and r = max(1, 1 / scale), which widens the filter when it reduces.
Results may exceed the range of the source.

In PyTorch:

    def rows(x, size):
        source = x.shape[2]
        r = max(1, source / size)
        reach = math.ceil(3 * r)
        u = (torch.arange(size, dtype=x.dtype) + 0.5) * source / size - 0.5
        z = (torch.arange(-reach, source + reach) - u[:, None]) / r
        w = torch.where(z.abs() <= 3, torch.sinc(z) * torch.sinc(z / 3), 0)
        return w / w.sum(1, keepdim=True) @ F.pad(x, (0, 0, reach, reach), mode="replicate")

    y = rows(rows(x, output_size.height).mT, output_size.width).mT

without a transform_provider. F.interpolate has no Lanczos filter; its mode "bicubic" with antialias=True comes near.

Open: the filter, of which only the name is published. It has three lobes, is widened when it reduces, and normalised.)");
}

}  // namespace mpsnn
