#include "mpsnn/nodes/gram_matrix.hpp"

#include <algorithm>
#include <memory>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/matrix.hpp"
#include "kernels/cpu/onednn.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 16384;  // numbers that are worth a thread

/// The factor of one run: the caller's answer, where he was asked.
class Alpha {
 public:
  Alpha(const KernelRequest& request, float alpha) : alpha_(alpha), is_answered_(!request.source_states.empty()) {}
  float of(const RunArguments& arguments) const {
    return is_answered_ ? float(*static_cast<const double*>(arguments.source_states.back())) : alpha_;
  }

 private:
  const float alpha_;
  const bool is_answered_;
};

/// The matrices of all images, `channels` rows each.
void multiply_by(float alpha, float* matrices, const TensorDescriptor& t) {
  if (alpha == 1) return;
  parallel_ranges(t.pixels(), kGrain / t.c + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      float* numbers = matrices + row * t.pixel_stride;
      for (std::size_t c = 0; c < t.c; ++c) numbers[c] *= alpha;
    }
  });
}

/// to[i][j] = alpha * (g[i][j] + g[j][i]) for each image, dense.
void add_transposed(const float* g, const TensorDescriptor& t, float alpha, float* to) {
  const std::size_t size = t.c;
  parallel_ranges(t.n * size, kGrain / size + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const std::size_t i = row % size;
      const float *rows = g + row * t.pixel_stride, *column = g + (row - i) * t.pixel_stride + i;
      for (std::size_t j = 0; j < size; ++j) to[row * size + j] = alpha * (rows[j] + column[j * t.pixel_stride]);
    }
  });
}

std::size_t bytes_of_matrices(const TensorDescriptor& t) { return (t.n * t.c * t.c * sizeof(float) + 63) / 64 * 64; }

class GramMatrixLoops final : public PlanKernel {
 public:
  GramMatrixLoops(const KernelRequest& request, const GramMatrixOp& op)
      : alpha_(request, op.alpha), source_(request.sources[0]), result_(*request.result) {}

  void run(const RunArguments& arguments) override {
    const std::size_t pixels = source_.h * source_.w;
    for (std::size_t n = 0; n < source_.n; ++n) {
      const float* x = arguments.sources[0] + n * pixels * source_.pixel_stride;
      float* result = arguments.result + n * source_.c * result_.pixel_stride;
      multiply({source_.c, source_.c, pixels, x, 1, source_.pixel_stride, x, source_.pixel_stride, result, result_.pixel_stride});
    }
    multiply_by(alpha_.of(arguments), arguments.result, result_);
  }

 private:
  const Alpha alpha_;
  const TensorDescriptor source_, result_;
};

class GramMatrixGradientLoops final : public PlanKernel {
 public:
  GramMatrixGradientLoops(const KernelRequest& request, const GramMatrixGradientOp& op)
      : alpha_(request, op.alpha), gradient_(request.sources[0]), source_(request.sources[1]), result_(*request.result) {}

  std::size_t scratch_bytes() const override { return bytes_of_matrices(gradient_); }

  void run(const RunArguments& arguments) override {
    auto* matrices = reinterpret_cast<float*>(arguments.scratch);
    add_transposed(arguments.sources[0], gradient_, alpha_.of(arguments), matrices);
    const std::size_t pixels = source_.h * source_.w, c = source_.c;
    for (std::size_t n = 0; n < source_.n; ++n) {
      multiply({pixels, c, c, arguments.sources[1] + n * pixels * source_.pixel_stride, source_.pixel_stride, 1,
                matrices + n * c * c, c, arguments.result + n * pixels * result_.pixel_stride, result_.pixel_stride});
    }
  }

 private:
  const Alpha alpha_;
  const TensorDescriptor gradient_, source_, result_;
};

std::unique_ptr<PlanKernel> make_loops(KernelRequest& request) {
  return std::make_unique<GramMatrixLoops>(request, static_cast<const GramMatrixOp&>(request.op));
}

std::unique_ptr<PlanKernel> make_gradient_loops(KernelRequest& request) {
  return std::make_unique<GramMatrixGradientLoops>(request, static_cast<const GramMatrixGradientOp&>(request.op));
}

#ifdef MPSNN_ONEDNN
using onednn::Desc;

/// A matrix for each image of a batch: rows and columns `row_step` and `column_step` numbers apart.
Desc matrices(std::size_t n, std::size_t rows, std::size_t columns, std::size_t row_step, std::size_t column_step,
              std::size_t image_step) {
  return {{std::int64_t(n), std::int64_t(rows), std::int64_t(columns)},
          onednn::kFloat,
          onednn::Dims{std::int64_t(image_step), std::int64_t(row_step), std::int64_t(column_step)}};
}
/// Pixels as rows, channels as columns.
Desc pixels_by_channels(const TensorDescriptor& t) {
  const std::size_t pixels = t.h * t.w;
  return matrices(t.n, pixels, t.c, t.pixel_stride, 1, pixels * t.pixel_stride);
}

onednn::Primitive make_product(const Desc& a, const Desc& b, const Desc& c) {
  const dnnl::matmul::primitive_desc desc(onednn::engine(), a, b, c, onednn::attributes());
  if (onednn::is_reference(desc.impl_info_str())) return {};
  onednn::Primitive product(desc);
  product.bind(DNNL_ARG_SRC, a);
  product.bind(DNNL_ARG_WEIGHTS, b);
  product.bind(DNNL_ARG_DST, c);
  return product;
}

void run_product(onednn::Primitive& product, const float* a, const float* b, float* c, std::byte* scratch) {
  product.set(DNNL_ARG_SRC, a);
  product.set(DNNL_ARG_WEIGHTS, b);
  product.set(DNNL_ARG_DST, c);
  product.run(scratch);
}

class GramMatrixOneDNN final : public PlanKernel {
 public:
  GramMatrixOneDNN(const KernelRequest& request, const GramMatrixOp& op, onednn::Primitive product)
      : alpha_(request, op.alpha), result_(*request.result), product_(std::move(product)) {}
  std::size_t scratch_bytes() const override { return product_.scratch_bytes(); }
  void run(const RunArguments& arguments) override {
    const float* x = arguments.sources[0];
    run_product(product_, x, x, arguments.result, arguments.scratch);
    multiply_by(alpha_.of(arguments), arguments.result, result_);
  }

 private:
  const Alpha alpha_;
  const TensorDescriptor result_;
  onednn::Primitive product_;
};

class GramMatrixGradientOneDNN final : public PlanKernel {
 public:
  GramMatrixGradientOneDNN(const KernelRequest& request, const GramMatrixGradientOp& op, onednn::Primitive product)
      : alpha_(request, op.alpha), gradient_(request.sources[0]), product_(std::move(product)) {}
  std::size_t scratch_bytes() const override { return bytes_of_matrices(gradient_) + product_.scratch_bytes(); }
  void run(const RunArguments& arguments) override {
    auto* matrices = reinterpret_cast<float*>(arguments.scratch);
    add_transposed(arguments.sources[0], gradient_, alpha_.of(arguments), matrices);
    run_product(product_, arguments.sources[1], matrices, arguments.result, arguments.scratch + bytes_of_matrices(gradient_));
  }

 private:
  const Alpha alpha_;
  const TensorDescriptor gradient_;
  onednn::Primitive product_;
};

std::unique_ptr<PlanKernel> make_onednn(KernelRequest& request) {
  return onednn::make_or_decline(request, [&]() -> std::unique_ptr<PlanKernel> {
    const TensorDescriptor &x = request.sources[0], &r = *request.result;
    const std::size_t pixels = x.h * x.w;
    auto product = make_product(matrices(x.n, x.c, pixels, 1, x.pixel_stride, pixels * x.pixel_stride), pixels_by_channels(x),
                                pixels_by_channels(r));
    if (!product) {
      request.decline("oneDNN has only its reference implementation for this");
      return nullptr;
    }
    return std::make_unique<GramMatrixOneDNN>(request, static_cast<const GramMatrixOp&>(request.op), std::move(product));
  });
}

std::unique_ptr<PlanKernel> make_gradient_onednn(KernelRequest& request) {
  return onednn::make_or_decline(request, [&]() -> std::unique_ptr<PlanKernel> {
    const TensorDescriptor& x = request.sources[1];
    auto product =
        make_product(pixels_by_channels(x), matrices(x.n, x.c, x.c, x.c, 1, x.c * x.c), pixels_by_channels(*request.result));
    if (!product) {
      request.decline("oneDNN has only its reference implementation for this");
      return nullptr;
    }
    return std::make_unique<GramMatrixGradientOneDNN>(request, static_cast<const GramMatrixGradientOp&>(request.op),
                                                      std::move(product));
  });
}
#endif

}  // namespace

void register_gram_matrix(KernelTable& table) {
#ifdef MPSNN_ONEDNN
  table.add<GramMatrixOp>("onednn", make_onednn);
  table.add<GramMatrixGradientOp>("onednn", make_gradient_onednn);
#endif
  table.add<GramMatrixOp>("loops", make_loops);
  table.add<GramMatrixGradientOp>("loops", make_gradient_loops);
}

}  // namespace mpsnn::cpu
