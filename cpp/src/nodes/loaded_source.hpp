#pragma once

#include <memory>
#include <string>
#include <utility>

#include "mpsnn/data_source.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

/// A data source between `load` and `purge`: every load has its purge, also when reading fails.
class LoadedSource {
 public:
  /// `node` is put in front of messages.
  LoadedSource(std::shared_ptr<DataSource> source, const std::string& node) : source_(std::move(source)) {
    if (!source_->load()) throw InvalidArgument(node + ": the data source's load returned false");
  }
  ~LoadedSource() {
    if (!source_) return;
    try {
      source_->purge();
    } catch (...) {  // the failure that brought us here is the one to report
    }
  }
  LoadedSource(const LoadedSource&) = delete;
  LoadedSource& operator=(const LoadedSource&) = delete;
  void purge() { std::exchange(source_, nullptr)->purge(); }

 private:
  std::shared_ptr<DataSource> source_;
};

}  // namespace mpsnn
