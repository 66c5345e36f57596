// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLALLOCATION_H
#define METAL_MTLALLOCATION_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLAllocation <NSObject>
@property (nonatomic, readonly) NSUInteger allocatedSize;
@end

NS_ASSUME_NONNULL_END

#endif
