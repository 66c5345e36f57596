#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/export.hpp"
#include "mpsnn/kernel.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class NNPadding;
class State;
struct Op;
struct StateObjectRequest;

/// One image of a batch.
struct ImageShape {
  std::size_t height = 0, width = 0, channels = 0;
  bool operator==(const ImageShape&) const = default;
  std::size_t count() const { return height * width * channels; }
};
MPSNN_API std::string to_string(const ImageShape& shape);

/// Where a filter's windows lie. `offset` is the centre of the first window in source pixels.
struct Geometry {
  std::ptrdiff_t offset_x = 0, offset_y = 0;
  std::ptrdiff_t kernel_offset_x = 0, kernel_offset_y = 0;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;
  std::size_t zero_pad_x = 0, zero_pad_y = 0;
  bool operator==(const Geometry&) const = default;
};

/// A forward step as its gradient step sees it.
struct ForwardStep {
  const Op* op = nullptr;
  std::vector<ImageShape> sources;
  ImageShape result;
  Geometry geometry;
};

struct InferRequest {
  std::span<const ImageShape> sources;
  NNPaddingMethod padding = NNPaddingMethod::SizeSame;
  const ForwardStep* forward = nullptr;  ///< of the source gradient state; null without one
  std::string node;                      ///< for messages
};
struct Inferred {
  ImageShape result;
  Geometry geometry;
};

/// A block of numbers that a step leaves for others besides its image: masks, statistics, parameter gradients.
struct StateDescriptor {
  std::string name;
  DataType data_type = DataType::Float32;
  std::size_t count = 0;
  bool per_image = false;  ///< `count` elements for each image of the batch
  bool is_read = true;     ///< false: nobody looks at it, and a kernel need not compute it
};
struct StateRequest {
  std::span<const ImageShape> sources;
  ImageShape result;
  const ForwardStep* forward = nullptr;
};

/// Receives every attribute of an op, by name: text dumps, saved graphs, the catalogue.
class MPSNN_API AttributeVisitor {
 public:
  virtual ~AttributeVisitor();
  virtual void boolean(const char* name, bool& value) = 0;
  virtual void integer(const char* name, std::int64_t& value) = 0;
  virtual void number(const char* name, double& value) = 0;
  virtual void numbers(const char* name, std::vector<float>& value) = 0;
  virtual void text(const char* name, std::string& value) = 0;

  void operator()(const char* name, bool& value) { boolean(name, value); }
  void operator()(const char* name, std::string& value) { text(name, value); }
  void operator()(const char* name, std::vector<float>& value) { numbers(name, value); }
  void operator()(const char* name, mtl::Size& value);
  template <class T>
  requires std::is_floating_point_v<T>
  void operator()(const char* name, T& value) {
    double v = value;
    number(name, v);
    value = T(v);
  }
  template <class T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) || std::is_enum_v<T> void operator()(const char* name, T& value) {
    auto v = std::int64_t(value);
    integer(name, v);
    value = T(v);
  }
};

/// The attributes of one step, with shape inference. Its C++ type is its identity. Immutable once in a graph.
struct MPSNN_API Op {
  virtual ~Op();
  /// Apple's kernel class.
  virtual const char* kernel_name() const = 0;
  virtual void visit(AttributeVisitor& visitor) = 0;
  virtual Window window() const { return {}; }
  /// Whether a padding policy of the caller's may choose the result's size and the place of the windows.
  virtual bool is_placed_by_policy() const { return false; }
  /// The channels of the result; of source 0 by default.
  virtual std::size_t result_channels(std::span<const ImageShape> sources) const { return sources[0].channels; }
  /// Result shape and window placement under a padding method; the default applies the method to `window()`.
  virtual Inferred infer(const InferRequest& request) const;
  /// What the step writes besides its image, when somebody wants it.
  virtual std::vector<StateDescriptor> states(const StateRequest&) const { return {}; }
};

/// Ops whose result state is more than a plain gradient state implement this beside `Op`.
struct MPSNN_API MakesState {
  virtual ~MakesState();
  virtual std::shared_ptr<State> make_state(const StateObjectRequest& request) const = 0;
  /// One state for all images of a batch.
  virtual bool is_state_shared_across_batch() const = 0;
};

/// What a language binding offers for an attribute.
enum class Access {
  ReadOnly,   ///< the default
  ReadWrite,  ///< may be set on the node until a graph is made from it
  Internal,   ///< not a property of the node: only dumps and saved graphs see it
};

/// Ties an op to its one list of attributes, `fields`: v(name, &Derived::member, "Sentence."), with an `Access` as the
/// fourth argument where the attribute is not read-only.
template <class Derived, class Base = Op>
struct OpOf : Base {
  const char* kernel_name() const override { return Derived::kKernelName; }
  void visit(AttributeVisitor& visitor) override {
    Derived::fields(
        [&](const char* name, auto member, const char*, auto...) { visitor(name, static_cast<Derived&>(*this).*member); });
  }
};

/// Ops of loss filters implement this beside `Op`: their labels come from the caller with every encode.
struct MPSNN_API TakesLabels {
  virtual ~TakesLabels();
  /// Throws ShapeError, with `node` in front, where the caller's images do not fit a source of this shape.
  virtual void check_labels(const ImageShape& source, const ImageShape& labels, const ImageShape& loss,
                            const std::string& node) const = 0;
};

/// The gradient of a filter with respect to source `Index`: result shape and geometry are the forward step's.
MPSNN_API Inferred infer_gradient(const InferRequest& request, std::size_t forward_source = 0);

}  // namespace mpsnn
