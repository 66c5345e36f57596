#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/nodes/resampling.hpp"

namespace mpsnn {

namespace {

// Positions stay exact in double precision, and sizes in every integer.
constexpr std::size_t kLimit = std::numeric_limits<std::int32_t>::max();

void check_size(const std::string& name, std::size_t width, std::size_t height) {
  for (const auto& [property, value] : {std::pair{"resize_width", width}, std::pair{"resize_height", height}}) {
    if (value >= 1 && value <= kLimit) continue;
    throw InvalidArgument(name + ": " + property + (value == 0 ? " must be positive" : " is too large") + ", got " +
                          std::to_string(value));
  }
}

}  // namespace

Inferred ResizeBilinearOp::infer(const InferRequest& request) const {
  check(request.node);
  return {{resize_height, resize_width, request.sources[0].channels}, {}};
}

void ResizeBilinearOp::check(const std::string& name) const { check_size(name, resize_width, resize_height); }

void CropAndResizeBilinearOp::visit(AttributeVisitor& visitor) {
  fields([&](const char* name, auto member, const char*) { visitor(name, this->*member); });
  auto count = regions.size();
  visitor("number_of_regions", count);
  regions.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = "regions." + std::to_string(i);
    visitor((name + ".origin.x").c_str(), regions[i].origin.x);
    visitor((name + ".origin.y").c_str(), regions[i].origin.y);
    visitor((name + ".size.width").c_str(), regions[i].size.width);
    visitor((name + ".size.height").c_str(), regions[i].size.height);
  }
}

Inferred CropAndResizeBilinearOp::infer(const InferRequest& request) const {
  check(request.node);
  return {{resize_height, resize_width, request.sources[0].channels}, {}};
}

void CropAndResizeBilinearOp::check(const std::string& name) const {
  check_size(name, resize_width, resize_height);
  if (regions.empty()) throw InvalidArgument(name + ": number_of_regions must be positive, got 0");
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const Region& r = regions[i];
    for (const auto& [property, value] : {std::pair{"origin.x", r.origin.x}, std::pair{"origin.y", r.origin.y},
                                          std::pair{"size.width", r.size.width}, std::pair{"size.height", r.size.height}}) {
      if (std::isfinite(value)) continue;
      throw InvalidArgument(name + ": " + property + " of region " + std::to_string(i) + " must be finite, got " +
                            std::to_string(value));
    }
  }
}

Inferred GridSampleOp::infer(const InferRequest& request) const {
  const ImageShape &image = request.sources[0], &grid = request.sources[1];
  if (grid.channels < 2) {
    throw ShapeError(request.node + ": the secondary image holds an x and a y for each pixel, got " + to_string(grid) +
                     " (height x width x channels)");
  }
  return {{grid.height, grid.width, image.channels}, {}};
}

Inferred GridSampleOp::place(const PlaceRequest& request) const {
  const Inferred whole = infer(request.filter);
  return {{request.destination.height, request.destination.width, whole.result.channels}, request.sources[0]};
}

}  // namespace mpsnn
