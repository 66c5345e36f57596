#pragma once

#include <memory>
#include <vector>

#include "mpsnn/asks_caller.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/placed_by_kernel.hpp"

namespace mpsnn {

/// MPSNNGramMatrixCallback: gives a Gram matrix its factor anew with every encode.
class MPSNN_API NNGramMatrixCallback {
 public:
  virtual ~NNGramMatrixCallback();
  /// Called once for each encode while it is recorded, on the thread that encodes, with the first image of the batch. What the
  /// graph makes has no contents yet.
  virtual float alpha_for_source_image(const ImagePtr& source_image, const ImagePtr& destination_image) = 0;
};

/// G[i][j] = alpha * sum over all pixels of x[i] * x[j], channels i and j.
struct MPSNN_API GramMatrixOp final : OpOf<GramMatrixOp>, AsksCaller, PlacedByKernel {
  static constexpr const char* kKernelName = "MPSNNGramMatrixCalculation";
  float alpha = 1;
  std::shared_ptr<NNGramMatrixCallback> property_call_back;
  template <class V>
  static void fields(V&& v) {
    v("alpha", &GramMatrixOp::alpha,
      "Factor of the matrix; 1 by default. Without influence where there is a property_call_back.");
  }
  Inferred infer(const InferRequest& request) const override;
  Inferred place(const PlaceRequest& request) const override { return infer(request.filter); }
  const char* asked_property() const override { return property_call_back ? "property_call_back" : nullptr; }
  std::size_t answer_count() const override { return 1; }
  bool is_asked_once() const override { return true; }
  void ask(const Question& question, std::span<double> answer) const override;
};

/// d[k] = alpha * sum over j of (g[k][j] + g[j][k]) * x[j]; where the forward filter has a callback, its answer is alpha.
struct MPSNN_API GramMatrixGradientOp final : OpOf<GramMatrixGradientOp> {
  static constexpr const char* kKernelName = "MPSNNGramMatrixCalculationGradient";
  float alpha = 1;
  template <class V>
  static void fields(V&& v) {
    v("alpha", &GramMatrixGradientOp::alpha,
      "Factor; that of the forward filter, if it made this one, else 1 by default. Without influence where the forward filter "
      "has a "
      "property_call_back.");
  }
  Inferred infer(const InferRequest& request) const override;
};

/// MPSNNGramMatrixCalculationNode: the products of the channels with each other, summed over the pixels.
class MPSNN_API NNGramMatrixCalculationNode final : public NodeOf<GramMatrixOp> {
 public:
  explicit NNGramMatrixCalculationNode(ImageNodePtr source, float alpha = 1);
  const char* class_name() const override { return "MPSNNGramMatrixCalculationNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSNNGramMatrixCalculationGradientNode.
class MPSNN_API NNGramMatrixCalculationGradientNode final : public NodeOf<GramMatrixGradientOp, NNGradientFilterNode> {
 public:
  NNGramMatrixCalculationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                      float alpha = 1);
  const char* class_name() const override { return "MPSNNGramMatrixCalculationGradientNode"; }
};

}  // namespace mpsnn
