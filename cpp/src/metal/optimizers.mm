#include <vector>

#include "core/optimizer_arrays.hpp"
#include "metal/native_device.hpp"
#include "metal/recording.hpp"
#include "mpsnn/optimizer.hpp"

namespace mpsnn::metal {

namespace {

MPSNNOptimizerDescriptor *descriptor_of(const NNOptimizerDescriptor &d) {
  return [MPSNNOptimizerDescriptor optimizerDescriptorWithLearningRate:d.learning_rate
                                                       gradientRescale:d.gradient_rescale
                                                 applyGradientClipping:d.apply_gradient_clipping
                                                       gradientClipMax:d.gradient_clip_max
                                                       gradientClipMin:d.gradient_clip_min
                                                    regularizationType:MPSNNRegularizationType(d.regularization_type)
                                                   regularizationScale:d.regularization_scale];
}

// One optimizer's arrays as Apple's vectors. Rows of matrices are vectors of one object.
struct Arrays {
  Arrays(Recording &recording, const OptimizerArrays &arrays)
      : gradient(vector(recording, arrays.gradient, false)),
        values(vector(recording, arrays.values, false)),
        result(vector(recording, arrays.result, true)) {
    for (const OptimizerArray &state : arrays.states) states.push_back(vector(recording, state, true));
  }

  static MPSVector *vector(Recording &recording, const OptimizerArray &array, bool is_written) {
    MPSVectorDescriptor *descriptor = [MPSVectorDescriptor vectorDescriptorWithLength:array.extent.columns
                                                                              vectors:array.extent.matrices * array.extent.rows
                                                                          vectorBytes:array.row_bytes
                                                                             dataType:MPSDataType(array.data_type)];
    return [[[MPSVector alloc] initWithBuffer:recording.buffer(array.buffer, is_written)
                                       offset:array.offset
                                   descriptor:descriptor] autorelease];
  }

  MPSVector *state(std::size_t index) const { return index < states.size() ? states[index] : nil; }

  MPSVector *gradient, *values, *result;
  std::vector<MPSVector *> states;
};

using Encode = std::function<void(id<MTLCommandBuffer>, const Arrays &)>;

Encode encoder_of(id<MTLDevice> device, const NNOptimizer &optimizer) {
  MPSNNOptimizerDescriptor *descriptor = descriptor_of(optimizer.descriptor());
  if (const auto *sgd = dynamic_cast<const NNOptimizerStochasticGradientDescent *>(&optimizer)) {
    MPSNNOptimizerStochasticGradientDescent *native =
        [[[MPSNNOptimizerStochasticGradientDescent alloc] initWithDevice:device
                                                           momentumScale:sgd->momentum_scale()
                                                     useNesterovMomentum:sgd->use_nesterov_momentum()
                                                     optimizerDescriptor:descriptor] autorelease];
    return [native](id<MTLCommandBuffer> buffer, const Arrays &a) {
      [native encodeToCommandBuffer:buffer
                inputGradientVector:a.gradient
                  inputValuesVector:a.values
                inputMomentumVector:a.state(0)
                 resultValuesVector:a.result];
    };
  }
  if (const auto *rms = dynamic_cast<const NNOptimizerRMSProp *>(&optimizer)) {
    MPSNNOptimizerRMSProp *native = [[[MPSNNOptimizerRMSProp alloc] initWithDevice:device
                                                                             decay:rms->decay()
                                                                           epsilon:rms->epsilon()
                                                               optimizerDescriptor:descriptor] autorelease];
    return [native](id<MTLCommandBuffer> buffer, const Arrays &a) {
      [native encodeToCommandBuffer:buffer
                inputGradientVector:a.gradient
                  inputValuesVector:a.values
            inputSumOfSquaresVector:a.state(0)
                 resultValuesVector:a.result];
    };
  }
  const auto *adam = dynamic_cast<const NNOptimizerAdam *>(&optimizer);
  if (!adam) return {};
  MPSNNOptimizerAdam *native = [[[MPSNNOptimizerAdam alloc] initWithDevice:device
                                                                     beta1:adam->beta1()
                                                                     beta2:adam->beta2()
                                                                   epsilon:adam->epsilon()
                                                                  timeStep:adam->time_step
                                                       optimizerDescriptor:descriptor] autorelease];
  return [native, step = adam->time_step](id<MTLCommandBuffer> buffer, const Arrays &a) {
    native.timeStep = step;  // every encode counts; the arrays of one update are one step
    if (a.state(2)) {
      [native encodeToCommandBuffer:buffer
                inputGradientVector:a.gradient
                  inputValuesVector:a.values
                inputMomentumVector:a.state(0)
                inputVelocityVector:a.state(1)
              maximumVelocityVector:a.state(2)
                 resultValuesVector:a.result];
    } else {
      [native encodeToCommandBuffer:buffer
                inputGradientVector:a.gradient
                  inputValuesVector:a.values
                inputMomentumVector:a.state(0)
                inputVelocityVector:a.state(1)
                 resultValuesVector:a.result];
    }
  };
}

// Apple's vectors lie one after another at equal distances; of several matrices only rows without gaps between the matrices do.
bool is_vector(const OptimizerArray &array) {
  return array.extent.matrices == 1 || array.matrix_bytes == array.extent.rows * array.row_bytes;
}

bool are_vectors(const OptimizerArrays &arrays) {
  bool all = is_vector(arrays.gradient) && is_vector(arrays.values) && is_vector(arrays.result);
  for (const OptimizerArray &state : arrays.states) all = all && is_vector(state);
  return all;
}

}  // namespace

bool NativeDevice::encode_optimizer(const std::shared_ptr<CommandBuffer> &command_buffer, const NNOptimizer &optimizer,
                                    const std::vector<OptimizerArrays> &all) {
  const Pool pool;
  for (const OptimizerArrays &arrays : all) {
    if (!are_vectors(arrays)) return false;
  }
  Encode encode = apple([&] { return encoder_of(metal_, optimizer); });
  if (!encode) return false;
  const auto record = [&](Recording &recording) {
    apple([&] {
      for (const OptimizerArrays &arrays : all) encode(recording.metal(), Arrays(recording, arrays));
    });
  };
  // Called back by a data source, the update belongs to the encode that asks it: Apple reloads the values in the same work.
  if (Recording *current = Recording::current(); current && current->records_for(*command_buffer)) {
    current->splice_recorded_work();  // such as the sum of gradients
    record(*current);
    return true;
  }
  auto recording = std::make_shared<Recording>(std::static_pointer_cast<NativeDevice>(shared_from_this()), command_buffer);
  record(*recording);
  recording->record(nullptr);
  return true;
}

}  // namespace mpsnn::metal
