#pragma once

#include <optional>

#include "classes.hpp"
#include "mpsnn/kernels/loss.hpp"

namespace mpsnn {

/// The encodes of the kernels that take labels.
template <class Class>
void bind_loss_encodes(Class& cls) {
  using Kernel = typename Class::type;
  using CommandBufferPtr = std::shared_ptr<CommandBuffer>;
  cls.def(
         "encode_to_command_buffer",
         [](Kernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& source,
            const std::shared_ptr<CNNLossLabels>& labels, const ImagePtr& destination) -> std::optional<ImagePtr> {
           py::gil_scoped_release release;
           if (!destination) return self.encode_to_command_buffer(command_buffer, source, labels);
           self.encode_to_command_buffer(command_buffer, source, labels, destination);
           return std::nullopt;
         },
         "command_buffer"_a.none(false), "source_image"_a.none(false), "labels"_a.none(false), "destination_image"_a = py::none(),
         R"(Writes the loss into the labels' loss image and the gradient, of the source's height, width and channels, into an image of
the caller's, or into one that `destination_image_allocator` makes and that is returned. Raises ShapeError where labels, loss image
or destination do not fit the source, InvalidArgumentError unless `offset` and `clip_rect` have their defaults.)")
      .def(
          "encode_batch_to_command_buffer",
          [](Kernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const LossLabelsBatch& labels,
             const std::optional<ImageBatch>& destinations) -> std::optional<ImageBatch> {
            py::gil_scoped_release release;
            if (!destinations) return self.encode_batch_to_command_buffer(command_buffer, sources, labels);
            self.encode_batch_to_command_buffer(command_buffer, sources, labels, *destinations);
            return std::nullopt;
          },
          "command_buffer"_a.none(false), "source_images"_a, "labels"_a, "destination_images"_a = py::none(),
          "As `encode_to_command_buffer`, for lists of images of one size and of as many labels.");
}

}  // namespace mpsnn
