#pragma once

#include <map>
#include <memory>

#include "metal/graph.hpp"
#include "runtime/executable.hpp"

namespace mpsnn::metal {

/// A graph on Apple's framework.
class NativeExecutable final : public Executable {
 public:
  NativeExecutable(std::shared_ptr<NativeDevice> device, const GraphSource &source);
  const Program &program() const override { return graph_->program(); }
  EncodeResult encode(const EncodeRequest &request) override;
  void reload_from_data_sources() override;
  void read_parameters(const std::function<void()> &read) override;
  void use_restored_parameters() override;
  std::uint64_t encode_count() const override { return encode_count_; }
  /// Apple's graphs count for themselves, from 0.
  void set_encode_count(std::uint64_t count) override { encode_count_ = count; }

 private:
  const std::shared_ptr<NativeDevice> device_;
  const std::shared_ptr<NativeGraph> graph_;
  std::uint64_t encode_count_ = 0;
};

}  // namespace mpsnn::metal
