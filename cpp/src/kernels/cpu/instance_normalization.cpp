#include "mpsnn/nodes/instance_normalization.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "kernels/cpu/normalization_loops.hpp"
#include "kernels/kernel.hpp"
#include "nodes/normalization_parameters.hpp"

namespace mpsnn::cpu {

namespace {

using Parameters = ImageNormalizationParameters;

/// How a batch is shared out: each worker takes images of its own, or one has all of them and the threads share each image.
struct Sharing {
  std::size_t images, workers = 1;
  int threads;        ///< within an image
  std::size_t grain;  ///< numbers a thread takes within an image

  Sharing(const TensorDescriptor& source, int all_threads) : images(source.n), threads(std::max(all_threads, 1)), grain(kGrain) {
    const auto wanted = std::size_t(threads);
    const std::size_t image = source.count() / source.n;
    if (images < wanted && image >= kGrain * wanted) return;
    workers = std::clamp<std::size_t>(source.count() / kGrain, 1, std::min(images, wanted));
    if (workers == 1) return;
    threads = 1;
    grain = image;
  }
  /// Calls `body(worker, image)` for every image.
  template <class Worker, class Body>
  void for_images(std::vector<Worker>& all, const Body& body) const {
    parallel_ranges(workers, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t w = begin; w < end; ++w) {
        for (std::size_t n = images * w / workers; n < images * (w + 1) / workers; ++n) body(all[w], n);
      }
    });
  }
};

Rows rows_of_image(const TensorDescriptor& t, bool is_dense) { return Rows(t.h * t.w, t.c, is_dense); }

std::size_t image_stride(const TensorDescriptor& t) { return t.h * t.w * t.pixel_stride; }

float epsilon_of(const Op& op, const Parameters& parameters) {
  return static_cast<const ImageNormalizationOp&>(op).epsilon.value_or(parameters.epsilon());
}

// Forward -----------------------------------------------------------------------------------------------------------

class ImageNormalization final : public PlanKernel {
 public:
  explicit ImageNormalization(const KernelRequest& request)
      : source_(request.sources[0]),
        result_(request.result ? *request.result : request.sources[0]),
        op_(request.op),
        parameters_(static_cast<const Parameters&>(*request.parameters)),
        groups_(parameters_.groups()),
        rows_(rows_of_image(source_, source_.is_dense() && result_.is_dense())),
        sharing_(source_, request.threads),
        workers_(sharing_.workers, Worker(rows_, sharing_.threads)) {}
  bool can_run_in_place() const override { return true; }

  void run(const RunArguments& arguments) override {
    sharing_.for_images(workers_, [&](Worker& worker, std::size_t n) {
      const float* x = arguments.sources[0] + n * image_stride(source_);
      worker.statistics.compute(x, source_.pixel_stride);
      prepare(worker, arguments, n);
      if (arguments.result) normalize_image(worker, x, arguments.result + n * image_stride(result_));
    });
  }

 private:
  struct Worker {
    Statistics statistics;
    Lanes mean, scale, shift;
    Worker(const Rows& rows, int threads) : statistics(rows, threads), mean(rows.lanes), scale(rows.lanes), shift(rows.lanes) {}
  };

  void prepare(Worker& worker, const RunArguments& arguments, std::size_t image) const {
    const float *gamma = parameters_.values(Parameters::kGamma), *beta = parameters_.values(Parameters::kBeta);
    const std::size_t each = source_.c / groups_;
    const double pixels = double(source_.h * source_.w);
    for (std::size_t g = 0; g < groups_; ++g) {
      double count = 0, mean = 0, m2 = 0;
      for (std::size_t c = g * each; c < (g + 1) * each; ++c) {
        const double weight = pixels / (count + pixels), d = worker.statistics.mean(c) - mean;
        mean += d * weight;
        m2 += worker.statistics.variance(c) * pixels + d * d * count * weight;
        count += pixels;
      }
      const double variance = m2 / count, s = inverse_deviation(variance, epsilon_of(op_, parameters_));
      for (std::size_t c = g * each; c < (g + 1) * each; ++c) {
        worker.mean[c] = float(mean);
        worker.scale[c] = float(double(gamma[c]) * s);
        // What the mean loses by rounding comes back here.
        worker.shift[c] = float(double(beta[c]) - (mean - double(worker.mean[c])) * double(gamma[c]) * s);
      }
      if (arguments.states.empty()) continue;
      static_cast<float*>(arguments.states[0])[image * groups_ + g] = float(mean);
      static_cast<float*>(arguments.states[1])[image * groups_ + g] = float(variance);
    }
    for (Lanes* lanes : {&worker.mean, &worker.scale, &worker.shift}) spread(*lanes, source_.c);
  }

  void normalize_image(const Worker& worker, const float* x, float* y) const {
    for_rows(rows_, sharing_.grain, [&](std::size_t pixel, std::size_t count, std::size_t lanes) {
      normalization_loops().normalize({count,
                                       lanes,
                                       x + pixel * source_.pixel_stride,
                                       rows_.stride(source_.pixel_stride, lanes),
                                       y + pixel * result_.pixel_stride,
                                       rows_.stride(result_.pixel_stride, lanes),
                                       {worker.mean.data(), worker.scale.data(), worker.shift.data()}});
    });
  }

  TensorDescriptor source_, result_;
  const Op& op_;
  const Parameters& parameters_;
  std::size_t groups_;
  Rows rows_;
  Sharing sharing_;
  std::vector<Worker> workers_;
};

// Gradient ----------------------------------------------------------------------------------------------------------

class ImageNormalizationGradient final : public PlanKernel {
 public:
  explicit ImageNormalizationGradient(const KernelRequest& request)
      : gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(request.result ? *request.result : request.sources[0]),
        forward_(*request.forward->op),
        parameters_(static_cast<const Parameters&>(*request.parameters)),
        groups_(parameters_.groups()),
        rows_(rows_of_image(source_, gradient_.is_dense() && source_.is_dense() && result_.is_dense())),
        sharing_(source_, request.threads),
        workers_(sharing_.workers, Worker(rows_, sharing_.threads)) {}
  bool can_run_in_place() const override { return true; }

  void run(const RunArguments& arguments) override {
    sharing_.for_images(workers_, [&](Worker& worker, std::size_t n) {
      const float *g = arguments.sources[0] + n * image_stride(gradient_), *x = arguments.sources[1] + n * image_stride(source_);
      const std::size_t each = source_.c / groups_;
      const float* mean = static_cast<const float*>(arguments.source_states[0]) + n * groups_;
      for (std::size_t c = 0; c < source_.c; ++c) worker.mean[c] = mean[c / each];
      spread(worker.mean, source_.c);
      worker.sums.compute([&](std::size_t, std::size_t pixel, std::size_t count, std::size_t lanes) {
        return rows_at(worker, g, x, pixel, count, lanes);
      });
      use_sums(worker, arguments, n);
      if (arguments.result) differentiate_image(worker, g, x, arguments.result + n * image_stride(result_));
    });
  }

 private:
  struct Worker {
    GradientSums sums;
    Lanes mean, weight, shift, slope, scale;
    Worker(const Rows& rows, int threads)
        : sums(rows, threads), mean(rows.lanes), weight(rows.lanes), shift(rows.lanes), slope(rows.lanes), scale(rows.lanes) {}
  };

  void use_sums(Worker& worker, const RunArguments& arguments, std::size_t image) const {
    const float* gamma = parameters_.values(Parameters::kGamma);
    const float* variance = static_cast<const float*>(arguments.source_states[1]) + image * groups_;
    const std::size_t each = source_.c / groups_;
    const double count = double(source_.h * source_.w * each);
    for (std::size_t g = 0; g < groups_; ++g) {
      const double s = inverse_deviation(double(variance[g]), epsilon_of(forward_, parameters_));
      double sum = 0, sum_with_x = 0;
      for (std::size_t c = g * each; c < (g + 1) * each; ++c) {
        // A channel of its own takes gamma out of the brackets, so that equal gradients cancel exactly.
        const double weight = each == 1 ? 1.0 : double(gamma[c]);
        sum += weight * worker.sums.sum(c);
        sum_with_x += weight * worker.sums.sum_with_x(c);
        worker.weight[c] = float(weight);
        worker.scale[c] = float(each == 1 ? double(gamma[c]) * s : s);
        if (arguments.states.empty()) continue;
        static_cast<float*>(arguments.states[0])[image * source_.c + c] = float(worker.sums.sum_with_x(c) * s);
        static_cast<float*>(arguments.states[1])[image * source_.c + c] = float(worker.sums.sum(c));
      }
      for (std::size_t c = g * each; c < (g + 1) * each; ++c) {
        worker.shift[c] = float(-sum / count);
        worker.slope[c] = float(-sum_with_x * s * s / count);
      }
    }
    for (Lanes* lanes : {&worker.weight, &worker.shift, &worker.slope, &worker.scale}) spread(*lanes, source_.c);
  }

  void differentiate_image(const Worker& worker, const float* g, const float* x, float* d) const {
    const DifferentiatingLanes by{worker.weight.data(), worker.shift.data(), worker.slope.data(), worker.scale.data()};
    for_rows(rows_, sharing_.grain, [&](std::size_t pixel, std::size_t count, std::size_t lanes) {
      normalization_loops().differentiate(rows_at(worker, g, x, pixel, count, lanes), by, d + pixel * result_.pixel_stride,
                                          rows_.stride(result_.pixel_stride, lanes));
    });
  }

  GradientRows rows_at(const Worker& worker, const float* g, const float* x, std::size_t pixel, std::size_t count,
                       std::size_t lanes) const {
    return {count,
            lanes,
            g + pixel * gradient_.pixel_stride,
            rows_.stride(gradient_.pixel_stride, lanes),
            x + pixel * source_.pixel_stride,
            rows_.stride(source_.pixel_stride, lanes),
            {worker.mean.data(), nullptr, nullptr},
            {},
            source_.count() / source_.n * sizeof(float) <= kHeldBytes};
  }

  TensorDescriptor gradient_, source_, result_;
  const Op& forward_;
  const Parameters& parameters_;
  std::size_t groups_;
  Rows rows_;
  Sharing sharing_;
  std::vector<Worker> workers_;
};

std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) { return std::make_unique<ImageNormalization>(request); }

std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  if (request.source_states.size() != 2) {
    request.decline("the forward filter leaves no statistics");
    return nullptr;
  }
  return std::make_unique<ImageNormalizationGradient>(request);
}

}  // namespace

void register_instance_normalization(KernelTable& table) {
  table.add<InstanceNormalizationOp>("loops", make_forward);
  table.add<GroupNormalizationOp>("loops", make_forward);
  table.add<InstanceNormalizationGradientOp>("loops", make_gradient);
  table.add<GroupNormalizationGradientOp>("loops", make_gradient);
}

}  // namespace mpsnn::cpu
