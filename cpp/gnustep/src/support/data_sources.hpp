#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <memory>

#include "mpsnn/data_source.hpp"

namespace mpsnn::gnustep {

/// Clients' data sources as those of C++: every method is forwarded, optional ones where the object responds to them. Null is
/// nil.
std::shared_ptr<CNNConvolutionDataSource> data_source_of(id<MPSCNNConvolutionDataSource> source);
std::shared_ptr<CNNBatchNormalizationDataSource> data_source_of(id<MPSCNNBatchNormalizationDataSource> source);
std::shared_ptr<CNNInstanceNormalizationDataSource> data_source_of(id<MPSCNNInstanceNormalizationDataSource> source);
std::shared_ptr<CNNGroupNormalizationDataSource> data_source_of(id<MPSCNNGroupNormalizationDataSource> source);

/// The client's object behind a data source; nil where it is the library's own.
id client_data_source(const std::shared_ptr<DataSource> &source);

}  // namespace mpsnn::gnustep
