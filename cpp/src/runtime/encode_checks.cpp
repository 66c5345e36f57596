#include "runtime/encode_checks.hpp"

#include <cstring>
#include <map>
#include <set>

#include "mpsnn/error.hpp"
#include "mpsnn/nodes/loss.hpp"

namespace mpsnn {

namespace {

const std::string kGraph = "MPSNNGraph";

std::string quoted(const std::shared_ptr<Handle>& handle) {
  return handle && !handle->label().empty() ? " \"" + handle->label() + "\"" : "";
}

void check_counts(std::size_t given, const std::vector<int>& wanted, const auto& items, const std::string& what) {
  if (given == wanted.size()) return;
  std::string names;
  for (int id : wanted) names += quoted(items[id].handle);
  throw InvalidArgument(kGraph + ": " + std::to_string(wanted.size()) + " " + what +
                        (names.empty() ? "" : " (" + names.substr(1) + ")") + " are needed, got " + std::to_string(given));
}

std::string size_of(const Image& image) {
  return to_string(ImageShape{image.height(), image.width(), image.feature_channels()}) + " " +
         name_of(image.feature_channel_format());
}

}  // namespace

void check_batch(const ImageBatch& batch, const std::string& what, const Device& device, const std::string& owner) {
  if (batch.empty()) throw InvalidArgument(owner + ": " + what + " is an empty batch");
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const std::string image = what + ", image " + std::to_string(i);
    if (!batch[i]) throw InvalidArgument(owner + ": " + image + " is missing");
    const Device* its = batch[i]->device().get();
    if (its && its != &device && !(its->shares_host_memory() && device.shares_host_memory())) {
      throw InvalidArgument(owner + ": " + image + " is on the device \"" + batch[i]->device()->name() + "\", " + owner +
                            " on \"" + device.name() + "\"");
    }
    const ImageDescriptor &a = batch[0]->descriptor(), &b = batch[i]->descriptor();
    if (a.height != b.height || a.width != b.width || a.feature_channels != b.feature_channels ||
        a.channel_format != b.channel_format || a.number_of_images != b.number_of_images) {
      throw ShapeError(owner + ": the images of a batch must be alike; " + what + " begins with " + size_of(*batch[0]) +
                       ", image " + std::to_string(i) + " is " + size_of(*batch[i]));
    }
    batch[i]->check_readable(owner);
  }
}

// Every argument that holds a temporary image is a read.
void check_read_counts(const std::vector<ImageBatch>& sources, const std::string& owner) {
  std::map<const TemporaryImage*, std::size_t> reads;
  for (const ImageBatch& batch : sources) {
    std::set<const TemporaryImage*> seen;
    for (const ImagePtr& image : batch) {
      const auto* temporary = dynamic_cast<const TemporaryImage*>(image.get());
      if (temporary && seen.insert(temporary).second) ++reads[temporary];
    }
  }
  for (const auto& [image, count] : reads) {
    if (count <= image->read_count()) continue;
    throw InvalidArgument(owner + ": the temporary image" + (image->label.empty() ? "" : " \"" + image->label + "\"") +
                          " has read_count " + std::to_string(image->read_count()) + ", this encode reads it " +
                          std::to_string(count) + " times");
  }
}

namespace {

std::size_t count_of(const ImageBatch& batch) { return batch.size() * batch[0]->number_of_images(); }

}  // namespace

void check_labels(const StateBatch& labels, std::size_t batch, const std::string& what, const Device& device,
                  const std::string& owner) {
  if (labels.size() != batch) {
    throw InvalidArgument(owner + ": " + what + " has " + std::to_string(labels.size()) + " labels for " + std::to_string(batch) +
                          " images");
  }
  ImageBatch images, weights, losses;
  std::set<const Image*> seen;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (!labels[i]) throw InvalidArgument(owner + ": " + what + ", entry " + std::to_string(i) + " is missing");
    const auto* l = dynamic_cast<CNNLossLabels*>(labels[i].get());
    if (!l) throw InvalidArgument(owner + ": " + what + ", entry " + std::to_string(i) + " is not an MPSCNNLossLabels");
    labels[i]->check_readable(owner);
    images.push_back(l->labels_image());
    if (l->weights_image()) weights.push_back(l->weights_image());
    losses.push_back(l->loss_image());
    if (!seen.insert(losses.back().get()).second) {
      throw InvalidArgument(owner + ": " + what + ", entry " + std::to_string(i) +
                            " has the same loss image as an entry before it; every image needs labels of its own");
    }
  }
  check_batch(losses, what + ", loss images", device, owner);
  check_batch(images, what + ", labels", device, owner);
  if (!weights.empty() && weights.size() != images.size()) {
    throw InvalidArgument(owner + ": " + what + " has weights for " + std::to_string(weights.size()) + " of " +
                          std::to_string(batch) + " images");
  }
  if (!weights.empty()) check_batch(weights, what + ", weights", device, owner);
}

bool is_contiguous(const ImageBatch& batch) {
  const ImageView first = batch[0]->view();
  if (first.pixel_stride != first.channels) return false;
  const std::size_t bytes = first.number * first.image_stride * bytes_per_channel(first.format);
  for (std::size_t i = 1; i < batch.size(); ++i) {
    const ImageView view = batch[i]->view();
    if (view.data != static_cast<std::byte*>(first.data) + i * bytes || view.pixel_stride != view.channels) return false;
    if (batch[i]->storage() != batch[0]->storage()) return false;
  }
  return true;
}

void scatter(Buffer& from, const ImageBatch& to) {
  const auto* source = static_cast<const float*>(from.data());
  for (const ImagePtr& image : to) {
    const ImageView view = image->view();
    for (std::size_t p = 0; p < view.number * view.height * view.width; ++p) {
      std::memcpy(static_cast<float*>(view.data) + p * view.pixel_stride, source, view.channels * sizeof(float));
      source += view.channels;
    }
  }
}

std::size_t check_encode(const EncodeRequest& request, const Program& program, const Device& device) {
  if (!request.command_buffer) throw InvalidArgument(kGraph + ": command_buffer is missing");
  request.command_buffer->check_recordable(kGraph);
  if (request.command_buffer->device().get() != &device) {
    throw InvalidArgument(kGraph + ": the command buffer is on the device \"" + request.command_buffer->device()->name() +
                          "\", the graph on \"" + device.name() + "\"");
  }
  check_counts(request.source_images.size(), program.source_values, program.values, "source images");
  check_counts(request.source_states.size(), program.source_states, program.states, "source states");
  if (request.source_images.empty()) throw InvalidArgument(kGraph + ": a graph without source images cannot be encoded");
  for (std::size_t i = 0; i < request.source_images.size(); ++i) {
    const std::string what = "source image " + std::to_string(i) + quoted(program.values[program.source_values[i]].handle);
    check_batch(request.source_images[i], what, device, kGraph);
    const ImageBatch& first = request.source_images[0];
    if (count_of(request.source_images[i]) != count_of(first) || request.source_images[i].size() != first.size()) {
      throw ShapeError(kGraph + ": " + what + " has " + std::to_string(count_of(request.source_images[i])) +
                       " images, source image 0 has " + std::to_string(count_of(first)));
    }
  }
  check_read_counts(request.source_images, kGraph);
  const std::size_t batch = count_of(request.source_images[0]);
  for (std::size_t i = 0; i < request.source_states.size(); ++i) {
    const std::string what = "source state " + std::to_string(i) + quoted(program.states[program.source_states[i]].handle);
    check_labels(request.source_states[i], batch, what, device, kGraph);
  }
  return batch;
}

void check_allocated(const ImageBatch& images, const ImageDescriptor& descriptor, std::size_t count, const std::string& owner) {
  if (images.size() != count) {
    throw InvalidArgument(owner + ": an image allocator returned " + std::to_string(images.size()) + " images for " +
                          std::to_string(count));
  }
  for (const ImagePtr& image : images) {
    if (!image) throw InvalidArgument(owner + ": an image allocator returned no image");
    const ImageDescriptor& d = image->descriptor();
    if (d.height != descriptor.height || d.width != descriptor.width || d.feature_channels != descriptor.feature_channels ||
        d.channel_format != descriptor.channel_format || d.number_of_images != descriptor.number_of_images) {
      throw ShapeError(owner + ": an image allocator returned " + size_of(*image) + " for " +
                       to_string(ImageShape{descriptor.height, descriptor.width, descriptor.feature_channels}) + " " +
                       name_of(descriptor.channel_format));
    }
  }
}

bool is_of_the_caller(const std::shared_ptr<ImageAllocator>& allocator) {
  return allocator != Image::default_allocator() && allocator != TemporaryImage::default_allocator();
}

namespace {

// What an image takes up in its storage: pixels one after another, and of each some channels.
struct Extent {
  std::size_t first_pixel, pixels, first_channel, channels;
};

Extent extent_of(const ImagePtr& image) {
  const ImageView view = image->view();
  const auto bytes = std::size_t(static_cast<std::byte*>(view.data) - static_cast<std::byte*>(image->storage()->data()));
  const std::size_t element = bytes / bytes_per_channel(view.format);
  return {element / view.pixel_stride, view.number * view.height * view.width, element % view.pixel_stride, view.channels};
}

bool overlap(const Extent& a, const Extent& b) {
  const auto meet = [](std::size_t from, std::size_t count, std::size_t other, std::size_t others) {
    return from < other + others && other < from + count;
  };
  return meet(a.first_pixel, a.pixels, b.first_pixel, b.pixels) && meet(a.first_channel, a.channels, b.first_channel, b.channels);
}

}  // namespace

bool share_memory(const ImagePtr& a, const ImagePtr& b) {
  return a->storage() == b->storage() && overlap(extent_of(a), extent_of(b));
}

void check_aliasing(const EncodeRequest& request, const std::vector<ImageBatch>& outputs) {
  std::map<const Buffer*, std::vector<Extent>> taken;
  const auto check = [&](const ImagePtr& image, const char* what) {
    const Extent extent = extent_of(image);
    for (const Extent& other : taken[image->storage().get()]) {
      if (overlap(extent, other)) throw InvalidArgument(kGraph + ": an image allocator returned " + what);
    }
    return extent;
  };
  for (const ImageBatch& batch : request.source_images) {
    for (const ImagePtr& image : batch) taken[image->storage().get()].push_back(extent_of(image));
  }
  for (const ImageBatch& batch : outputs) {
    for (const ImagePtr& image : batch) check(image, "the memory of a source image");
  }
  taken.clear();
  for (const ImageBatch& batch : outputs) {
    for (const ImagePtr& image : batch) taken[image->storage().get()].push_back(check(image, "the same image twice"));
  }
}

void consume_sources(const std::vector<ImageBatch>& images, const std::vector<StateBatch>& states) {
  for (const ImageBatch& batch : images) {
    std::set<const Image*> seen;
    for (const ImagePtr& image : batch) {
      if (seen.insert(image.get()).second) image->consume_read(1);
    }
  }
  for (const StateBatch& batch : states) {
    std::set<const State*> seen;
    for (const StatePtr& state : batch) {
      if (seen.insert(state.get()).second) state->consume_read();
    }
  }
}

}  // namespace mpsnn
