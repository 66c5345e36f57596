// Written by generate_headers.py from tests/data/api_surface.json.
#ifndef METAL_MTLGPUADDRESS_H
#define METAL_MTLGPUADDRESS_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

typedef uint64_t MTLGPUAddress;

NS_ASSUME_NONNULL_END

#endif
