// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSHANDLE_H
#define METALPERFORMANCESHADERS_MPSHANDLE_H

#import <Metal/Metal.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSHandle <NSSecureCoding, NSObject>
- (NSString * _Nullable)label;
@end

NS_ASSUME_NONNULL_END

#endif
