#include "mpsnn/padding.hpp"

#include <cstdlib>
#include <map>
#include <mutex>

#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using Method = NNPaddingMethod;

bool has(Method method, Method bits) { return (method & bits) == bits; }

}  // namespace

Kernel::Kernel(std::shared_ptr<Device> device)
    : options(std::getenv("MPS_LOG_INFO") ? KernelOptions::Verbose : KernelOptions::None), device_(std::move(device)) {}
Kernel::~Kernel() = default;
NNPadding::~NNPadding() = default;

std::string NNPadding::label() const { return {}; }

ImageDescriptor NNPadding::destination_image_descriptor_for_source_images(const ImageBatch&, const StateBatch&, CNNKernel&,
                                                                          const ImageDescriptor& suggested_descriptor) {
  return suggested_descriptor;
}

std::shared_ptr<NNDefaultPadding> NNDefaultPadding::padding_with_method(Method method) {
  if (has(method, Method::Custom)) {
    throw InvalidArgument("MPSNNDefaultPadding: padding_method " + std::to_string(std::size_t(method)) +
                          " has the Custom bit; write a class with MPSNNPadding's methods for that");
  }
  static std::mutex mutex;
  static std::map<Method, std::shared_ptr<NNDefaultPadding>> made;
  std::lock_guard lock(mutex);
  auto& policy = made[method];
  if (!policy) policy.reset(new NNDefaultPadding(method));
  return policy;
}

std::shared_ptr<NNDefaultPadding> NNDefaultPadding::padding_for_tensorflow_average_pooling() {
  static const std::shared_ptr<NNDefaultPadding> policy(
      new NNDefaultPadding(Method::Custom | Method::SizeSame | Method::AddRemainderToBottomRight));
  return policy;
}

std::shared_ptr<NNDefaultPadding> NNDefaultPadding::padding_for_tensorflow_average_pooling_valid_only() {
  static const std::shared_ptr<NNDefaultPadding> policy(new NNDefaultPadding(Method::Custom | Method::SizeValidOnly));
  return policy;
}

std::string NNDefaultPadding::label() const {
  static constexpr const char* kAlign[] = {"AlignCentered", "AlignTopLeft", "AlignBottomRight", "Align(reserved)"};
  static constexpr const char* kRemainder[] = {"AddRemainderToTopLeft", "AddRemainderToTopRight", "AddRemainderToBottomLeft",
                                               "AddRemainderToBottomRight"};
  const auto bits = std::size_t(method_);
  const Method size = method_ & Method::SizeMask;
  std::string text = has(method_, Method::Custom) ? "TensorFlow average pooling, " : "";
  text += size == Method::SizeSame ? "SizeSame" : size == Method::SizeFull ? "SizeFull" : "SizeValidOnly";
  text += std::string(", ") + kAlign[bits & 3] + ", " + kRemainder[bits >> 2 & 3];
  if (has(method_, Method::ExcludeEdges)) text += ", ExcludeEdges";
  return text;
}

ImageDescriptor NNDefaultPadding::destination_image_descriptor_for_source_images(const ImageBatch&, const StateBatch&,
                                                                                 CNNKernel& kernel,
                                                                                 const ImageDescriptor& suggested_descriptor) {
  if (has(method_, Method::Custom)) kernel.edge_mode = ImageEdgeMode::Clamp;
  return suggested_descriptor;
}

std::shared_ptr<NNPadding> NNDefaultPadding::inverse() const {
  const Method size = method_ & Method::SizeMask;
  Method inverse = size == Method::SizeFull ? Method::SizeValidOnly : size == Method::SizeValidOnly ? Method::SizeFull : size;
  const auto others = std::size_t(method_) & ~std::size_t(Method::SizeMask) & ~std::size_t(Method::Custom);
  return padding_with_method(Method(others) | inverse);
}

AxisPlacement place_window(std::size_t source, std::size_t extent, std::size_t stride, bool is_backwards, Method method,
                           bool is_vertical) {
  // C integer division throughout: the documented helper truncates towards zero, also for a negative number of missing pixels.
  const auto w = std::ptrdiff_t(source), k = std::ptrdiff_t(extent), s = std::ptrdiff_t(stride);
  const Method size = method & Method::SizeMask;
  const std::ptrdiff_t style = size == Method::SizeValidOnly ? -1 : size == Method::SizeFull ? 1 : 0;
  AxisPlacement p;
  std::ptrdiff_t extra;
  if (is_backwards) {
    p.size = (w - 1) * s + 1 + style * (k - 1);
    extra = (style + 1) * (k - 1);
  } else {
    p.size = (w + style * (k - 1) + s - 1) / s;
    extra = (p.size - 1) * s + k - w;
  }
  const Method remainder = method & Method::AddRemainderToMask;
  const bool to_low = is_vertical ? remainder == Method::AddRemainderToTopLeft || remainder == Method::AddRemainderToTopRight
                                  : remainder == Method::AddRemainderToTopLeft || remainder == Method::AddRemainderToBottomLeft;
  switch (method & Method::AlignMask) {
    case Method::AlignTopLeft:
      p.left = extra;
      break;
    case Method::AlignBottomRight:
      p.left = 0;
      break;
    default:
      p.left = (extra + (to_low ? 1 : 0)) / 2;
  }
  p.offset = (k >> 1) - p.left;
  return p;
}

}  // namespace mpsnn
