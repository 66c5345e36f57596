// Written by generate_headers.py from tests/data/api_surface.json.
#ifndef METALPERFORMANCESHADERS_MPSHANDLE_H
#define METALPERFORMANCESHADERS_MPSHANDLE_H

#import <Metal/Metal.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSHandle <NSSecureCoding, NSObject>
- (NSString * _Nullable)label;
@end

NS_ASSUME_NONNULL_END

#endif
