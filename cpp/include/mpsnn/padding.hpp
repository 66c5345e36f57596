#pragma once

#include <memory>
#include <string>

#include "mpsnn/image.hpp"
#include "mpsnn/kernel.hpp"
#include "mpsnn/state.hpp"

namespace mpsnn {

/// MPSNNPadding: the rule for a filter's result size and window placement.
class MPSNN_API NNPadding {
 public:
  virtual ~NNPadding();
  virtual NNPaddingMethod padding_method() const = 0;
  virtual std::string label() const;
  /// Called when the method has the Custom bit. Returns the descriptor to use; may set the kernel's properties.
  virtual ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch& source_images,
                                                                         const StateBatch& source_states, CNNKernel& kernel,
                                                                         const ImageDescriptor& suggested_descriptor);
  /// The policy of the gradient pass; null when there is none.
  virtual std::shared_ptr<NNPadding> inverse() const { return nullptr; }
};

/// MPSNNDefaultPadding: the ready-made policies.
class MPSNN_API NNDefaultPadding final : public NNPadding {
 public:
  static std::shared_ptr<NNDefaultPadding> padding_with_method(NNPaddingMethod method);
  static std::shared_ptr<NNDefaultPadding> padding_for_tensorflow_average_pooling();
  static std::shared_ptr<NNDefaultPadding> padding_for_tensorflow_average_pooling_valid_only();
  NNPaddingMethod padding_method() const override { return method_; }
  std::string label() const override;
  ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch& source_images, const StateBatch& source_states,
                                                                 CNNKernel& kernel,
                                                                 const ImageDescriptor& suggested_descriptor) override;
  std::shared_ptr<NNPadding> inverse() const override;

 private:
  explicit NNDefaultPadding(NNPaddingMethod method) : method_(method) {}
  NNPaddingMethod method_;
};

/// Result of the padding arithmetic along one axis.
struct AxisPlacement {
  std::ptrdiff_t size = 0;    ///< result extent
  std::ptrdiff_t offset = 0;  ///< forward: centre of the first window in source pixels; backwards: the kernel offset
  std::ptrdiff_t left = 0;    ///< padding before the first source pixel, negative when pixels are skipped
};
/// `extent` is the dilated kernel extent. Formulae: MPSNNPadding's documented helper, with C integer division.
MPSNN_API AxisPlacement place_window(std::size_t source, std::size_t extent, std::size_t stride, bool is_backwards,
                                     NNPaddingMethod method, bool is_vertical);

}  // namespace mpsnn
