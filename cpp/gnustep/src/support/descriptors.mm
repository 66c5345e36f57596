#import "support/descriptors.hpp"

namespace mpsnn::gnustep {

std::vector<float> floats_of(NSData *data) {
  if ([data length] % sizeof(float) != 0) {
    throw InvalidArgument("packed float32 numbers were expected, got " + std::to_string([data length]) + " bytes");
  }
  const auto *values = static_cast<const float *>([data bytes]);
  return std::vector<float>(values, values + [data length] / sizeof(float));
}

NSData *data_of(const std::vector<float> &values) {
  return values.empty() ? nil : [NSData dataWithBytes:values.data() length:values.size() * sizeof(float)];
}

}  // namespace mpsnn::gnustep
