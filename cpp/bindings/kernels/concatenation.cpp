#include "mpsnn/kernels/concatenation.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

void bind_concatenation_kernels(py::module_& m) {
  bind_plain_kernel<NNSlice, CNNKernel>(m, "MPSNNSlice", R"(Copies a range of channels.

Channels o ... o + min(source_feature_channel_max_count, c - o) - 1 of the source, with o = source_feature_channel_offset, a
multiple of 4; to the channels from destination_feature_channel_offset on. `offset` and `clip_rect` cut out pixels. There is no
gradient.)");
}

}  // namespace mpsnn
