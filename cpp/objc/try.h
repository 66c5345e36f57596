#pragma once

#import <Foundation/Foundation.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Runs `work`; returns the exception of Objective-C that left it, or nil. One of C++ goes on to the caller.
__attribute__((visibility("hidden"))) NSException *mpsnn_try(void (^work)(void));

#ifdef __cplusplus
}
#endif
