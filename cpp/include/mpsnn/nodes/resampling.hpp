#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mpsnn/asks_caller.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/placed_by_kernel.hpp"

namespace mpsnn {

/// What upsampling filters and their gradients have.
struct MPSNN_API UpsamplingOp : Op {
  double scale_factor_x = 1, scale_factor_y = 1;
  template <class V>
  static void fields(V&& v) {
    v("scale_factor_x", &UpsamplingOp::scale_factor_x, "Width of the forward result divided by that of its source.");
    v("scale_factor_y", &UpsamplingOp::scale_factor_y, "Height of the forward result divided by that of its source.");
  }
  /// floor(extent * factor); the size bits of the padding method have no influence.
  Inferred infer(const InferRequest& request) const override;
};

/// Filters whose positions are measured from `offset`, in the part of the result that a kernel writes.
struct MPSNN_API PlacedAtOffset : PlacedByKernel {
  Inferred place(const PlaceRequest& request) const override;
};

struct MPSNN_API UpsamplingNearestOp : OpOf<UpsamplingNearestOp, UpsamplingOp>, PlacedAtOffset {
  static constexpr const char* kKernelName = "MPSCNNUpsamplingNearest";
};
struct MPSNN_API UpsamplingBilinearOp : OpOf<UpsamplingBilinearOp, UpsamplingOp>, PlacedAtOffset {
  static constexpr const char* kKernelName = "MPSCNNUpsamplingBilinear";
  bool align_corners = false;
  template <class V>
  static void fields(V&& v) {
    UpsamplingOp::fields(v);
    v("align_corners", &UpsamplingBilinearOp::align_corners, "Whether the corner pixels of source and result coincide.");
  }
};

/// The rest, such as `align_corners` and the edge mode, comes from the forward step.
struct MPSNN_API UpsamplingGradientOp : UpsamplingOp {
 protected:
  Inferred infer_from(const UpsamplingOp& forward, const InferRequest& request) const;
};
struct MPSNN_API UpsamplingNearestGradientOp : OpOf<UpsamplingNearestGradientOp, UpsamplingGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNUpsamplingNearestGradient";
  Inferred infer(const InferRequest& request) const override;
};
struct MPSNN_API UpsamplingBilinearGradientOp : OpOf<UpsamplingBilinearGradientOp, UpsamplingGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNUpsamplingBilinearGradient";
  Inferred infer(const InferRequest& request) const override;
};

template <class OpType>
OpType upsampling_op(double scale_factor_x, double scale_factor_y) {
  OpType op;
  op.scale_factor_x = scale_factor_x;
  op.scale_factor_y = scale_factor_y;
  return op;
}

/// MPSCNNUpsamplingNearestNode: repeats pixels.
class MPSNN_API CNNUpsamplingNearestNode final : public NodeOf<UpsamplingNearestOp> {
 public:
  CNNUpsamplingNearestNode(ImageNodePtr source, const UpsamplingNearestOp& op);
  const char* class_name() const override { return "MPSCNNUpsamplingNearestNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNUpsamplingBilinearNode: interpolates between pixels.
class MPSNN_API CNNUpsamplingBilinearNode final : public NodeOf<UpsamplingBilinearOp> {
 public:
  CNNUpsamplingBilinearNode(ImageNodePtr source, const UpsamplingBilinearOp& op);
  const char* class_name() const override { return "MPSCNNUpsamplingBilinearNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

class MPSNN_API CNNUpsamplingNearestGradientNode final : public NodeOf<UpsamplingNearestGradientOp, NNGradientFilterNode> {
 public:
  CNNUpsamplingNearestGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                   const UpsamplingNearestGradientOp& op);
  const char* class_name() const override { return "MPSCNNUpsamplingNearestGradientNode"; }
};

class MPSNN_API CNNUpsamplingBilinearGradientNode final : public NodeOf<UpsamplingBilinearGradientOp, NNGradientFilterNode> {
 public:
  CNNUpsamplingBilinearGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                    const UpsamplingBilinearGradientOp& op);
  const char* class_name() const override { return "MPSCNNUpsamplingBilinearGradientNode"; }
};

/// MPSImageTransformProvider: which part of a source a scale filter shows.
class MPSNN_API ImageTransformProvider {
 public:
  virtual ~ImageTransformProvider();
  /// Called with every encode, for each image; `handle` is that of the source's image node.
  virtual ScaleTransform transform_for_source_image(const ImagePtr& source_image, const std::shared_ptr<Handle>& handle) = 0;
};

/// What scale filters have. Edge mode Clamp, unless a custom policy sets Zero.
struct MPSNN_API ScaleOp : Op, AsksCaller {
  mtl::Size output_size{1, 1, 1};  ///< the depth has no influence
  std::shared_ptr<ImageTransformProvider> transform_provider;
  template <class V>
  static void fields(V&& v) {
    v("output_size", &ScaleOp::output_size, "Width and height of the result in pixels.", Access::Internal);
  }
  Inferred infer(const InferRequest& request) const override;
  const char* asked_property() const override { return transform_provider ? "transform_provider" : nullptr; }
  std::size_t answer_count() const override { return 4; }
  /// scale_x, scale_y, translate_x, translate_y.
  void ask(const Question& question, std::span<double> answer) const override;
};

struct MPSNN_API BilinearScaleOp : OpOf<BilinearScaleOp, ScaleOp> {
  static constexpr const char* kKernelName = "MPSImageBilinearScale";
};
struct MPSNN_API LanczosScaleOp : OpOf<LanczosScaleOp, ScaleOp> {
  static constexpr const char* kKernelName = "MPSImageLanczosScale";
};

template <class OpType>
OpType scale_op(const mtl::Size& output_size, std::shared_ptr<ImageTransformProvider> transform_provider = nullptr) {
  OpType op;
  op.output_size = output_size;
  op.transform_provider = std::move(transform_provider);
  return op;
}

/// Any size, by interpolation. No node stands for it.
struct MPSNN_API ResizeBilinearOp : OpOf<ResizeBilinearOp>, PlacedAtOffset {
  static constexpr const char* kKernelName = "MPSNNResizeBilinear";
  static constexpr std::size_t kSourceCount = 1;
  std::size_t resize_width = 1, resize_height = 1;
  bool align_corners = false;
  template <class V>
  static void fields(V&& v) {
    v("resize_width", &ResizeBilinearOp::resize_width, "Width of the result in pixels.");
    v("resize_height", &ResizeBilinearOp::resize_height, "Height of the result in pixels.");
    v("align_corners", &ResizeBilinearOp::align_corners, "Whether the corner pixels of source and result coincide.");
  }
  Inferred infer(const InferRequest& request) const override;
  void check(const std::string& name) const;
};

/// Parts of the source, each resized to one image of the result. No node stands for it.
struct MPSNN_API CropAndResizeBilinearOp : Op, PlacedByKernel {
  static constexpr const char* kKernelName = "MPSNNCropAndResizeBilinear";
  static constexpr std::size_t kSourceCount = 1;
  std::size_t resize_width = 1, resize_height = 1;
  std::vector<Region> regions{{{0, 0, 0}, {1, 1, 0}}};  ///< from 0 to 1 across the source, which they may leave
  template <class V>
  static void fields(V&& v) {
    v("resize_width", &CropAndResizeBilinearOp::resize_width, "Width of the results in pixels.");
    v("resize_height", &CropAndResizeBilinearOp::resize_height, "Height of the results in pixels.");
  }
  const char* kernel_name() const override { return kKernelName; }
  void visit(AttributeVisitor& visitor) override;
  /// Of one region.
  Inferred infer(const InferRequest& request) const override;
  Inferred place(const PlaceRequest& request) const override { return infer(request.filter); }
  std::size_t images_per_source() const override { return regions.size(); }
  void check(const std::string& name) const;
};

/// The first source at the places that the second one names. No node stands for it.
struct MPSNN_API GridSampleOp : OpOf<GridSampleOp>, PlacedByKernel {
  static constexpr const char* kKernelName = "MPSNNGridSample";
  static constexpr std::size_t kSourceCount = 2;
  bool use_grid_value_as_input_coordinate = true;
  template <class V>
  static void fields(V&& v) {
    v("use_grid_value_as_input_coordinate", &GridSampleOp::use_grid_value_as_input_coordinate,
      "Whether the grid holds places in the image, and not distances from the pixel of the result; True by default.",
      Access::ReadWrite);
  }
  Inferred infer(const InferRequest& request) const override;
  Inferred place(const PlaceRequest& request) const override;
  bool is_read_by_pixel(std::size_t source) const override { return source == 1; }
  void check(const std::string&) const {}
};

/// MPSNNScaleNode: base of the filters that give an image another size. They have no gradient.
class MPSNN_API NNScaleNode : public NNFilterNode {
 protected:
  explicit NNScaleNode(ImageNodePtr source);
  /// Refuses an empty result.
  void check(const ScaleOp& op) const;
};

/// MPSNNBilinearScaleNode.
class MPSNN_API NNBilinearScaleNode final : public NodeOf<BilinearScaleOp, NNScaleNode> {
 public:
  NNBilinearScaleNode(ImageNodePtr source, const BilinearScaleOp& op);
  const char* class_name() const override { return "MPSNNBilinearScaleNode"; }
};

/// MPSNNLanczosScaleNode.
class MPSNN_API NNLanczosScaleNode final : public NodeOf<LanczosScaleOp, NNScaleNode> {
 public:
  NNLanczosScaleNode(ImageNodePtr source, const LanczosScaleOp& op);
  const char* class_name() const override { return "MPSNNLanczosScaleNode"; }
};

}  // namespace mpsnn
