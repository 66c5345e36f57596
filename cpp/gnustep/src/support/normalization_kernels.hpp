#pragma once

#include <memory>
#include <string>
#include <utility>

#import "support/data_sources.hpp"
#import "support/kernel_encode.hpp"

// What the kernels of batch, instance and group normalization share.

namespace mpsnn::gnustep {

/// For the deprecated `reloadDataSource:`.
template <class K>
void check_same_source(id object, SEL method, id data_source, const K &kernel) {
  if (data_source == client_data_source(kernel.data_source())) return;
  throw Unsupported(method_name(object, method) + ": a kernel keeps the data source that it was made with");
}

/// An epsilon that may have been set.
struct NormalizationAttributes {
  float epsilon = 0;
  void visit(AttributeVisitor &v) { v("epsilon", epsilon); }
};

}  // namespace mpsnn::gnustep

// In the @implementation of MPSCNN`Name` -----------------------------------------------------------------------------

#define MPSNN_NORMALIZATION(Name, State)                                                                                   \
  MPSNN_INHERITED_CODER_INITIALIZER                                                                                        \
  MPSNN_RESULT_STATE(State)                                                                                                \
  MPSNN_READONLY(float, epsilon, mpsnn::gnustep::as<mpsnn::CNN##Name>(self).epsilon())                                     \
  -(void)setEpsilon : (float)epsilon {                                                                                     \
    mpsnn::gnustep::guarded([&] { mpsnn::gnustep::as<mpsnn::CNN##Name>(self).set_epsilon(epsilon); });                     \
  }                                                                                                                        \
  MPSNN_READONLY(id<MPSCNN##Name##DataSource>, dataSource,                                                                 \
                 mpsnn::gnustep::client_data_source(mpsnn::gnustep::as<mpsnn::CNN##Name>(self).data_source()))             \
  -(void)reloadGammaAndBetaFromDataSource {                                                                                \
    mpsnn::gnustep::guarded([&] { mpsnn::gnustep::as<mpsnn::CNN##Name>(self).reload_gamma_and_beta_from_data_source(); }); \
  }                                                                                                                        \
  -(void)reloadGammaAndBetaWithCommandBuffer : (id<MTLCommandBuffer>)commandBuffer gammaAndBetaState                       \
      : (MPSCNNNormalizationGammaAndBetaState *)gammaAndBetaState {                                                        \
    mpsnn::gnustep::guarded([&] {                                                                                          \
      mpsnn::gnustep::as<mpsnn::CNN##Name>(self).reload_gamma_and_beta_with_command_buffer(                                \
          MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_BEHIND_AS(CNNNormalizationGammaAndBetaState, gammaAndBetaState));     \
    });                                                                                                                    \
  }
