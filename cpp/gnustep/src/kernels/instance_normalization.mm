#import <MetalPerformanceShaders/MPSCNNGroupNormalization.h>
#import <MetalPerformanceShaders/MPSCNNInstanceNormalization.h>

#include "mpsnn/kernels/instance_normalization.hpp"
#import "support/normalization_kernels.hpp"

using namespace mpsnn::gnustep;

namespace {

template <class K>
KernelClass forward_class(const char *name) {
  return remade_from_source<K>(
      name, [](const K &kernel) { return NormalizationAttributes{kernel.epsilon()}; },
      [](const DevicePtr &device, const auto &data_source, const NormalizationAttributes &attributes) {
        const auto kernel = std::make_shared<K>(device, data_source);
        kernel->set_epsilon(attributes.epsilon);
        return kernel;
      });
}

template <class K>
KernelClass gradient_class(const char *name) {
  return plain<K>(
      name, [](const K &) { return NoAttributes(); },
      [](const DevicePtr &device, const NoAttributes &) { return std::make_shared<K>(device); });
}

}  // namespace

#define REGISTER(Name)                                                                                   \
  MPSNN_REGISTER_KERNEL(mpsnn::CNN##Name, MPSCNN##Name, forward_class<mpsnn::CNN##Name>("MPSCNN" #Name)) \
  MPSNN_REGISTER_KERNEL(mpsnn::CNN##Name##Gradient, MPSCNN##Name##Gradient,                              \
                        gradient_class<mpsnn::CNN##Name##Gradient>("MPSCNN" #Name "Gradient"))
REGISTER(InstanceNormalization)
REGISTER(GroupNormalization)

#define INITIALIZER(Name)                                                                                                     \
  -(instancetype)initWithDevice : (id<MTLDevice>)device dataSource : (id<MPSCNN##Name##DataSource>)dataSource {               \
    return made_kernel_or_nil(self, _cmd, [&] {                                                                               \
      return std::make_shared<mpsnn::CNN##Name>(device_of(MPSNN_REQUIRE(device)), data_source_of(MPSNN_REQUIRE(dataSource))); \
    });                                                                                                                       \
  }

@implementation MPSCNNInstanceNormalization

INITIALIZER(InstanceNormalization)
MPSNN_NORMALIZATION(InstanceNormalization, MPSCNNInstanceNormalizationGradientState)

- (void)reloadDataSource:(id<MPSCNNInstanceNormalizationDataSource>)dataSource {
  guarded([&] { check_same_source(self, _cmd, dataSource, as<mpsnn::CNNInstanceNormalization>(self)); });
  [self reloadGammaAndBetaFromDataSource];
}

@end

@implementation MPSCNNGroupNormalization
INITIALIZER(GroupNormalization)
MPSNN_NORMALIZATION(GroupNormalization, MPSCNNGroupNormalizationGradientState)
@end

@implementation MPSCNNInstanceNormalizationGradient
@end

@implementation MPSCNNGroupNormalizationGradient
@end
