// Optimizers, against numbers computed by hand.
#import "check.h"

static id<MTLDevice> device;
static id<MTLCommandQueue> queue;

static const double kTolerance = 2e-6;

static MPSVector *Vector(const float *values, NSUInteger count) {
  MPSVectorDescriptor *descriptor = [MPSVectorDescriptor vectorDescriptorWithLength:count dataType:MPSDataTypeFloat32];
  id<MTLBuffer> buffer = [[device newBufferWithBytes:values length:count * sizeof(float)
                                             options:MTLResourceStorageModeShared] autorelease];
  return [[[MPSVector alloc] initWithBuffer:buffer descriptor:descriptor] autorelease];
}

static MPSVector *Number(float value) { return Vector(&value, 1); }

static float *Values(MPSVector *vector) { return (float *)((char *)[vector.data contents] + vector.offset); }

/// Encodes with `encode`, commits and waits.
static void Run(void (^encode)(id<MTLCommandBuffer> commandBuffer)) {
  @autoreleasepool {
    id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
    encode(commandBuffer);
    [commandBuffer commit];
    [commandBuffer waitUntilCompleted];
    CHECK(commandBuffer.error == nil);
  }
}

static void TestVectors(void) {
  MPSVectorDescriptor *descriptor = [MPSVectorDescriptor vectorDescriptorWithLength:3
                                                                            vectors:2
                                                                        vectorBytes:16
                                                                           dataType:MPSDataTypeFloat32];
  CHECK(descriptor.length == 3 && descriptor.vectors == 2 && descriptor.vectorBytes == 16);
  CHECK([MPSVectorDescriptor vectorBytesForLength:3 dataType:MPSDataTypeFloat16] >= 6);
  id<MTLBuffer> buffer = [[device newBufferWithLength:64 options:MTLResourceStorageModeShared] autorelease];
  MPSVector *vector = [[[MPSVector alloc] initWithBuffer:buffer offset:16 descriptor:descriptor] autorelease];
  CHECK(vector.data == buffer);
  CHECK(vector.device == device);
  CHECK(vector.offset == 16 && vector.length == 3 && vector.vectors == 2 && vector.dataType == MPSDataTypeFloat32);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSVector",
               [[[MPSVector alloc] initWithBuffer:buffer offset:48 descriptor:descriptor] autorelease]);
  CHECK_RAISES(NSInvalidArgumentException, @"descriptor",
               [[[MPSVector alloc] initWithBuffer:buffer descriptor:nothing] autorelease]);

  MPSVector *own = [[[MPSVector alloc] initWithDevice:device descriptor:descriptor] autorelease];
  CHECK(((float *)[own.data contents])[0] == 0);

  MPSMatrixDescriptor *rows = [MPSMatrixDescriptor matrixDescriptorWithRows:2 columns:3 rowBytes:16 dataType:MPSDataTypeFloat32];
  MPSMatrix *matrix = [[[MPSMatrix alloc] initWithBuffer:buffer descriptor:rows] autorelease];
  CHECK(matrix.rows == 2 && matrix.columns == 3 && matrix.matrices == 1 && matrix.rowBytes == 16 && matrix.matrixBytes == 32);
}

static void TestDescriptor(void) {
  MPSNNOptimizerDescriptor *descriptor = [MPSNNOptimizerDescriptor optimizerDescriptorWithLearningRate:0.5f
                                                                                       gradientRescale:2
                                                                                    regularizationType:MPSNNRegularizationTypeL1
                                                                                   regularizationScale:0.25f];
  CHECK(descriptor.learningRate == 0.5f && descriptor.gradientRescale == 2 && !descriptor.applyGradientClipping);
  CHECK(descriptor.regularizationType == MPSNNRegularizationTypeL1 && descriptor.regularizationScale == 0.25f);
  MPSNNOptimizerAdam *adam = [[[MPSNNOptimizerAdam alloc] initWithDevice:device learningRate:0.25f] autorelease];
  CHECK(adam.learningRate == 0.25f && adam.beta1 == 0.9 && adam.beta2 == 0.999 && adam.epsilon == 1e-8f && adam.timeStep == 0);
  CHECK(adam.gradientRescale == 1 && !adam.applyGradientClipping && adam.regularizationType == MPSNNRegularizationTypeNone);
  [adam setLearningRate:0.125f];
  adam.applyGradientClipping = YES;
  CHECK(adam.learningRate == 0.125f && adam.applyGradientClipping);
  MPSNNOptimizerRMSProp *rmsProp = [[[MPSNNOptimizerRMSProp alloc] initWithDevice:device learningRate:0.25f] autorelease];
  CHECK(rmsProp.decay == 0.9 && rmsProp.epsilon == 1e-8f);
}

static void TestDescent(void) {
  MPSNNOptimizerStochasticGradientDescent *optimizer =
      [[[MPSNNOptimizerStochasticGradientDescent alloc] initWithDevice:device learningRate:0.1f] autorelease];
  const float start[] = {1, -2, 0}, slopes[] = {0.5f, -1, 0};
  MPSVector *values = Vector(start, 3), *gradient = Vector(slopes, 3);
  Run(^(id<MTLCommandBuffer> commandBuffer) {
    [optimizer encodeToCommandBuffer:commandBuffer
                 inputGradientVector:gradient
                   inputValuesVector:values
                 inputMomentumVector:nil
                  resultValuesVector:values];
  });
  CHECK_NEAR(Values(values)[0], 0.95, kTolerance);
  CHECK_NEAR(Values(values)[1], -1.9, kTolerance);
  CHECK_NEAR(Values(values)[2], 0, 0);
}

static void TestMomentum(void) {
  MPSNNOptimizerDescriptor *descriptor = [MPSNNOptimizerDescriptor optimizerDescriptorWithLearningRate:0.1f
                                                                                       gradientRescale:1
                                                                                    regularizationType:MPSNNRegularizationTypeNone
                                                                                   regularizationScale:0];
  const double classic[] = {0.95, 0.855}, nesterov[] = {0.905, 0.7695};
  for (int isNesterov = 0; isNesterov < 2; ++isNesterov) {
    MPSNNOptimizerStochasticGradientDescent *optimizer =
        [[[MPSNNOptimizerStochasticGradientDescent alloc] initWithDevice:device
                                                           momentumScale:0.9f
                                                     useNesterovMomentum:(BOOL)isNesterov
                                                     optimizerDescriptor:descriptor] autorelease];
    CHECK(optimizer.momentumScale == 0.9f && optimizer.useNesterovMomentum == isNesterov);
    MPSVector *values = Number(1), *gradient = Number(0.5f), *momentum = Number(0), *result = Number(0);
    for (int step = 0; step < 2; ++step) {
      Run(^(id<MTLCommandBuffer> commandBuffer) {
        [optimizer encodeToCommandBuffer:commandBuffer
                     inputGradientVector:gradient
                       inputValuesVector:step == 0 ? values : result
                     inputMomentumVector:momentum
                      resultValuesVector:result];
      });
      CHECK_NEAR(Values(result)[0], (isNesterov ? nesterov : classic)[step], kTolerance);
    }
    CHECK(Values(values)[0] == 1);
  }
}

static void TestPreparationOfGradients(void) {
  // Clipped to 0.2, doubled, and a tenth of the value added: 0.5.
  MPSNNOptimizerDescriptor *descriptor = [[[MPSNNOptimizerDescriptor alloc] initWithLearningRate:0.1f
                                                                                 gradientRescale:2
                                                                           applyGradientClipping:YES
                                                                                 gradientClipMax:0.2f
                                                                                 gradientClipMin:-0.2f
                                                                              regularizationType:MPSNNRegularizationTypeL2
                                                                             regularizationScale:0.1f] autorelease];
  MPSNNOptimizerStochasticGradientDescent *optimizer =
      [[[MPSNNOptimizerStochasticGradientDescent alloc] initWithDevice:device
                                                         momentumScale:0
                                                   useNesterovMomentum:NO
                                                   optimizerDescriptor:descriptor] autorelease];
  CHECK(optimizer.gradientClipMax == 0.2f && optimizer.gradientClipMin == -0.2f && optimizer.regularizationScale == 0.1f);
  MPSVector *values = Number(1), *gradient = Number(7);
  Run(^(id<MTLCommandBuffer> commandBuffer) {
    [optimizer encodeToCommandBuffer:commandBuffer
                 inputGradientVector:gradient
                   inputValuesVector:values
                 inputMomentumVector:nil
                  resultValuesVector:values];
  });
  CHECK_NEAR(Values(values)[0], 0.95, kTolerance);
}

static void TestRMSProp(void) {
  MPSNNOptimizerRMSProp *optimizer = [[[MPSNNOptimizerRMSProp alloc] initWithDevice:device learningRate:0.1f] autorelease];
  MPSVector *values = Number(1), *gradient = Number(0.5f), *squares = Number(0);
  Run(^(id<MTLCommandBuffer> commandBuffer) {
    [optimizer encodeToCommandBuffer:commandBuffer
                 inputGradientVector:gradient
                   inputValuesVector:values
             inputSumOfSquaresVector:squares
                  resultValuesVector:values];
  });
  CHECK_NEAR(Values(squares)[0], 0.025, kTolerance);
  CHECK_NEAR(Values(values)[0], 1 - 0.1 * 0.5 / sqrt(0.025), kTolerance);
}

static void TestAdam(void) {
  MPSNNOptimizerAdam *optimizer = [[[MPSNNOptimizerAdam alloc] initWithDevice:device learningRate:0.1f] autorelease];
  MPSVector *values = Number(1), *gradient = Number(0.5f), *momentum = Number(0), *velocity = Number(0);
  for (int step = 1; step <= 2; ++step) {
    Run(^(id<MTLCommandBuffer> commandBuffer) {
      [optimizer encodeToCommandBuffer:commandBuffer
                   inputGradientVector:gradient
                     inputValuesVector:values
                   inputMomentumVector:momentum
                   inputVelocityVector:velocity
                    resultValuesVector:values];
    });
    CHECK(optimizer.timeStep == (NSUInteger)step);
    // Where the gradient stays the same, each step is the learning rate.
    CHECK_NEAR(Values(values)[0], 1 - 0.1 * step, 1e-5);
  }
  CHECK_NEAR(Values(momentum)[0], 0.095, kTolerance);
  CHECK_NEAR(Values(velocity)[0], 0.00049975, 1e-9);

  MPSNNOptimizerAdam *copy = [[optimizer copyWithZone:NULL device:nil] autorelease];
  CHECK(copy != optimizer && [copy isKindOfClass:[MPSNNOptimizerAdam class]]);
  copy.timeStep = 7;
  CHECK(copy.timeStep == 7 && optimizer.timeStep == 2 && copy.learningRate == 0.1f);

  copy.label = @"kept";
  MPSNNOptimizerAdam *read = [NSKeyedUnarchiver unarchiveObjectWithData:[NSKeyedArchiver archivedDataWithRootObject:copy]];
  CHECK([read isKindOfClass:[MPSNNOptimizerAdam class]] && [read.label isEqualToString:@"kept"]);
  CHECK(read.timeStep == 7 && read.learningRate == 0.1f && read.beta2 == 0.999 && read.epsilon == 1e-8f);
}

static void TestAMSGrad(void) {
  MPSNNOptimizerAdam *optimizer = [[[MPSNNOptimizerAdam alloc] initWithDevice:device learningRate:0.1f] autorelease];
  MPSVector *values = Number(1), *gradient = Number(0.5f), *momentum = Number(0), *velocity = Number(0), *maximum = Number(0.01f);
  Run(^(id<MTLCommandBuffer> commandBuffer) {
    [optimizer encodeToCommandBuffer:commandBuffer
                 inputGradientVector:gradient
                   inputValuesVector:values
                 inputMomentumVector:momentum
                 inputVelocityVector:velocity
               maximumVelocityVector:maximum
                  resultValuesVector:values];
  });
  CHECK_NEAR(Values(maximum)[0], 0.01, kTolerance);
  CHECK_NEAR(Values(values)[0], 1 - 0.1 * sqrt(0.001) / 0.1 * 0.05 / 0.1, kTolerance);
}

static void TestMatrices(void) {
  // Rows of two numbers, four numbers apart: what lies between stays.
  const float start[] = {1, 2, 100, 100, 3, 4, 100, 100}, slopes[] = {1, 1, 9, 9, 2, 2, 9, 9};
  MPSMatrixDescriptor *descriptor = [MPSMatrixDescriptor matrixDescriptorWithRows:2
                                                                          columns:2
                                                                         rowBytes:16
                                                                         dataType:MPSDataTypeFloat32];
  MPSMatrix *values = [[[MPSMatrix alloc] initWithBuffer:Vector(start, 8).data descriptor:descriptor] autorelease];
  MPSMatrix *gradient = [[[MPSMatrix alloc] initWithBuffer:Vector(slopes, 8).data descriptor:descriptor] autorelease];
  MPSNNOptimizerStochasticGradientDescent *optimizer =
      [[[MPSNNOptimizerStochasticGradientDescent alloc] initWithDevice:device learningRate:0.5f] autorelease];
  Run(^(id<MTLCommandBuffer> commandBuffer) {
    [optimizer encodeToCommandBuffer:commandBuffer
                 inputGradientMatrix:gradient
                   inputValuesMatrix:values
                 inputMomentumMatrix:nil
                  resultValuesMatrix:values];
  });
  const float expected[] = {0.5f, 1.5f, 100, 100, 2, 3, 100, 100};
  CHECK(memcmp([values.data contents], expected, sizeof expected) == 0);
}

static void TestErrors(void) {
  MPSNNOptimizerAdam *adam = [[[MPSNNOptimizerAdam alloc] initWithDevice:device learningRate:0.1f] autorelease];
  id<MTLCommandBuffer> commandBuffer = [queue commandBuffer];
  const float three[] = {1, 2, 3};
  MPSVector *one = Number(1), *longer = Vector(three, 3);
  CHECK_RAISES(NSInvalidArgumentException, @"inputGradientVector",
               [adam encodeToCommandBuffer:commandBuffer
                       inputGradientVector:nothing
                         inputValuesVector:one
                       inputMomentumVector:one
                       inputVelocityVector:one
                        resultValuesVector:one]);
  CHECK_RAISES(NSInvalidArgumentException, @"MPSNNOptimizerAdam",
               [adam encodeToCommandBuffer:commandBuffer
                       inputGradientVector:longer
                         inputValuesVector:one
                       inputMomentumVector:one
                       inputVelocityVector:one
                        resultValuesVector:one]);
  CHECK(adam.timeStep == 0);
  [commandBuffer commit];
  CHECK_RAISES(NSInvalidArgumentException, @"MPSNNOptimizerAdam",
               [adam encodeToCommandBuffer:commandBuffer
                       inputGradientVector:one
                         inputValuesVector:one
                       inputMomentumVector:one
                       inputVelocityVector:one
                        resultValuesVector:one]);
  CHECK_RAISES(NSInvalidArgumentException, @"device",
               [[[MPSNNOptimizerAdam alloc] initWithDevice:nothing learningRate:0.1f] autorelease]);
}

int main(void) {
  @autoreleasepool {
    device = [MTLCreateSystemDefaultDevice() autorelease];
    queue = [[device newCommandQueue] autorelease];
    TestVectors();
    TestDescriptor();
    TestDescent();
    TestMomentum();
    TestPreparationOfGradients();
    TestRMSProp();
    TestAdam();
    TestAMSGrad();
    TestMatrices();
    TestErrors();
  }
  return CHECK_RESULT;
}
