#pragma once

#include <cstddef>
#include <string>

#include "mpsnn/nodes/normalization.hpp"

// The steps that only kernels made by hand take one by one.

namespace mpsnn {

/// What both have: they add to what the state holds.
struct BatchNormalizationSumsOp : Op {
  bool is_first = true;
  template <class V>
  static void fields(V&& v) {
    v("is_first", &BatchNormalizationSumsOp::is_first, "Whether what the state holds is dropped.");
  }
};

/// Writes the blocks of BatchNormalizationOp; there is no image.
struct BatchNormalizationStatisticsOp final : OpOf<BatchNormalizationStatisticsOp, BatchNormalizationSumsOp> {
  static constexpr const char* kKernelName = "MPSCNNBatchNormalizationStatistics";
  static constexpr std::size_t kSourceCount = 1;
  void check(const std::string&) const {}
};

/// Writes the blocks of BatchNormalizationGradientOp; there is no image.
struct BatchNormalizationStatisticsGradientOp final : OpOf<BatchNormalizationStatisticsGradientOp, BatchNormalizationSumsOp> {
  static constexpr const char* kKernelName = "MPSCNNBatchNormalizationStatisticsGradient";
  Inferred infer(const InferRequest& request) const override;
};

}  // namespace mpsnn
