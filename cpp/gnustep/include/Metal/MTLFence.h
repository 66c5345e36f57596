// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLFENCE_H
#define METAL_MTLFENCE_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;

@protocol MTLFence <NSObject>
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, copy, nullable) NSString *label;
@end

NS_ASSUME_NONNULL_END

#endif
