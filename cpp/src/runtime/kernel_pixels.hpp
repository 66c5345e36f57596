#pragma once

#include <memory>
#include <vector>

#include "plan/plan.hpp"
#include "runtime/runner.hpp"

namespace mpsnn {

struct KernelCall;

/// Sources as shape inference sees them: the channels that are read.
std::vector<ImageShape> shapes_of(const KernelCall& call);

/// The part of the destination images that an encode writes, and what the filter makes for it.
class Destination {
 public:
  /// Throws ShapeError where the result does not fit. Without images only states are written.
  Destination(const KernelCall& call, const Op& op, const std::vector<ImageShape>& shapes);
  std::size_t batch() const { return batch_; }
  const ImageShape& result() const { return result_; }
  const Geometry& geometry() const { return geometry_; }
  /// Whether the part of a source is read that `offset` and the clip rectangle say, and not all of it.
  bool is_read_by_pixel(std::size_t source) const { return is_read_by_pixel_[source]; }
  std::size_t first_source_image() const { return first_source_; }
  /// The part of an image that is written.
  mtl::Region clip_rect() const { return {{x_, y_, first_}, {width_, height_, batch_}}; }
  /// The same with every image there is for a source.
  mtl::Region written_part() const { return {{x_, y_, first_}, {width_, height_, batch_ * images_per_source_}}; }
  PlanRequest::Source described() const;
  SlotBinding bind();
  /// After the run: what was computed aside goes to its place.
  void finish() const;

 private:
  void place_on_images(const KernelCall& call, const Op& op);
  void check_sources(const KernelCall& call) const;
  void place(const KernelCall& call, const Op& op, const std::vector<ImageShape>& shapes);
  bool is_aside() const;

  ImageBatch images_;
  std::size_t batch_ = 0, first_ = 0, first_source_ = 0;
  std::size_t images_per_source_ = 1;
  std::size_t x_ = 0, y_ = 0, width_ = 0, height_ = 0;  ///< the rectangle that is written
  std::size_t result_x_ = 0, result_y_ = 0;             ///< the result's pixel that comes to its first
  std::size_t channel_offset_ = 0;
  ImageShape natural_;  ///< one image of the result, of which the rectangle is a part
  ImageShape result_;   ///< what the filter makes for one source image: several images are one below the other
  Geometry geometry_;
  std::vector<bool> is_read_by_pixel_;
  std::shared_ptr<Buffer> aside_;  ///< float32, where the rectangle is not made of whole rows
};

/// The pixels of one source that an encode reads.
class SourcePixels {
 public:
  SourcePixels(const KernelCall& call, std::size_t index, const Destination& destination);
  PlanRequest::Source described() const;
  SlotBinding bind();
  /// Before the run: a part of the image, or what lies beyond its edges, is copied.
  void prepare() const;

 private:
  ImageBatch images_;
  std::size_t batch_ = 0, first_ = 0, channel_offset_ = 0;
  ImageShape shape_;              ///< as the filter sees it
  std::ptrdiff_t x_ = 0, y_ = 0;  ///< of its first pixel
  bool is_cut_ = false;
  ImageEdgeMode edge_mode_ = ImageEdgeMode::Zero;
  std::shared_ptr<Buffer> cut_;  ///< float32
};

}  // namespace mpsnn
