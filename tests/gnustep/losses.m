// Losses that are images, their gradients, and the YOLO loss.
#import "networks.h"

static MPSCNNLossDescriptor *loss_of(MPSCNNLossType type, MPSCNNReductionType reduction) {
  return [MPSCNNLossDescriptor cnnLossDescriptorWithType:type reductionType:reduction];
}

/// The weight of a loss, anew with every encode.
@interface Weight : Stored <MPSNNLossCallback> {
 @public
  float _weight;
  NSUInteger _calls, _channels, _resultChannels;
}
@end

@implementation Weight
- (float)scalarWeightForSourceImage:(MPSImage *)sourceImage destinationImage:(MPSImage *)destinationImage {
  ++_calls;
  _channels = [sourceImage featureChannels];
  _resultChannels = [destinationImage featureChannels];
  if (_weight < 0) [NSException raise:@"WeightException" format:@"no weight"];
  return _weight;
}
- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self retain];
}
@end

static void test_reductions(void) {
  NSDictionary *example = example_of(@"loss", @"forward_loss_reductions");
  NSMutableDictionary *batches = [NSMutableDictionary dictionary];
  for (NSString *name in @[ @"source", @"labels", @"weights", @"source_gradient" ]) {
    [batches setObject:batch_of(input_of(example, name)) forKey:name];
  }
  NSDictionary *reductions = @{
    @"sum" : @(MPSCNNReductionTypeSum),
    @"mean" : @(MPSCNNReductionTypeMean),
    @"sumByNonZeroWeights" : @(MPSCNNReductionTypeSumByNonZeroWeights)
  };
  CHECK([[example objectForKey:@"expected"] count] == 2 * [reductions count]);
  for (NSString *name in [example objectForKey:@"expected"]) {
    NSString *reduction = [[name componentsSeparatedByString:@"_"] objectAtIndex:0];
    MPSCNNLossDescriptor *descriptor =
        loss_of(MPSCNNLossTypeMeanSquaredError, [[reductions objectForKey:reduction] unsignedIntValue]);
    [descriptor setReduceAcrossBatch:[name hasSuffix:@"_across_batch"]];
    MPSNNForwardLossNode *loss = [MPSNNForwardLossNode nodeWithSource:input(@"source")
                                                               labels:input(@"labels")
                                                              weights:input(@"weights")
                                                       lossDescriptor:descriptor];
    NSDictionary *expected = expected_of(example, name);
    CHECK_BATCH(run_batch([loss resultImage], batches, nil), [expected objectForKey:@"loss"]);
    MPSNNLossGradientNode *gradient = [loss gradientFilterWithSource:input(@"source_gradient")];
    CHECK_BATCH(run_batch([gradient resultImage], batches, nil), [expected objectForKey:@"destination_gradient"]);
  }
}

// f = (sum of squares) * (sum of absolute errors): the gradients of both factors come from one network.
static void test_product(void) {
  NSDictionary *example = example_of(@"loss", @"product_of_two_forward_losses");
  NSMutableDictionary *batches = [NSMutableDictionary dictionary];
  for (NSString *name in @[ @"source1", @"labels1", @"source2", @"labels2" ]) {
    [batches setObject:batch_of(input_of(example, name)) forKey:name];
  }
  MPSNNForwardLossNode *loss1 =
      [MPSNNForwardLossNode nodeWithSource:input(@"source1")
                                    labels:input(@"labels1")
                            lossDescriptor:loss_of(MPSCNNLossTypeMeanSquaredError, MPSCNNReductionTypeSum)];
  MPSNNForwardLossNode *loss2 =
      [MPSNNForwardLossNode nodeWithSources:@[ input(@"source2"), input(@"labels2") ]
                             lossDescriptor:loss_of(MPSCNNLossTypeMeanAbsoluteError, MPSCNNReductionTypeSum)];
  MPSNNMultiplicationNode *product = [MPSNNMultiplicationNode nodeWithLeftSource:[loss1 resultImage]
                                                                     rightSource:[loss2 resultImage]];
  CHECK_BATCH(run_batch([product resultImage], batches, nil), expected_of(example, @"product"));
  MPSNNInitialGradientNode *ones = [MPSNNInitialGradientNode nodeWithSource:[product resultImage]];
  NSMutableDictionary *gradients = [NSMutableDictionary dictionary];
  NSArray *ends = [ones trainingGraphWithSourceGradient:nil
                                            nodeHandler:^(MPSNNFilterNode *gradient, MPSNNFilterNode *inference,
                                                          MPSNNImageNode *source, MPSNNImageNode *sourceGradient) {
                                              (void)inference, (void)sourceGradient;
                                              NSString *label = [[source handle] label];
                                              if (label) [gradients setObject:[gradient resultImage] forKey:label];
                                            }];
  CHECK([ends count] > 0);
  CHECK_BATCH(run_batch([gradients objectForKey:@"source1"], batches, nil), expected_of(example, @"destination_gradient1"));
  CHECK_BATCH(run_batch([gradients objectForKey:@"source2"], batches, nil), expected_of(example, @"destination_gradient2"));
}

static void test_loss_nodes(void) {
  MPSCNNLossDescriptor *descriptor = loss_of(MPSCNNLossTypeHuber, MPSCNNReductionTypeSum);
  [descriptor setDelta:0.5f];
  [descriptor setNumberOfClasses:3];
  MPSNNImageNode *source = input(@"source"), *labels = input(@"labels"), *incoming = input(@"gradient");
  MPSNNForwardLossNode *loss = [MPSNNForwardLossNode nodeWithSource:source labels:labels lossDescriptor:descriptor];
  [descriptor setDelta:7];  // the node has a copy
  CHECK([loss lossType] == MPSCNNLossTypeHuber && [loss reductionType] == MPSCNNReductionTypeSum);
  CHECK([loss numberOfClasses] == 3 && ![loss reduceAcrossBatch] && [loss weight] == 1 && [loss labelSmoothing] == 0);
  CHECK([loss epsilon] == 1e-7f && [loss delta] == 0.5f && [loss propertyCallBack] == nil);

  // Errors of 2 and 0.25: 0.5 * (2 - 0.25) and 0.25^2 / 2; the slopes are 0.5 and 0.25.
  NSMutableDictionary *images = [NSMutableDictionary dictionary];
  [images setObject:IMAGE(1, 1, 2, 3, 1.25f) forKey:@"source"];
  [images setObject:IMAGE(1, 1, 2, 1, 1) forKey:@"labels"];
  [images setObject:IMAGE(1, 1, 1, 2) forKey:@"gradient"];
  CHECK_IMAGE(run([loss resultImage], images), 0.90625f);
  NSArray *gradients = [loss gradientFiltersWithSources:@[ incoming ]];
  CHECK([gradients count] == 2);
  MPSNNLossGradientNode *gradient = [gradients objectAtIndex:0];
  CHECK(![gradient isLabelsGradientFilter] && [gradient delta] == 0.5f && [gradient numberOfClasses] == 3);
  CHECK_IMAGE(run([gradient resultImage], images), 1, 0.5f);
  gradient = [gradients objectAtIndex:1];
  CHECK([gradient isLabelsGradientFilter]);
  CHECK_IMAGE(run([gradient resultImage], images), -1, -0.5f);
  CHECK([[loss gradientFilterWithSources:@[ incoming ]] isKindOfClass:[MPSNNLossGradientNode class]]);
  CHECK([[loss gradientFiltersWithSource:incoming] count] == 2);

  // By hand; a state of the forward filter has its constants, which count. Without one the descriptor's do.
  gradient = [MPSNNLossGradientNode nodeWithSourceGradient:incoming
                                               sourceImage:source
                                                    labels:labels
                                             gradientState:(MPSNNGradientStateNode *)[loss resultState]
                                            lossDescriptor:descriptor
                                    isLabelsGradientFilter:NO];
  CHECK_IMAGE(run([gradient resultImage], images), 1, 0.5f);
  gradient = [MPSNNLossGradientNode nodeWithSources:@[ incoming, source, labels ]
                                      gradientState:nil
                                     lossDescriptor:descriptor
                             isLabelsGradientFilter:NO];
  CHECK_IMAGE(run([gradient resultImage], images), 4, 0.5f);
  gradient = [MPSNNLossGradientNode nodeWithSourceGradient:incoming
                                               sourceImage:source
                                                    labels:labels
                                                   weights:input(@"weights")
                                             gradientState:nil
                                            lossDescriptor:descriptor
                                    isLabelsGradientFilter:YES];
  [images setObject:IMAGE(1, 1, 2, 0, 4) forKey:@"weights"];
  CHECK_IMAGE(run([gradient resultImage], images), 0, -2);

  Weight *weight = [[[Weight alloc] init] autorelease];
  weight->_weight = 2;
  [loss setPropertyCallBack:weight];
  CHECK([loss propertyCallBack] == weight);
  CHECK_IMAGE(run([loss resultImage], images), 1.8125f);
  CHECK(weight->_calls == 1 && weight->_channels == 2 && weight->_resultChannels == 1);
  [gradient setPropertyCallBack:weight];
  CHECK([gradient propertyCallBack] == weight);
  CHECK_IMAGE(run([gradient resultImage], images), 0, -4);
  weight->_weight = -1;
  CHECK_RAISES(@"WeightException", @"no weight", run([loss resultImage], images));
  [loss setPropertyCallBack:nil];
  CHECK([loss propertyCallBack] == nil);
  CHECK_IMAGE(run([loss resultImage], images), 0.90625f);

  CHECK_RAISES(NSInvalidArgumentException, @"got 1 images",
               [MPSNNForwardLossNode nodeWithSources:@[ source ] lossDescriptor:descriptor]);
  CHECK_RAISES(NSInvalidArgumentException, @"descriptor is nil",
               [MPSNNForwardLossNode nodeWithSource:source labels:labels lossDescriptor:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"labels is nil",
               [MPSNNForwardLossNode nodeWithSource:source labels:nothing lossDescriptor:descriptor]);
}

// YOLO --------------------------------------------------------------------------------------------------------------

static MPSCNNYOLOLossDescriptor *yolo_descriptor(id anchor_boxes, NSUInteger count) {
  return [MPSCNNYOLOLossDescriptor cnnLossDescriptorWithXYLossType:MPSCNNLossTypeMeanSquaredError
                                                        WHLossType:MPSCNNLossTypeHuber
                                                confidenceLossType:MPSCNNLossTypeSigmoidCrossEntropy
                                                   classesLossType:MPSCNNLossTypeSoftMaxCrossEntropy
                                                     reductionType:MPSCNNReductionTypeSum
                                                       anchorBoxes:floats_of(anchor_boxes)
                                               numberOfAnchorBoxes:count];
}

static void check_yolo(NSString *name, BOOL rescore) {
  NSDictionary *example = example_of(@"loss", name);
  MPSCNNYOLOLossDescriptor *descriptor = yolo_descriptor([[example objectForKey:@"params"] objectForKey:@"anchorBoxes"], 2);
  [descriptor setRescore:rescore];
  MPSCNNYOLOLossNode *loss = [MPSCNNYOLOLossNode nodeWithSource:input(@"source") lossDescriptor:descriptor];
  CHECK([[loss inputLabels] isKindOfClass:[MPSNNLabelsNode class]] && [loss inputLabels] == [loss inputLabels]);
  MPSCNNLossDataDescriptor *data =
      [MPSCNNLossDataDescriptor cnnLossDataDescriptorWithData:floats_of(input_of(example, @"labels"))
                                                       layout:MPSDataLayoutHeightxWidthxFeatureChannels
                                                         size:MTLSizeMake(2, 2, 14)];
  MPSCNNLossLabels *labels = [[[MPSCNNLossLabels alloc] initWithDevice:device labelsDescriptor:data] autorelease];
  NSDictionary *batches = @{@"source" : batch_of(input_of(example, @"source"))};
  CHECK_BATCH(run_batch([loss resultImage], batches, @[ @[ labels ] ]), expected_of(example, @"gradient"));
  CHECK_IMAGE([labels lossImage], [[[expected_of(example, @"loss") objectForKey:@"sum"] objectAtIndex:0] floatValue]);
}

static void test_yolo_loss(void) {
  check_yolo(@"yolo_2x2_grid", YES);
  check_yolo(@"yolo_2x2_grid_no_rescore", NO);
}

static void test_yolo_descriptor(void) {
  NSArray *boxes = @[ @1, @2, @2, @1 ];
  MPSCNNYOLOLossDescriptor *descriptor = yolo_descriptor(boxes, 2);
  CHECK([descriptor scaleXY] == 10 && [descriptor scaleWH] == 10 && [descriptor scaleNoObject] == 5);
  CHECK([descriptor scaleObject] == 100 && [descriptor scaleClass] == 2 && [descriptor rescore]);
  CHECK([descriptor minIOUForObjectPresence] == 0.7f && [descriptor maxIOUForObjectAbsence] == 0.3f);
  CHECK([descriptor reductionType] == MPSCNNReductionTypeSum && ![descriptor reduceAcrossBatch]);
  CHECK([descriptor numberOfAnchorBoxes] == 2 && [[descriptor anchorBoxes] isEqual:floats_of(boxes)]);
  CHECK([[descriptor WHLossDescriptor] lossType] == MPSCNNLossTypeHuber);
  CHECK([[descriptor classesLossDescriptor] lossType] == MPSCNNLossTypeSoftMaxCrossEntropy);

  // The four losses are objects: a change of one counts, a copy has its own.
  [[descriptor WHLossDescriptor] setDelta:3];
  MPSCNNYOLOLossDescriptor *copy = [[descriptor copy] autorelease];
  [[descriptor WHLossDescriptor] setDelta:4];
  [descriptor setScaleXY:1];
  CHECK([[copy WHLossDescriptor] delta] == 3 && [copy scaleXY] == 10);
  MPSCNNLossDescriptor *squares = loss_of(MPSCNNLossTypeMeanSquaredError, MPSCNNReductionTypeSum);
  [descriptor setWHLossDescriptor:squares];
  CHECK([descriptor WHLossDescriptor] == squares && [descriptor XYLossDescriptor] != squares);
  [descriptor setAnchorBoxes:floats_of(@[ @1, @1 ])];
  CHECK_RAISES(NSInvalidArgumentException, @"anchor_boxes must be",
               [MPSCNNYOLOLossNode nodeWithSource:input(@"source") lossDescriptor:descriptor]);
  [descriptor setNumberOfAnchorBoxes:1];
  CHECK([MPSCNNYOLOLossNode nodeWithSource:input(@"source") lossDescriptor:descriptor] != nil);
  [squares setLossType:MPSCNNLossTypeCosineDistance];
  CHECK_RAISES(NSInvalidArgumentException, @"wh_loss_descriptor",
               [MPSCNNYOLOLossNode nodeWithSource:input(@"source") lossDescriptor:descriptor]);

  CHECK_RAISES(NSInvalidArgumentException, @"anchor_boxes must be", yolo_descriptor(boxes, 3));
  CHECK_RAISES(NSInvalidArgumentException, @"XYLossDescriptor is nil", [descriptor setXYLossDescriptor:nothing]);
  CHECK_RAISES(NSInvalidArgumentException, @"anchorBoxes is nil", [descriptor setAnchorBoxes:nothing]);
}

int main(void) {
  static const Test kTests[] = {test_reductions, test_product, test_loss_nodes, test_yolo_loss, test_yolo_descriptor};
  return run_tests(kTests, sizeof kTests / sizeof *kTests);
}
