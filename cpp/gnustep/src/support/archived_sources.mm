#import "support/archived_sources.hpp"

#include <utility>
#include <vector>

#include "graph/saved_source.hpp"
#include "mpsnn/nodes/convolution.hpp"
#import "support/arguments.hpp"
#import "support/property_lists.hpp"

namespace mpsnn::gnustep {

namespace {

NSString *const kClient = @"MPSKernel.dataSource";
NSString *const kValues = @"MPSKernel.values";

/// Weights that an archive leaves out.
class OmittedWeights final : public CNNConvolutionDataSource {
 public:
  OmittedWeights(std::shared_ptr<CNNConvolutionDataSource> described, std::string name)
      : described_(std::move(described)), name_(std::move(name)) {
    std::size_t count = 1;
    for (const std::size_t extent : described_->descriptor()->weights_shape()) count *= extent;
    zeros_.resize(count);
  }
  bool load() override {
    if (std::exchange(was_loaded_, true)) {
      throw InvalidArgument(name_ + ": the archive has neither a data source nor weights; reload them with a state");
    }
    return true;
  }
  void purge() override {}
  std::string label() const override { return described_->label(); }
  std::shared_ptr<DataSource> copy() const override { return std::make_shared<OmittedWeights>(described_, name_); }
  std::shared_ptr<CNNConvolutionDescriptor> descriptor() override { return described_->descriptor(); }
  DataType data_type() override { return DataType::Float32; }
  std::span<const std::byte> weights() override { return std::as_bytes(std::span(zeros_)); }
  std::span<const float> bias_terms() override { return {}; }
  DataType kernel_weights_data_type() override { return described_->kernel_weights_data_type(); }

 private:
  std::shared_ptr<CNNConvolutionDataSource> described_;
  std::string name_;
  std::vector<float> zeros_;
  bool was_loaded_ = false;  // by the kernel that is made with it
};

bool is_archived(id client) { return adopts(client, @"NSSecureCoding") && [[client class] supportsSecureCoding]; }

}  // namespace

void save_source(NSCoder *coder, const std::shared_ptr<DataSource> &source, const std::function<SavedSource()> &values) {
  id client = client_data_source(source);
  if (is_archived(client)) {
    [coder encodeObject:client forKey:kClient];
  } else {
    [coder encodeObject:property_list_of(values()) forKey:kValues];
  }
}

id archived_client(NSCoder *coder) { return [coder decodeObjectForKey:kClient]; }

std::shared_ptr<DataSource> source_of_values(NSCoder *coder, const char *name) {
  const auto saved = saved_of<SavedSource>([coder decodeObjectForKey:kValues]);
  auto source = restore_source(saved, name, true);
  const auto convolution = std::dynamic_pointer_cast<CNNConvolutionDataSource>(source);
  if (convolution && saved.arrays.empty()) return std::make_shared<OmittedWeights>(convolution, name);
  return source;
}

}  // namespace mpsnn::gnustep
