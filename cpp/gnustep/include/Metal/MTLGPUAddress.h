// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLGPUADDRESS_H
#define METAL_MTLGPUADDRESS_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

typedef uint64_t MTLGPUAddress;

NS_ASSUME_NONNULL_END

#endif
