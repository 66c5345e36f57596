// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLEVENT_H
#define METAL_MTLEVENT_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;
@class MTLSharedEventHandle;

@protocol MTLEvent <NSObject>
@property (nonatomic, readonly, nullable) id<MTLDevice> device;
@property (nonatomic, copy, nullable) NSString *label;
@end

@protocol MTLSharedEvent <MTLEvent>
@property (nonatomic) uint64_t signaledValue;
- (MTLSharedEventHandle *)newSharedEventHandle;
- (BOOL)waitUntilSignaledValue:(uint64_t)value timeoutMS:(uint64_t)milliseconds;
@end

@interface MTLSharedEventHandle : NSObject <NSSecureCoding> {
 @public
  void *_impl;
}
@property (nonatomic, readonly, nullable) NSString *label;
@end

NS_ASSUME_NONNULL_END

#endif
