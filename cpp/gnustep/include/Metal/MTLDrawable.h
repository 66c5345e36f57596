// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLDRAWABLE_H
#define METAL_MTLDRAWABLE_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDrawable;

typedef void (^MTLDrawablePresentedHandler)(id<MTLDrawable>);

@protocol MTLDrawable <NSObject>
@property (nonatomic, readonly) CFTimeInterval presentedTime;
@property (nonatomic, readonly) NSUInteger drawableID;
- (void)present;
- (void)presentAtTime:(CFTimeInterval)presentationTime;
- (void)presentAfterMinimumDuration:(CFTimeInterval)duration;
- (void)addPresentedHandler:(MTLDrawablePresentedHandler)block;
@end

NS_ASSUME_NONNULL_END

#endif
