// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLDEFINES_H
#define METAL_MTLDEFINES_H

#import <Foundation/Foundation.h>

#ifdef __cplusplus
#define MTL_EXTERN extern "C" __attribute__((visibility("default")))
#else
#define MTL_EXTERN extern __attribute__((visibility("default")))
#endif
#define MTL_DEPRECATED __attribute__((deprecated))
#define MTL_UNAVAILABLE __attribute__((unavailable))

// The versions of Apple's systems say nothing about this one.
#ifndef API_AVAILABLE
#define API_AVAILABLE(...)
#define API_UNAVAILABLE(...)
#define API_DEPRECATED(...)
#define API_DEPRECATED_WITH_REPLACEMENT(...)
#endif

#if !__has_include(<CoreFoundation/CFDate.h>)
typedef double CFTimeInterval;
#endif

#endif
