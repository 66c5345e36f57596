#pragma once

#include <memory>

#include "metal/graph.hpp"
#include "metal/objc.hpp"
#include "nodes/normalization_parameters.hpp"

namespace mpsnn::metal {

/// The caller's data source for Apple's graph. It is found loaded the first time, by the checks above this engine; each `load`
/// after that reads and checks it again. Apple's graph gets the values that passed the checks, with numbers for missing arrays.
/// Filters that share a source share the object.
id<MPSCNNBatchNormalizationDataSource> batch_source_for(NativeGraph &graph,
                                                        const std::shared_ptr<BatchNormalizationParameters> &parameters);
id<MPSCNNInstanceNormalizationDataSource> instance_source_for(NativeGraph &graph,
                                                              const std::shared_ptr<ImageNormalizationParameters> &parameters);
id<MPSCNNGroupNormalizationDataSource> group_source_for(NativeGraph &graph,
                                                        const std::shared_ptr<ImageNormalizationParameters> &parameters);

}  // namespace mpsnn::metal
