#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "check.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/image.hpp"

namespace {

using namespace mpsnn;
using Format = ImageFeatureChannelFormat;

ImageDescriptor describe(std::size_t number, std::size_t height, std::size_t width, std::size_t channels,
                         Format format = Format::Float32) {
  ImageDescriptor d;
  d.number_of_images = number;
  d.height = height;
  d.width = width;
  d.feature_channels = channels;
  d.channel_format = format;
  return d;
}

ImagePtr make(const ImageDescriptor& descriptor) { return std::make_shared<Image>(default_device(), descriptor); }

std::vector<float> counting(std::size_t count) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

TEST(bytes_in_and_out) {
  auto image = make(describe(2, 3, 4, 5));
  const auto in = counting(2 * 3 * 4 * 5);
  Image::Transfer all;
  all.region = {{0, 0, 0}, {4, 3, 2}};
  image->write_bytes(in.data(), in.size() * 4, all);
  std::vector<float> out(in.size());
  image->read_bytes(out.data(), out.size() * 4, all);
  CHECK(out == in);
  CHECK_EQUAL(std::memcmp(image->view().data, in.data(), in.size() * 4), 0);

  // One image, by its index; without a region it is the whole of it.
  Image::Transfer second;
  second.image_index = 1;
  std::vector<float> one(3 * 4 * 5);
  image->read_bytes(one.data(), one.size() * 4, second);
  CHECK_EQUAL(one.front(), 60.0f);
  CHECK_EQUAL(one.back(), 119.0f);
}

TEST(new_images_are_zero) {
  auto image = make(describe(1, 2, 3, 4, Format::Float16));
  std::vector<std::uint16_t> out(24, 1);
  image->read_bytes(out.data(), 48, {});
  for (auto value : out) CHECK_EQUAL(value, 0);
}

TEST(planes) {
  auto image = make(describe(1, 2, 3, 4));
  const auto planes = counting(24);  // channel, y, x
  Image::Transfer transfer;
  transfer.layout = DataLayout::FeatureChannelsxHeightxWidth;
  image->write_bytes(planes.data(), 96, transfer);
  const ImageView v = image->view();
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t y = 0; y < 2; ++y) {
      for (std::size_t x = 0; x < 3; ++x)
        CHECK_EQUAL(static_cast<float*>(v.data)[(y * 3 + x) * 4 + c], planes[(c * 2 + y) * 3 + x]);
    }
  }
  std::vector<float> back(24);
  image->read_bytes(back.data(), 96, transfer);
  CHECK(back == planes);
}

TEST(parts_of_an_image) {
  auto image = make(describe(1, 4, 5, 8));
  const auto in = counting(4 * 5 * 8);
  image->write_bytes(in.data(), in.size() * 4, {});
  Image::Transfer part;
  part.region = {{1, 2, 0}, {3, 2, 1}};
  part.feature_channel_info = {4, 4};
  part.bytes_per_row = 4 * sizeof(float) * 7;  // wider than needed
  std::vector<float> out(2 * 28, -1);
  image->read_bytes(out.data(), out.size() * 4, part);
  CHECK_EQUAL(out[0], float((2 * 5 + 1) * 8 + 4));
  CHECK_EQUAL(out[11], float((2 * 5 + 3) * 8 + 7));
  CHECK_EQUAL(out[12], -1.0f);  // between the rows
  CHECK_EQUAL(out[28], float((3 * 5 + 1) * 8 + 4));
}

TEST(transfers_that_do_not_fit) {
  auto image = make(describe(2, 3, 4, 6));
  std::vector<float> memory(3 * 4 * 6);
  const std::size_t bytes = memory.size() * 4;
  const auto read = [&](const Image::Transfer& t, std::size_t length) { image->read_bytes(memory.data(), length, t); };
  CHECK_THROWS(InvalidArgument, "288", read({}, bytes - 1));
  Image::Transfer t;
  t.image_index = 2;
  CHECK_THROWS(InvalidArgument, "image_index 2", read(t, bytes));
  t = {};
  t.region = {{1, 0, 0}, {4, 3, 1}};
  CHECK_THROWS(InvalidArgument, "region", read(t, bytes));
  t.region = {{kUIntegerMax, 0, 0}, {2, 1, 1}};  // their sum overflows
  CHECK_THROWS(InvalidArgument, "region", read(t, bytes));
  t.region = {{0, 0, 0}, {0, 1, 1}};
  CHECK_THROWS(InvalidArgument, "region", read(t, bytes));
  t = {};
  t.feature_channel_info = {2, 4};
  CHECK_THROWS(InvalidArgument, "feature channels", read(t, bytes));
  t.feature_channel_info = {4, 4};
  CHECK_THROWS(InvalidArgument, "feature channels", read(t, bytes));
  t = {};
  t.bytes_per_row = kUIntegerMax / 2;
  CHECK_THROWS(InvalidArgument, "overflow", read(t, bytes));
  t = {};
  t.bytes_per_image = kUIntegerMax / 2;
  t.region = {{0, 0, 0}, {4, 3, 2}};
  CHECK_THROWS(InvalidArgument, "", read(t, bytes));
}

TEST(sizes_that_make_no_image) {
  CHECK_THROWS(InvalidArgument, "positive", make(describe(1, 0, 4, 5)));
  CHECK_THROWS(InvalidArgument, "positive", make(describe(1, 3, 4, 0)));
  CHECK_THROWS(InvalidArgument, "positive", make(describe(0, 3, 4, 5)));
  CHECK_THROWS(InvalidArgument, "None", make(describe(1, 3, 4, 5, Format::None)));
  CHECK_THROWS(InvalidArgument, "overflow", make(describe(1, std::size_t(1) << 32, std::size_t(1) << 32, 1)));
  CHECK_THROWS(InvalidArgument, "overflow", make(describe(kUIntegerMax, 2, 2, kUIntegerMax)));
  // Fits into an address, not into any machine: found when the memory is wanted.
  auto huge = make(describe(1, std::size_t(1) << 28, std::size_t(1) << 28, 1));
  float value = 0;
  Image::Transfer one;
  one.region = {{0, 0, 0}, {1, 1, 1}};
  CHECK_THROWS(OutOfMemory, "bytes", huge->read_bytes(&value, sizeof(value), one));
}

TEST(images_of_one_allocation) {
  auto image = make(describe(3, 2, 2, 3));
  const auto in = counting(36);
  Image::Transfer all;
  all.region = {{0, 0, 0}, {2, 2, 3}};
  image->write_bytes(in.data(), 144, all);
  auto batch = image->batch_representation();
  CHECK_EQUAL(batch.size(), 3u);
  for (std::size_t n = 0; n < 3; ++n) {
    CHECK_EQUAL(batch[n]->number_of_images(), 1u);
    CHECK(batch[n]->parent() == image);
    CHECK_EQUAL(*static_cast<float*>(batch[n]->view().data), float(12 * n));
  }
  image.reset();  // a view keeps the memory
  CHECK_EQUAL(*static_cast<float*>(batch[2]->view().data), 24.0f);
  CHECK_EQUAL(batch[0]->parent()->batch_representation({1, 2}).size(), 2u);
  CHECK_THROWS(InvalidArgument, "sub_range", batch[0]->parent()->batch_representation({2, 2}));
  CHECK_THROWS(InvalidArgument, "sub_range", batch[0]->parent()->batch_representation({1, kUIntegerMax}));

  const auto made = Image::make_batch(default_device(), describe(1, 2, 2, 3), 4);
  const auto* first = static_cast<float*>(made[0]->view().data);
  for (std::size_t n = 0; n < 4; ++n) CHECK(static_cast<float*>(made[n]->view().data) == first + 12 * n);
}

TEST(channel_ranges) {
  auto image = make(describe(2, 2, 3, 10));
  auto part = image->sub_image_with_feature_channel_range({4, 5});
  const ImageView v = part->view(), whole = image->view();
  CHECK_EQUAL(v.channels, 5u);
  CHECK_EQUAL(v.pixel_stride, 10u);
  CHECK(v.data == static_cast<float*>(whole.data) + 4);
  const std::vector<float> ones(2 * 3 * 5, 1);
  part->write_bytes(ones.data(), ones.size() * 4, {});
  const auto* all = static_cast<float*>(whole.data);
  float sum = 0;
  for (int i = 0; i < 120; ++i) sum += all[i];
  CHECK_EQUAL(sum, 30.0f);
  CHECK_EQUAL(all[4], 1.0f);
  CHECK_EQUAL(all[9], 0.0f);
  CHECK_THROWS(InvalidArgument, "multiple of 4", image->sub_image_with_feature_channel_range({2, 4}));
  CHECK_THROWS(InvalidArgument, "feature channels", image->sub_image_with_feature_channel_range({8, 3}));
  CHECK_THROWS(InvalidArgument, "feature channels", image->sub_image_with_feature_channel_range({4, kUIntegerMax}));
  CHECK_THROWS(InvalidArgument, "feature channels", image->sub_image_with_feature_channel_range({0, 0}));
}

TEST(wrapped_memory_keeps_its_owner) {
  auto owner = std::make_shared<std::vector<float>>(counting(24));
  std::weak_ptr<std::vector<float>> watch = owner;
  auto image = Image::wrap(default_device(), describe(1, 2, 3, 4), owner->data(), owner);
  owner.reset();
  CHECK(!watch.expired());
  CHECK_EQUAL(static_cast<float*>(image->view().data)[23], 23.0f);
  CHECK_EQUAL(image->resource_size(), 0u);
  image.reset();
  CHECK(watch.expired());
}

TEST(temporary_images) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  auto image = TemporaryImage::temporary_image(buffer, describe(1, 2, 2, 4));
  float value[16];
  CHECK_THROWS(InvalidArgument, "temporary", image->read_bytes(value, sizeof(value), {}));
  CHECK_EQUAL(image->read_count(), 1u);
  image->set_read_count(2);
  image->check_readable("a filter");
  image->consume_read(1);
  image->consume_read(1);
  CHECK_EQUAL(image->read_count(), 0u);
  CHECK_THROWS(InvalidArgument, "read_count 0", image->check_readable("a filter"));
  CHECK_THROWS(InvalidArgument, "read_count is 0", image->set_read_count(1));
}

TEST(read_counts_of_a_batch) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  auto a = TemporaryImage::temporary_image(buffer, describe(1, 1, 1, 4));
  auto permanent = make(describe(1, 1, 1, 4));
  CHECK_EQUAL(image_batch_increment_read_count({a, a, permanent}, 2), 2u);  // each image once
  CHECK_EQUAL(a->read_count(), 3u);
  CHECK_THROWS(InvalidArgument, "3", image_batch_increment_read_count({a}, -4));
  CHECK_THROWS(InvalidArgument, "image 1 is missing", image_batch_increment_read_count({a, nullptr}, 1));
}

}  // namespace
