#pragma once

#import <MetalPerformanceShaders/MPSCNNKernel.h>

#include <memory>

#include "mpsnn/kernel.hpp"

/// The filter that a padding policy of the client's sees: has what only some classes of kernels have on Apple's systems, so that
/// it answers where the policy sends it a message of theirs.
@interface MPSCNNPolicyKernel : MPSCNNKernel
@property(nonatomic) NSInteger kernelOffsetX;
@property(nonatomic) NSInteger kernelOffsetY;
@property(nonatomic) NSUInteger zeroPadSizeX;
@property(nonatomic) NSUInteger zeroPadSizeY;
@end

namespace mpsnn::gnustep {

MPSCNNPolicyKernel *policy_kernel(const std::shared_ptr<CNNKernel> &kernel);

}  // namespace mpsnn::gnustep
