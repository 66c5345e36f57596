#include "metal/questions.hpp"

#include <array>

#include "metal/callbacks.hpp"
#include "metal/caller_object.hpp"
#include "metal/graph.hpp"
#include "metal/recording.hpp"
#include "mpsnn/asks_caller.hpp"

namespace mpsnn::metal {
namespace {

struct AskerState {
  NativeGraph &graph;
  std::shared_ptr<const Op> op;  // an AsksCaller
  std::string node;

  ImagePtr image(MPSImage *native) const { return native ? image_of(native, Recording::current(), graph.device()) : nullptr; }

  // After an exception the answer keeps what it was.
  template <std::size_t N>
  std::array<double, N> ask(std::array<double, N> answer, MPSImage *source, MPSImage *destination, id handle) const {
    graph.failures_now().guard([&] {
      const ImagePtr shown = image(source), result = image(destination);
      std::array<double, N> said = answer;
      dynamic_cast<const AsksCaller &>(*op).ask({shown, result, caller_handle(handle), node}, said);
      answer = said;
    });
    return answer;
  }
};

}  // namespace
}  // namespace mpsnn::metal

using namespace mpsnn;
using namespace mpsnn::metal;

@interface MPNAsker : MPNCallerObject <MPSNNLossCallback, MPSNNGramMatrixCallback, MPSImageTransformProvider> {
 @public
  AskerState *_state;
}
@end

@implementation MPNAsker
- (void)dealloc {
  delete _state;
  [super dealloc];
}
- (float)scalarWeightForSourceImage:(MPSImage *)sourceImage destinationImage:(MPSImage *)destinationImage {
  return float(_state->ask<1>({1}, sourceImage, destinationImage, nil)[0]);
}
- (float)alphaForSourceImage:(MPSImage *)sourceImage destinationImage:(MPSImage *)destinationImage {
  return float(_state->ask<1>({1}, sourceImage, destinationImage, nil)[0]);
}
- (MPSScaleTransform)transformForSourceImage:(MPSImage *)image handle:(id<MPSHandle>)handle {
  const auto [scale_x, scale_y, translate_x, translate_y] = _state->ask<4>({1, 1, 0, 0}, image, nil, handle);
  return MPSScaleTransform{scale_x, scale_y, translate_x, translate_y};
}
@end

namespace mpsnn::metal {

Asker asker_of(const NodeRequest &in) {
  const auto *caller = dynamic_cast<const AsksCaller *>(in.step.lowered.op.get());
  if (!caller || !caller->asked_property()) return nil;
  MPNAsker *object = [[[MPNAsker alloc] init] autorelease];
  object->_state = new AskerState{in.graph, in.step.lowered.op, in.step.node};
  return in.graph.keep(object);
}

}  // namespace mpsnn::metal
