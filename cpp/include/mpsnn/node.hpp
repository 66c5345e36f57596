#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mpsnn/image.hpp"
#include "mpsnn/op.hpp"
#include "mpsnn/padding.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class NNFilterNode;
class NNGradientFilterNode;
class NNImageNode;
class NNStateNode;
struct Lowered;
struct LowerRequest;
using ImageNodePtr = std::shared_ptr<NNImageNode>;
using StateNodePtr = std::shared_ptr<NNStateNode>;
using FilterNodePtr = std::shared_ptr<NNFilterNode>;
using GradientFilterNodePtr = std::shared_ptr<NNGradientFilterNode>;

/// MPSHandle: a caller's object that names an image or a state. Compared by identity.
class MPSNN_API Handle {
 public:
  virtual ~Handle();
  virtual std::string label() const { return {}; }
};

/// MPSNNImageNode: the place of an image in a graph.
class MPSNN_API NNImageNode {
 public:
  explicit NNImageNode(std::shared_ptr<Handle> handle = nullptr) : handle(std::move(handle)) {}
  static ImageNodePtr exported_node(std::shared_ptr<Handle> handle);
  NNImageNode(const NNImageNode&) = delete;
  NNImageNode& operator=(const NNImageNode&) = delete;

  std::shared_ptr<Handle> handle;
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::None;
  std::shared_ptr<ImageAllocator> image_allocator = TemporaryImage::default_allocator();
  bool export_from_graph = false;
  bool synchronize_resource = false;
  bool stop_gradient = false;

  /// The filter that makes this image; null for an input of the graph.
  NNFilterNode* producer() const { return producer_; }

 private:
  friend class NNFilterNode;
  NNFilterNode* producer_ = nullptr;
};

/// MPSNNStateNode: the place of a state in a graph.
class MPSNN_API NNStateNode {
 public:
  virtual ~NNStateNode();
  NNStateNode(const NNStateNode&) = delete;
  NNStateNode& operator=(const NNStateNode&) = delete;
  virtual const char* class_name() const { return "MPSNNStateNode"; }
  std::shared_ptr<Handle> handle;
  bool export_from_graph = false;
  bool synchronize_resource = false;
  NNFilterNode* producer() const { return producer_; }

 protected:
  NNStateNode() = default;

 private:
  friend class NNFilterNode;
  NNFilterNode* producer_ = nullptr;
};
class MPSNN_API NNGradientStateNode : public NNStateNode {
 public:
  const char* class_name() const override { return "MPSNNGradientStateNode"; }
};
class MPSNN_API NNBinaryGradientStateNode : public NNStateNode {
 public:
  const char* class_name() const override { return "MPSNNBinaryGradientStateNode"; }
};
class MPSNN_API NNMultiaryGradientStateNode : public NNStateNode {
 public:
  const char* class_name() const override { return "MPSNNMultiaryGradientStateNode"; }
};

/// (gradient node, inference node or null, inference source, gradient source).
using GradientNodeBlock =
    std::function<void(const FilterNodePtr&, const FilterNodePtr&, const ImageNodePtr&, const ImageNodePtr&)>;

/// MPSNNFilterNode: one step of a network. Owns its result nodes.
class MPSNN_API NNFilterNode : public std::enable_shared_from_this<NNFilterNode> {
 public:
  virtual ~NNFilterNode();
  NNFilterNode(const NNFilterNode&) = delete;
  NNFilterNode& operator=(const NNFilterNode&) = delete;

  /// Apple's name of the class.
  virtual const char* class_name() const = 0;
  /// `MPSCNNPoolingMaxNode "pool1"`: how messages name this node.
  std::string description() const;

  ImageNodePtr result_image();
  StateNodePtr result_state();
  std::vector<StateNodePtr> result_states();
  const std::shared_ptr<NNPadding>& padding_policy() const { return padding_policy_; }
  void set_padding_policy(std::shared_ptr<NNPadding> policy);
  std::string label;

  const std::vector<ImageNodePtr>& source_images() const { return sources_; }
  const std::vector<StateNodePtr>& source_states() const { return source_states_; }

  GradientFilterNodePtr gradient_filter_with_source(const ImageNodePtr& gradient_image);
  GradientFilterNodePtr gradient_filter_with_sources(const std::vector<ImageNodePtr>& gradient_images);
  std::vector<GradientFilterNodePtr> gradient_filters_with_source(const ImageNodePtr& gradient_image);
  std::vector<GradientFilterNodePtr> gradient_filters_with_sources(const std::vector<ImageNodePtr>& gradient_images);
  /// The gradient part of the network that ends here; the filters whose results end it, one per image.
  std::vector<FilterNodePtr> training_graph_with_source_gradient(const ImageNodePtr& source_gradient = nullptr,
                                                                 const GradientNodeBlock& node_handler = {});

  /// The attributes as they are now; what a graph keeps.
  virtual std::shared_ptr<const Op> op() const = 0;
  /// The op made ready for a graph: data sources read, parameters loaded. The default has none.
  virtual Lowered lower(const LowerRequest& request) const;
  /// True where the result already is a gradient with respect to the source (loss nodes).
  virtual bool starts_gradient() const { return false; }
  /// True where the filter must run although nobody reads its result.
  virtual bool has_side_effect() const { return false; }
  /// Whether the data source is to be updated by this (gradient) filter.
  virtual bool updates_parameters() const { return false; }

 protected:
  NNFilterNode(std::vector<ImageNodePtr> sources, std::vector<StateNodePtr> source_states);
  /// Makes the filter's result state; called at most once, by constructors.
  void own_result_state(std::unique_ptr<NNStateNode> state);
  /// The gradient filters for each differentiable source, in source order; throws GraphError where there are none.
  virtual std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image);
  /// An InvalidArgument with this node's name in front.
  [[noreturn]] void refuse(const std::string& what) const;

 private:
  std::vector<ImageNodePtr> sources_;
  std::vector<StateNodePtr> source_states_;
  NNImageNode result_;
  std::unique_ptr<NNStateNode> result_state_;
  std::shared_ptr<NNPadding> padding_policy_;
};

/// MPSNNGradientFilterNode: sources are the incoming gradient and the forward source image.
class MPSNN_API NNGradientFilterNode : public NNFilterNode {
 protected:
  NNGradientFilterNode(std::vector<ImageNodePtr> sources, StateNodePtr gradient_state);
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSNNTrainableNode: filters with parameters.
class MPSNN_API NNTrainableNode {
 public:
  virtual ~NNTrainableNode();
  NNTrainingStyle training_style = NNTrainingStyle::UpdateDeviceGPU;
};

/// A filter node whose attributes are an op: `OpType` names it, `Base` is the node class above it.
template <class OpType, class Base = NNFilterNode>
class NodeOf : public Base {
 public:
  using Attributes = OpType;
  std::shared_ptr<const Op> op() const override { return std::make_shared<OpType>(attributes); }
  OpType attributes;

 protected:
  template <class... Args>
  explicit NodeOf(OpType op, Args&&... args) : Base(std::forward<Args>(args)...), attributes(std::move(op)) {}
};

}  // namespace mpsnn
