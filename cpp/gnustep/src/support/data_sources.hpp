#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <memory>

#include "mpsnn/data_source.hpp"

namespace mpsnn::gnustep {

/// A client's data source as one of C++: every method is forwarded, optional ones where the object responds to them. Null is nil.
template <class Source>
std::shared_ptr<Source> client_source(id source);
template <>
std::shared_ptr<CNNConvolutionDataSource> client_source(id source);
template <>
std::shared_ptr<CNNBatchNormalizationDataSource> client_source(id source);
template <>
std::shared_ptr<CNNInstanceNormalizationDataSource> client_source(id source);
template <>
std::shared_ptr<CNNGroupNormalizationDataSource> client_source(id source);

/// The same, by the protocol.
inline auto data_source_of(id<MPSCNNConvolutionDataSource> source) { return client_source<CNNConvolutionDataSource>(source); }
inline auto data_source_of(id<MPSCNNBatchNormalizationDataSource> source) {
  return client_source<CNNBatchNormalizationDataSource>(source);
}
inline auto data_source_of(id<MPSCNNInstanceNormalizationDataSource> source) {
  return client_source<CNNInstanceNormalizationDataSource>(source);
}
inline auto data_source_of(id<MPSCNNGroupNormalizationDataSource> source) {
  return client_source<CNNGroupNormalizationDataSource>(source);
}

/// The client's object behind a data source; nil where it is the library's own.
id client_data_source(const std::shared_ptr<DataSource> &source);

}  // namespace mpsnn::gnustep
