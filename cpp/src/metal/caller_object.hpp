#pragma once

#include "metal/objc.hpp"

/// Stands for an object of the caller's C++ in Apple's graph. Graphs are copied and saved above this engine: it is its own copy,
/// and in no archive.
@interface MPNCallerObject : NSObject <NSCopying, NSSecureCoding>
- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device;
@end
