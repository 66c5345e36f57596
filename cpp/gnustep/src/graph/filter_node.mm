#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNFilterNode

MPSNN_ROOT_IMPLEMENTATION(mpsnn::NNFilterNode)
MPSNN_NO_PLAIN_INIT

MPSNN_READONLY(MPSNNImageNode *, resultImage, objc(as<mpsnn::NNFilterNode>(self).result_image()))
MPSNN_READONLY(MPSNNStateNode *, resultState, objc(as<mpsnn::NNFilterNode>(self).result_state()))

- (NSArray *)resultStates {
  return guarded([&]() -> NSArray * {
    const auto states = as<mpsnn::NNFilterNode>(self).result_states();
    return states.empty() ? nil : array_of(states, [](const auto &state) { return objc(state); });
  });
}

- (id<MPSNNPadding>)paddingPolicy {
  return guarded([&] { return objc(as<mpsnn::NNFilterNode>(self).padding_policy()); });
}
- (void)setPaddingPolicy:(id<MPSNNPadding>)paddingPolicy {
  guarded([&] { as<mpsnn::NNFilterNode>(self).set_padding_policy(padding_of(MPSNN_REQUIRE(paddingPolicy))); });
}

- (NSString *)label {
  return guarded([&] {
    const std::string &label = as<mpsnn::NNFilterNode>(self).label;
    return label.empty() ? nil : ns_string(label);
  });
}
- (void)setLabel:(NSString *)label {
  guarded([&] { as<mpsnn::NNFilterNode>(self).label = string_of(label); });
}

- (MPSNNGradientFilterNode *)gradientFilterWithSource:(MPSNNImageNode *)gradientImage {
  return guarded([&] {
    return (MPSNNGradientFilterNode *)objc(
        as<mpsnn::NNFilterNode>(self).gradient_filter_with_source(MPSNN_BEHIND(gradientImage)));
  });
}

- (MPSNNGradientFilterNode *)gradientFilterWithSources:(NSArray *)gradientImages {
  return guarded([&] {
    return (MPSNNGradientFilterNode *)objc(
        as<mpsnn::NNFilterNode>(self).gradient_filter_with_sources(MPSNN_BEHIND_ALL(MPSNNImageNode, gradientImages)));
  });
}

- (NSArray *)gradientFiltersWithSource:(MPSNNImageNode *)gradientImage {
  return guarded([&] {
    return array_of(as<mpsnn::NNFilterNode>(self).gradient_filters_with_source(MPSNN_BEHIND(gradientImage)),
                    [](const auto &filter) { return objc(filter); });
  });
}

- (NSArray *)gradientFiltersWithSources:(NSArray *)gradientImages {
  return guarded([&] {
    return array_of(as<mpsnn::NNFilterNode>(self).gradient_filters_with_sources(MPSNN_BEHIND_ALL(MPSNNImageNode, gradientImages)),
                    [](const auto &filter) { return objc(filter); });
  });
}

- (NSArray *)trainingGraphWithSourceGradient:(MPSNNImageNode *)gradientImage nodeHandler:(MPSGradientNodeBlock)nodeHandler {
  return guarded([&]() -> NSArray * {
    mpsnn::GradientNodeBlock block;
    if (nodeHandler) {
      block = [&](const auto &made, const auto &inference, const auto &source, const auto &gradient) {
        call_client([&] { nodeHandler(objc(made), objc(inference), objc(source), objc(gradient)); });
      };
    }
    const auto ends =
        as<mpsnn::NNFilterNode>(self).training_graph_with_source_gradient(MPSNN_BEHIND_OR_NULL(gradientImage), block);
    return ends.empty() ? nil : array_of(ends, [](const auto &filter) { return objc(filter); });
  });
}

- (NSString *)description {
  if (!_impl) return [super description];
  return guarded([&] { return ns_string("<" + portable(self)->description() + ">"); });
}

@end

@implementation MPSNNGradientFilterNode
@end
