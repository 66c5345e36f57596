#import "try.h"

// In Objective-C proper, so that its handler is Objective-C's on every runtime; see personality.cpp.
NSException *mpsnn_try(void (^work)(void)) {
  @try {
    work();
  } @catch (NSException *exception) {
    return [[exception retain] autorelease];
  }
  return nil;
}
