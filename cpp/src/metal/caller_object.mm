#include "metal/caller_object.hpp"

@implementation MPNCallerObject
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  (void)zone;
  (void)device;
  return [self retain];
}
+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  (void)coder;
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  (void)coder;
  [self release];
  return nil;
}
@end
