#include "mpsnn/kernels/resampling.hpp"

#include "bind_kernel.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

template <class Class>
void bind_factors(Class& cls) {
  using Kernel = typename Class::type;
  cls.def_property_readonly("scale_factor_x", &Kernel::scale_factor_x,
                            "Width of the forward result divided by that of its source.")
      .def_property_readonly("scale_factor_y", &Kernel::scale_factor_y,
                             "Height of the forward result divided by that of its source.");
}

constexpr const char* kFactors = "Result pixels for each source pixel along x and y, from 1 on; InvalidArgumentError otherwise.";

template <class Kernel, class Base>
void bind(py::module_& m, const char* name, const char* doc) {
  py::classh<Kernel, Base>(m, name, doc)
      .def(py::init([](std::size_t integer_scale_factor_x, std::size_t integer_scale_factor_y, const DeviceArgument& device) {
             using OpType = typename Kernel::Attributes;
             return std::make_shared<Kernel>(
                 device_from(device), upsampling_op<OpType>(double(integer_scale_factor_x), double(integer_scale_factor_y)));
           }),
           "integer_scale_factor_x"_a, py::kw_only(), "integer_scale_factor_y"_a, "device"_a = py::none(), kFactors);
}

void bind_upsampling(py::module_& m) {
  py::classh<CNNUpsampling, CNNKernel> base(m, "MPSCNNUpsampling", R"(Base of the kernels that enlarge an image.

Pixel x of the part of the result that is written (see `clip_rect`) lies at `offset` plus the place that pixel x has in the whole
result. Pixels outside the source are 0, or those of its edge where edge_mode is Clamp.)");
  bind_factors(base);
  base.def_property_readonly("align_corners", &CNNUpsampling::align_corners,
                             "Whether the corner pixels of source and result coincide; only bilinear kernels can.");
  bind<CNNUpsamplingNearest, CNNUpsampling>(m, "MPSCNNUpsamplingNearest",
                                            "The kernel of MPSCNNUpsamplingNearestNode: repeats pixels.");
  py::classh<CNNUpsamplingBilinear, CNNUpsampling>(m, "MPSCNNUpsamplingBilinear",
                                                   "The kernel of MPSCNNUpsamplingBilinearNode: interpolates between pixels.")
      .def(py::init([](std::size_t integer_scale_factor_x, std::size_t integer_scale_factor_y, bool align_corners,
                       const DeviceArgument& device) {
             auto op = upsampling_op<UpsamplingBilinearOp>(double(integer_scale_factor_x), double(integer_scale_factor_y));
             op.align_corners = align_corners;
             return std::make_shared<CNNUpsamplingBilinear>(device_from(device), op);
           }),
           "integer_scale_factor_x"_a, py::kw_only(), "integer_scale_factor_y"_a, "align_corners"_a = false,
           "device"_a = py::none(), kFactors);

  py::classh<CNNUpsamplingGradient, CNNGradientKernel> gradient(m, "MPSCNNUpsamplingGradient",
                                                                R"(Base of the gradients of the kernels that enlarge an image.

align_corners, offset and edge mode are those that the state's forward kernel had; the factors must be its factors
(InvalidArgumentError otherwise).)");
  bind_factors(gradient);
  bind<CNNUpsamplingNearestGradient, CNNUpsamplingGradient>(m, "MPSCNNUpsamplingNearestGradient",
                                                            "The kernel of MPSCNNUpsamplingNearestGradientNode.");
  bind<CNNUpsamplingBilinearGradient, CNNUpsamplingGradient>(m, "MPSCNNUpsamplingBilinearGradient",
                                                             "The kernel of MPSCNNUpsamplingBilinearGradientNode.");
}

void bind_resize(py::module_& m) {
  bind_kernel_class<NNResizeBilinear, CNNKernel>(m, "MPSNNResizeBilinear",
                                                 R"(Gives an image any size by interpolating between its pixels.

h x w x c to resize_height x resize_width x c. Along each axis result pixel x lies at u = x * w / resize_width among the centres of
the source pixels (Apple does not publish this), with align_corners at u = x * (w - 1) / (resize_width - 1), 0 for a result of one
pixel; x counts from the corner of `clip_rect`, and `offset` is added. Places outside the source are moved to its edge. The result is
(1 - f) * source(k) + f * source(k + 1) with k = floor(u), f = u - k. There is no gradient.)")
      .def(py::init([](std::size_t resize_width, std::size_t resize_height, bool align_corners, const DeviceArgument& device) {
             ResizeBilinearOp op;
             op.resize_width = resize_width;
             op.resize_height = resize_height;
             op.align_corners = align_corners;
             return std::make_shared<NNResizeBilinear>(device_from(device), op);
           }),
           "resize_width"_a, py::kw_only(), "resize_height"_a, "align_corners"_a, "device"_a = py::none(),
           "Sizes in pixels, from 1 on; InvalidArgumentError otherwise.");

  bind_kernel_class<NNCropAndResizeBilinear, CNNKernel>(m, "MPSNNCropAndResizeBilinear",
                                                        R"(Resizes parts of an image, each to an image of its own.

Region r of source image n becomes image n * number_of_regions + r of the destination, resize_height x resize_width x c; the
destination holds at least as many images. In a batch each destination holds the regions of one source. (Apple does not publish the
arrangement.)
Regions are measured in parts of the image: 0 is the centre of the first pixel, 1 that of the last. Along each axis, with p the
region's origin and q = p + its size, result pixel x lies at u = (p + x * (q - p) / (resize_width - 1)) * (w - 1), in the middle of
the region for a result of one pixel. The result is interpolated as by MPSNNResizeBilinear, and 0 (Apple does not say what) where u is
outside the source. `offset` chooses images, its x and y have no influence. There is no gradient.)")
      .def(py::init([](std::size_t resize_width, std::size_t resize_height, std::size_t number_of_regions,
                       const std::vector<Region>& regions, const DeviceArgument& device) {
             if (regions.size() != number_of_regions) {
               throw InvalidArgument("MPSNNCropAndResizeBilinear: number_of_regions is " + std::to_string(number_of_regions) +
                                     ", there are " + std::to_string(regions.size()) + " regions");
             }
             CropAndResizeBilinearOp op;
             op.resize_width = resize_width;
             op.resize_height = resize_height;
             op.regions = regions;
             return std::make_shared<NNCropAndResizeBilinear>(device_from(device), op);
           }),
           "resize_width"_a, py::kw_only(), "resize_height"_a, "number_of_regions"_a, "regions"_a, "device"_a = py::none(),
           "Sizes in pixels, from 1 on, regions finite, one or more; InvalidArgumentError otherwise.")
      .def_property_readonly(
          "number_of_regions", [](const NNCropAndResizeBilinear& self) { return self.attributes.regions.size(); },
          "Images of the result for each source image.")
      .def_property_readonly(
          "regions", [](const NNCropAndResizeBilinear& self) { return self.attributes.regions; },
          "Parts of the source; z and depth have no influence.");

  bind_kernel_class<NNGridSample, CNNBinaryKernel>(m, "MPSNNGridSample", R"(Samples an image at places that another image names.

The primary image is sampled, the secondary one, the grid, holds for each pixel (y, x) of the result gx in channel 0 and gy in
channel 1, in pixels; whole numbers are the centres of pixels. (Apple leaves units and order open.) The place is (gx, gy), or
(x + gx, y + gy) where use_grid_value_as_input_coordinate is False; primary_offset is added. The result, of the grid's size and the
image's channels, is interpolated between two pixels along each axis; what lies outside the image is 0, or its edge where
primary_edge_mode is Clamp. secondary_offset and secondary_edge_mode choose the part of the grid. A NaN in the grid gives NaN. There
is no gradient.)")
      .def(py::init([](const DeviceArgument& device) { return std::make_shared<NNGridSample>(device_from(device)); }),
           py::kw_only(), "device"_a = py::none(), "An encode raises ShapeError for a grid of one channel.");
}

}  // namespace

void bind_resampling_kernels(py::module_& m) {
  bind_upsampling(m);
  bind_resize(m);
}

}  // namespace mpsnn
