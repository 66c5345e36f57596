#include "mpsnn/optimizer.hpp"

#include <pybind11/operators.h>

#include <limits>
#include <utility>

#include "arrays.hpp"
#include "bindings.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

namespace {

using BufferPtr = std::shared_ptr<Buffer>;
using CommandBufferPtr = std::shared_ptr<CommandBuffer>;
using Vectors = std::optional<std::vector<VectorPtr>>;
using ConvolutionGradient = std::shared_ptr<CNNConvolutionGradientState>;
using ConvolutionValues = std::shared_ptr<CNNConvolutionWeightsAndBiasesState>;
using BatchState = std::shared_ptr<CNNBatchNormalizationState>;
using GammaAndBeta = std::shared_ptr<CNNNormalizationGammaAndBetaState>;

std::vector<VectorPtr> list_of(const Vectors& vectors) { return vectors.value_or(std::vector<VectorPtr>{}); }

// Vectors and matrices ----------------------------------------------------------------------------------------------

constexpr std::pair<DataType, const char*> kTypes[] = {
    {DataType::Float32, "float32"}, {DataType::Float16, "float16"}, {DataType::Int8, "int8"},   {DataType::Int16, "int16"},
    {DataType::Int32, "int32"},     {DataType::Int64, "int64"},     {DataType::UInt8, "uint8"}, {DataType::UInt16, "uint16"},
    {DataType::UInt32, "uint32"},   {DataType::UInt64, "uint64"},   {DataType::Bool, "bool"},
};

py::dtype dtype_of(DataType type, const std::string& what) {
  for (const auto& [known, name] : kTypes) {
    if (known == type) return py::dtype(name);
  }
  throw Unsupported(what + ": NumPy has no such data type");
}

DataType data_type_of(const py::array& array, const std::string& what) {
  for (const auto& [type, name] : kTypes) {
    if (array.dtype().is(py::dtype(name)) || array.dtype().equal(py::dtype(name))) return type;
  }
  throw InvalidArgument(what + ": arrays of " + std::string(py::str(array.dtype())) + " have no MPSDataType");
}

/// An array to share: its rows may lie apart, the numbers of a row follow one another.
struct SharedArray {
  py::array array;
  std::shared_ptr<Buffer> buffer;
  DataType type;
  std::size_t row_bytes;
};

SharedArray share(const py::object& object, bool copy, py::ssize_t dimensions, const std::string& what) {
  if (!is_array(object)) {
    throw InvalidArgument(what + ": expected a buffer with a descriptor or an array, got " +
                          std::string(py::str(py::type::of(object).attr("__name__"))));
  }
  py::array array = py::module_::import("numpy").attr("asarray")(object);
  if (copy) array = array.attr("copy")("order"_a = "C");
  if (array.ndim() != dimensions) {
    throw ShapeError(what + ": the array must have " + std::to_string(dimensions) + " dimension(s), got " +
                     std::to_string(array.ndim()));
  }
  if (array.size() == 0) throw ShapeError(what + ": the array is empty");
  const DataType type = data_type_of(array, what);
  const py::ssize_t element = array.itemsize(), columns = array.shape(dimensions - 1);
  const bool is_dense_row = columns == 1 || array.strides(dimensions - 1) == element;
  py::ssize_t row = columns * element;
  if (dimensions == 2 && array.shape(0) > 1) row = array.strides(0);
  const bool is_aligned = py::cast<bool>(array.attr("flags")["ALIGNED"]);
  if (!is_dense_row || row < columns * element || row % element != 0 || !is_aligned || !array.writeable()) {
    throw InvalidArgument(what +
                          ": the array's memory cannot be shared: it must be writable, with the numbers of a row one after "
                          "another; pass copy=True");
  }
  const py::ssize_t rows = dimensions == 2 ? array.shape(0) : 1;
  auto buffer =
      std::make_shared<Buffer>(const_cast<void*>(array.data()), std::size_t((rows - 1) * row + columns * element), keep(array));
  return {std::move(array), std::move(buffer), type, std::size_t(row)};
}

VectorPtr vector_over(const py::object& object, bool copy) {
  const SharedArray shared = share(object, copy, 1, "MPSVector");
  VectorDescriptor descriptor;
  descriptor.length = std::size_t(shared.array.shape(0));
  descriptor.data_type = shared.type;
  return std::make_shared<Vector>(shared.buffer, descriptor);
}

MatrixPtr matrix_over(const py::object& object, bool copy) {
  const SharedArray shared = share(object, copy, 2, "MPSMatrix");
  MatrixDescriptor descriptor;
  descriptor.rows = std::size_t(shared.array.shape(0));
  descriptor.columns = std::size_t(shared.array.shape(1));
  descriptor.row_bytes = shared.row_bytes;
  descriptor.data_type = shared.type;
  return std::make_shared<Matrix>(shared.buffer, descriptor);
}

/// A view; an axis with an extent of 1 in front is left out.
template <class T>
py::array view(const std::shared_ptr<T>& self, const char* what, std::vector<std::size_t> shape,
               std::vector<std::size_t> strides) {
  if (shape[0] == 1 && shape.size() > (std::is_same_v<T, Vector> ? 1 : 2)) {
    shape.erase(shape.begin());
    strides.erase(strides.begin());
  }
  void* data = static_cast<std::byte*>(self->data()->cpu_access()) + self->offset();
  return py::array(dtype_of(self->data_type(), what), std::vector<py::ssize_t>(shape.begin(), shape.end()),
                   std::vector<py::ssize_t>(strides.begin(), strides.end()), data, py::cast(self));
}

std::size_t element_bytes(DataType type) { return (std::uint32_t(type) & 0xffff) / 8; }

void bind_vector(py::module_& m) {
  py::classh<VectorDescriptor>(m, "MPSVectorDescriptor", "The extents of an MPSVector.")
      .def(py::init([](std::size_t length, std::size_t vectors, std::optional<std::size_t> vector_bytes, DataType data_type) {
             return VectorDescriptor{length, vectors, vector_bytes.value_or(0), data_type};
           }),
           "length"_a, py::kw_only(), "vectors"_a = 1, "vector_bytes"_a = py::none(), "data_type"_a,
           "`vectors` vectors of `length` numbers, `vector_bytes` apart; None: one after the other.")
      .def_static("vector_bytes_for_length", &VectorDescriptor::vector_bytes_for_length, "length"_a, "data_type"_a,
                  "The recommended vector_bytes.")
      .def_readwrite("length", &VectorDescriptor::length, "Numbers in a vector.")
      .def_readonly("vectors", &VectorDescriptor::vectors, "How many vectors there are; 1.")
      .def_readwrite("data_type", &VectorDescriptor::data_type, "Type of the numbers.")
      .def_property_readonly(
          "vector_bytes",
          [](const VectorDescriptor& self) {
            return self.vector_bytes ? self.vector_bytes : VectorDescriptor::vector_bytes_for_length(self.length, self.data_type);
          },
          "Bytes from one vector to the next.");

  py::classh<Vector>(m, "MPSVector", "Numbers in a buffer.")
      .def(py::init(
               [](const BufferPtr& buffer, std::size_t offset, const VectorDescriptor& descriptor, const DeviceArgument& device) {
                 if (buffer) return std::make_shared<Vector>(buffer, descriptor, offset);
                 return std::make_shared<Vector>(device_from(device), descriptor);
               }),
           "buffer"_a = py::none(), py::kw_only(), "offset"_a = 0, "descriptor"_a, "device"_a = py::none(),
           "The numbers that start `offset` bytes into the buffer, or a new buffer of zeros. Raises InvalidArgumentError for a "
           "buffer that is too short.")
      .def(py::init([](const ArrayLike& array, bool copy) { return vector_over(array, copy); }), "array"_a.none(false),
           py::kw_only(), "copy"_a = false,
           "The memory of a one-dimensional array, shared; a copy of its values with copy=True. Raises InvalidArgumentError for "
           "an array that cannot be shared.")
      .def("synchronize_on_command_buffer", &Vector::synchronize_on_command_buffer, "command_buffer"_a.none(false),
           "Makes the contents visible to the CPU where its memory is apart; no effect here.")
      .def("resource_size", &Vector::resource_size, "Bytes of the buffer.")
      .def(
          "to_numpy",
          [](const VectorPtr& self) {
            return view(self, "MPSVector", {self->vectors(), self->length()},
                        {self->vector_bytes(), element_bytes(self->data_type())});
          },
          "A view that keeps the vector alive: (length,), or (vectors, length) where there are several. Raises "
          "InvalidArgumentError while encoded work is to write it.")
      .def_property_readonly("device", &Vector::device, "The device.")
      .def_property_readonly("length", &Vector::length, "Numbers in a vector.")
      .def_property_readonly("vectors", &Vector::vectors, "How many vectors there are.")
      .def_property_readonly("data_type", &Vector::data_type, "Type of the numbers.")
      .def_property_readonly("vector_bytes", &Vector::vector_bytes, "Bytes from one vector to the next.")
      .def_property_readonly("offset", &Vector::offset, "Bytes before the first number.")
      .def_property_readonly("data", &Vector::data, "The buffer.");
}

void bind_matrix(py::module_& m) {
  py::classh<MatrixDescriptor>(m, "MPSMatrixDescriptor", "The extents of an MPSMatrix.")
      .def(py::init([](std::size_t rows, std::size_t columns, std::size_t matrices, std::size_t row_bytes,
                       std::optional<std::size_t> matrix_bytes, DataType data_type) {
             return MatrixDescriptor{rows, columns, matrices, row_bytes, matrix_bytes.value_or(0), data_type};
           }),
           "rows"_a, py::kw_only(), "columns"_a, "matrices"_a = 1, "row_bytes"_a, "matrix_bytes"_a = py::none(), "data_type"_a,
           "`matrices` matrices of `rows` x `columns` numbers, rows `row_bytes` and matrices `matrix_bytes` apart; None: one "
           "after "
           "the other.")
      .def_static("row_bytes_for_columns", &MatrixDescriptor::row_bytes_for_columns, "columns"_a, "data_type"_a,
                  "The recommended row_bytes.")
      .def_readwrite("rows", &MatrixDescriptor::rows, "Rows of a matrix.")
      .def_readwrite("columns", &MatrixDescriptor::columns, "Numbers in a row.")
      .def_readonly("matrices", &MatrixDescriptor::matrices, "How many matrices there are; 1.")
      .def_readwrite("data_type", &MatrixDescriptor::data_type, "Type of the numbers.")
      .def_readwrite("row_bytes", &MatrixDescriptor::row_bytes, "Bytes from one row to the next.")
      .def_property_readonly(
          "matrix_bytes",
          [](const MatrixDescriptor& self) { return self.matrix_bytes ? self.matrix_bytes : self.rows * self.row_bytes; },
          "Bytes from one matrix to the next.");

  py::classh<Matrix>(m, "MPSMatrix", "Rows of numbers in a buffer.")
      .def(py::init(
               [](const BufferPtr& buffer, std::size_t offset, const MatrixDescriptor& descriptor, const DeviceArgument& device) {
                 if (buffer) return std::make_shared<Matrix>(buffer, descriptor, offset);
                 return std::make_shared<Matrix>(device_from(device), descriptor);
               }),
           "buffer"_a = py::none(), py::kw_only(), "offset"_a = 0, "descriptor"_a, "device"_a = py::none(),
           "The numbers that start `offset` bytes into the buffer, or a new buffer of zeros. Raises InvalidArgumentError for a "
           "buffer that is too short.")
      .def(py::init([](const ArrayLike& array, bool copy) { return matrix_over(array, copy); }), "array"_a.none(false),
           py::kw_only(), "copy"_a = false,
           "The memory of a two-dimensional array, whose rows may lie apart, shared; a copy of its values with copy=True. Raises "
           "InvalidArgumentError for an array that cannot be shared.")
      .def("synchronize_on_command_buffer", &Matrix::synchronize_on_command_buffer, "command_buffer"_a.none(false),
           "Makes the contents visible to the CPU where its memory is apart; no effect here.")
      .def("resource_size", &Matrix::resource_size, "Bytes of the buffer.")
      .def(
          "to_numpy",
          [](const MatrixPtr& self) {
            return view(self, "MPSMatrix", {self->matrices(), self->rows(), self->columns()},
                        {self->matrix_bytes(), self->row_bytes(), element_bytes(self->data_type())});
          },
          "A view that keeps the matrix alive: (rows, columns), or (matrices, rows, columns) where there are several. Raises "
          "InvalidArgumentError while encoded work is to write it.")
      .def_property_readonly("device", &Matrix::device, "The device.")
      .def_property_readonly("rows", &Matrix::rows, "Rows of a matrix.")
      .def_property_readonly("columns", &Matrix::columns, "Numbers in a row.")
      .def_property_readonly("matrices", &Matrix::matrices, "How many matrices there are.")
      .def_property_readonly("data_type", &Matrix::data_type, "Type of the numbers.")
      .def_property_readonly("row_bytes", &Matrix::row_bytes, "Bytes from one row to the next.")
      .def_property_readonly("matrix_bytes", &Matrix::matrix_bytes, "Bytes from one matrix to the next.")
      .def_property_readonly("offset", &Matrix::offset, "Bytes before the first number.")
      .def_property_readonly("data", &Matrix::data, "The buffer.");
}

// Optimizers --------------------------------------------------------------------------------------------------------

constexpr const char* kVectorForm =
    "Updates a vector. Gradient and values are read, the state is updated in place, the result, which may be the values, "
    "receives "
    "the new values. Float32; gradient, values and result may be Float16. Raises InvalidArgumentError where lengths differ.";
constexpr const char* kMatrixForm = "Updates a matrix, as a vector; rows may lie apart.";
constexpr const char* kConvolutionForm =
    "Updates weights and biases. The vectors are those for [weights, biases]; with one vector the biases stay as they are. "
    "Lowers "
    "the read counts of both states by one.";
constexpr const char* kBatchForm =
    "Updates gamma and beta. The vectors are those for [gamma, beta]; with one vector beta stays as it is. Lowers the read count "
    "of "
    "the state by one.";
constexpr const char* kTwoBatchStatesForm =
    "As with one state, which is read for the gradients only; the other has gamma and beta.";

void bind_descriptor(py::module_& m) {
  constexpr float kLimit = std::numeric_limits<float>::max();
  using D = NNOptimizerDescriptor;
  py::classh<D>(m, "MPSNNOptimizerDescriptor",
                R"(The settings that all optimizers share. What an update does to a gradient g of a value v, in this order:

    g = min(max(g, gradient_clip_min), gradient_clip_max)   if apply_gradient_clipping
    g = g * gradient_rescale
    g = g + regularization_scale * sign(v)                  for L1, with sign(0) = 0
    g = g + regularization_scale * v                        for L2)")
      .def(py::init([](float learning_rate, float gradient_rescale, bool apply_gradient_clipping, float gradient_clip_max,
                       float gradient_clip_min, NNRegularizationType regularization_type, float regularization_scale) {
             return D{learning_rate,     gradient_rescale,    apply_gradient_clipping, gradient_clip_max,
                      gradient_clip_min, regularization_type, regularization_scale};
           }),
           "learning_rate"_a, py::kw_only(), "gradient_rescale"_a, "apply_gradient_clipping"_a = false,
           "gradient_clip_max"_a = kLimit, "gradient_clip_min"_a = -kLimit, "regularization_type"_a, "regularization_scale"_a,
           "Rates and scales may be negative. The clip limits are the largest finite numbers unless given.")
      .def_readwrite("learning_rate", &D::learning_rate, "Step size.")
      .def_readwrite("gradient_rescale", &D::gradient_rescale, "Factor of every gradient.")
      .def_readwrite("apply_gradient_clipping", &D::apply_gradient_clipping, "Whether gradients are clipped.")
      .def_readwrite("gradient_clip_max", &D::gradient_clip_max, "Largest gradient after clipping.")
      .def_readwrite("gradient_clip_min", &D::gradient_clip_min, "Smallest gradient after clipping.")
      .def_readwrite("regularization_type", &D::regularization_type, "What is added to gradients.")
      .def_readwrite("regularization_scale", &D::regularization_scale, "Factor of what is added.")
      .def(py::self == py::self)
      .def(py::pickle(
          [](const D& d) {
            return py::make_tuple(d.learning_rate, d.gradient_rescale, d.apply_gradient_clipping, d.gradient_clip_max,
                                  d.gradient_clip_min, d.regularization_type, d.regularization_scale);
          },
          [](const py::tuple& t) {
            return D{t[0].cast<float>(), t[1].cast<float>(), t[2].cast<bool>(),
                     t[3].cast<float>(), t[4].cast<float>(), t[5].cast<NNRegularizationType>(),
                     t[6].cast<float>()};
          }));
}

void bind_base(py::module_& m) {
  py::classh<NNOptimizer, Kernel>(m, "MPSNNOptimizer",
                                  "Base of the optimizers: kernels that the update methods of data sources encode.")
      .def("set_learning_rate", &NNOptimizer::set_learning_rate, "new_learning_rate"_a, "For updates encoded from now on.")
      .def_property_readonly("learning_rate", &NNOptimizer::learning_rate, "Step size.")
      .def_property_readonly("gradient_rescale", &NNOptimizer::gradient_rescale, "Factor of every gradient.")
      .def_property("apply_gradient_clipping", &NNOptimizer::apply_gradient_clipping, &NNOptimizer::set_apply_gradient_clipping,
                    "Whether gradients are clipped, for updates encoded from now on.")
      .def_property_readonly("gradient_clip_max", &NNOptimizer::gradient_clip_max, "Largest gradient after clipping.")
      .def_property_readonly("gradient_clip_min", &NNOptimizer::gradient_clip_min, "Smallest gradient after clipping.")
      .def_property_readonly("regularization_scale", &NNOptimizer::regularization_scale, "Factor of what is added to gradients.")
      .def_property_readonly("regularization_type", &NNOptimizer::regularization_type, "What is added to gradients.")
      .def(
          "copy_with_zone",
          [](const NNOptimizer& self, const py::object&, const DeviceArgument& device) {
            return self.copy(device ? device_from(device) : nullptr);
          },
          "zone"_a = py::none(), "device"_a = py::none(),
          "An independent copy with a time step of its own, for another device or the same. `zone` is ignored.")
      .def("__copy__", [](const NNOptimizer& self) { return self.copy(); })
      .def(
          "__deepcopy__", [](const NNOptimizer& self, const py::dict&) { return self.copy(); }, "memo"_a);
}

void bind_sgd(py::module_& m) {
  using Sgd = NNOptimizerStochasticGradientDescent;
  py::classh<Sgd, NNOptimizer>(m, "MPSNNOptimizerStochasticGradientDescent",
                               R"(Stochastic gradient descent. With a vector m for the momentum and learning rate lr:

    no vector:    v = v - lr * g
    classic:      m = momentum_scale * m + lr * g      v = v - m
    Nesterov:     m = momentum_scale * m + g           v = v - lr * (g + momentum_scale * m))")
      .def(py::init([](float momentum_scale, bool use_nesterov_momentum, const NNOptimizerDescriptor& optimizer_descriptor,
                       const DeviceArgument& device) {
             return std::make_shared<Sgd>(momentum_scale, use_nesterov_momentum, optimizer_descriptor, device_from(device));
           }),
           "momentum_scale"_a, py::kw_only(), "use_nesterov_momentum"_a, "optimizer_descriptor"_a, "device"_a = py::none(),
           "The descriptor is copied.")
      .def_static(
          "with_learning_rate",
          [](float learning_rate, const DeviceArgument& device) {
            return Sgd::with_learning_rate(learning_rate, device_from(device));
          },
          "learning_rate"_a, py::kw_only(), "device"_a = py::none(), "No momentum, and the descriptor's defaults.")
      .def(
          "encode_to_command_buffer",
          [](Sgd& self, const CommandBufferPtr& command_buffer, const VectorPtr& gradient, const VectorPtr& values,
             const VectorPtr& momentum,
             const VectorPtr& result) { self.encode_to_command_buffer(command_buffer, gradient, values, momentum, result); },
          "command_buffer"_a.none(false), "input_gradient_vector"_a.none(false), "input_values_vector"_a.none(false),
          "input_momentum_vector"_a, "result_values_vector"_a.none(false), kVectorForm)
      .def(
          "encode_to_command_buffer",
          [](Sgd& self, const CommandBufferPtr& command_buffer, const MatrixPtr& gradient, const MatrixPtr& values,
             const MatrixPtr& momentum,
             const MatrixPtr& result) { self.encode_to_command_buffer(command_buffer, gradient, values, momentum, result); },
          "command_buffer"_a.none(false), "input_gradient_matrix"_a.none(false), "input_values_matrix"_a.none(false),
          "input_momentum_matrix"_a, "result_values_matrix"_a.none(false), kMatrixForm)
      .def(
          "encode_to_command_buffer",
          [](Sgd& self, const CommandBufferPtr& command_buffer, const ConvolutionGradient& gradient,
             const ConvolutionValues& source, const Vectors& momentum, const ConvolutionValues& result) {
            self.encode_to_command_buffer(command_buffer, gradient, source, list_of(momentum), result);
          },
          "command_buffer"_a.none(false), "convolution_gradient_state"_a.none(false), "convolution_source_state"_a.none(false),
          "input_momentum_vectors"_a, "result_state"_a.none(false), kConvolutionForm)
      .def(
          "encode_to_command_buffer",
          [](Sgd& self, const CommandBufferPtr& command_buffer, const BatchState& state, const Vectors& momentum,
             const GammaAndBeta& result) {
            self.encode_to_command_buffer(command_buffer, state, state, list_of(momentum), result);
          },
          "command_buffer"_a.none(false), "batch_normalization_state"_a.none(false), "input_momentum_vectors"_a,
          "result_state"_a.none(false), kBatchForm)
      .def(
          "encode_to_command_buffer",
          [](Sgd& self, const CommandBufferPtr& command_buffer, const BatchState& gradient, const BatchState& source,
             const Vectors& momentum, const GammaAndBeta& result) {
            self.encode_to_command_buffer(command_buffer, gradient, source, list_of(momentum), result);
          },
          "command_buffer"_a.none(false), "batch_normalization_gradient_state"_a.none(false),
          "batch_normalization_source_state"_a.none(false), "input_momentum_vectors"_a, "result_state"_a.none(false),
          kTwoBatchStatesForm)
      .def_property_readonly("momentum_scale", &Sgd::momentum_scale, "Share of the momentum that an update keeps.")
      .def_property_readonly("use_nesterov_momentum", &Sgd::use_nesterov_momentum, "Whether the momentum is Nesterov's.")
      .def(py::pickle(
          [](const Sgd& self) {
            return py::make_tuple(self.momentum_scale(), self.use_nesterov_momentum(), self.descriptor(), self.label);
          },
          [](const py::tuple& t) {
            auto optimizer = std::make_shared<Sgd>(t[0].cast<float>(), t[1].cast<bool>(), t[2].cast<NNOptimizerDescriptor>());
            optimizer->label = t[3].cast<std::string>();
            return optimizer;
          }));
}

void bind_rms_prop(py::module_& m) {
  using Rms = NNOptimizerRMSProp;
  py::classh<Rms, NNOptimizer>(m, "MPSNNOptimizerRMSProp",
                               R"(RMSProp (Hinton, 2012). With a vector s for the mean square and learning rate lr:

    s = decay * s + (1 - decay) * g * g        v = v - lr * g / (sqrt(s) + epsilon))")
      .def(py::init(
               [](double decay, float epsilon, const NNOptimizerDescriptor& optimizer_descriptor, const DeviceArgument& device) {
                 return std::make_shared<Rms>(decay, epsilon, optimizer_descriptor, device_from(device));
               }),
           "decay"_a, py::kw_only(), "epsilon"_a, "optimizer_descriptor"_a, "device"_a = py::none(), "The descriptor is copied.")
      .def_static(
          "with_learning_rate",
          [](float learning_rate, const DeviceArgument& device) {
            return Rms::with_learning_rate(learning_rate, device_from(device));
          },
          "learning_rate"_a, py::kw_only(), "device"_a = py::none(), "decay 0.9, epsilon 1e-8, and the descriptor's defaults.")
      .def(
          "encode_to_command_buffer",
          [](Rms& self, const CommandBufferPtr& command_buffer, const VectorPtr& gradient, const VectorPtr& values,
             const VectorPtr& squares,
             const VectorPtr& result) { self.encode_to_command_buffer(command_buffer, gradient, values, squares, result); },
          "command_buffer"_a.none(false), "input_gradient_vector"_a.none(false), "input_values_vector"_a.none(false),
          "input_sum_of_squares_vector"_a.none(false), "result_values_vector"_a.none(false), kVectorForm)
      .def(
          "encode_to_command_buffer",
          [](Rms& self, const CommandBufferPtr& command_buffer, const MatrixPtr& gradient, const MatrixPtr& values,
             const MatrixPtr& squares,
             const MatrixPtr& result) { self.encode_to_command_buffer(command_buffer, gradient, values, squares, result); },
          "command_buffer"_a.none(false), "input_gradient_matrix"_a.none(false), "input_values_matrix"_a.none(false),
          "input_sum_of_squares_matrix"_a.none(false), "result_values_matrix"_a.none(false), kMatrixForm)
      .def(
          "encode_to_command_buffer",
          [](Rms& self, const CommandBufferPtr& command_buffer, const ConvolutionGradient& gradient,
             const ConvolutionValues& source, const Vectors& squares, const ConvolutionValues& result) {
            self.encode_to_command_buffer(command_buffer, gradient, source, list_of(squares), result);
          },
          "command_buffer"_a.none(false), "convolution_gradient_state"_a.none(false), "convolution_source_state"_a.none(false),
          "input_sum_of_squares_vectors"_a, "result_state"_a.none(false), kConvolutionForm)
      .def(
          "encode_to_command_buffer",
          [](Rms& self, const CommandBufferPtr& command_buffer, const BatchState& state, const Vectors& squares,
             const GammaAndBeta& result) {
            self.encode_to_command_buffer(command_buffer, state, state, list_of(squares), result);
          },
          "command_buffer"_a.none(false), "batch_normalization_state"_a.none(false), "input_sum_of_squares_vectors"_a,
          "result_state"_a.none(false), kBatchForm)
      .def(
          "encode_to_command_buffer",
          [](Rms& self, const CommandBufferPtr& command_buffer, const BatchState& gradient, const BatchState& source,
             const Vectors& squares, const GammaAndBeta& result) {
            self.encode_to_command_buffer(command_buffer, gradient, source, list_of(squares), result);
          },
          "command_buffer"_a.none(false), "batch_normalization_gradient_state"_a.none(false),
          "batch_normalization_source_state"_a.none(false), "input_sum_of_squares_vectors"_a, "result_state"_a.none(false),
          kTwoBatchStatesForm)
      .def_property_readonly("decay", &Rms::decay, "Share of the mean square that an update keeps.")
      .def_property_readonly("epsilon", &Rms::epsilon, "Added to the root.")
      .def(py::pickle([](const Rms& self) { return py::make_tuple(self.decay(), self.epsilon(), self.descriptor(), self.label); },
                      [](const py::tuple& t) {
                        auto optimizer =
                            std::make_shared<Rms>(t[0].cast<double>(), t[1].cast<float>(), t[2].cast<NNOptimizerDescriptor>());
                        optimizer->label = t[3].cast<std::string>();
                        return optimizer;
                      }));
}

void bind_adam(py::module_& m) {
  using Adam = NNOptimizerAdam;
  py::classh<Adam, NNOptimizer>(m, "MPSNNOptimizerAdam",
                                R"(Adam (Kingma and Ba, 2014), and AMSGrad (Reddi, Kale and Kumar, 2018) where a vector x for the
maximum velocity is given. With vectors m for the momentum and u for the velocity, learning rate lr and time step t:

    t = t + 1                                  rate = lr * sqrt(1 - beta2^t) / (1 - beta1^t)
    m = beta1 * m + (1 - beta1) * g            u = beta2 * u + (1 - beta2) * g * g
    v = v - rate * m / (sqrt(u) + epsilon)     AMSGrad: x = max(x, u) takes the place of u)")
      .def(py::init([](double beta1, double beta2, float epsilon, std::size_t time_step,
                       const NNOptimizerDescriptor& optimizer_descriptor, const DeviceArgument& device) {
             return std::make_shared<Adam>(beta1, beta2, epsilon, time_step, optimizer_descriptor, device_from(device));
           }),
           "beta1"_a, py::kw_only(), "beta2"_a, "epsilon"_a, "time_step"_a, "optimizer_descriptor"_a, "device"_a = py::none(),
           "The descriptor is copied.")
      .def_static(
          "with_learning_rate",
          [](float learning_rate, const DeviceArgument& device) {
            return Adam::with_learning_rate(learning_rate, device_from(device));
          },
          "learning_rate"_a, py::kw_only(), "device"_a = py::none(),
          "beta1 0.9, beta2 0.999, epsilon 1e-8, time_step 0, and the descriptor's defaults.")
      .def(
          "encode_to_command_buffer",
          [](Adam& self, const CommandBufferPtr& command_buffer, const VectorPtr& gradient, const VectorPtr& values,
             const VectorPtr& momentum, const VectorPtr& velocity, const VectorPtr& result, const VectorPtr& maximum) {
            self.encode_to_command_buffer(command_buffer, gradient, values, momentum, velocity, maximum, result);
          },
          "command_buffer"_a.none(false), "input_gradient_vector"_a.none(false), "input_values_vector"_a.none(false),
          "input_momentum_vector"_a.none(false), "input_velocity_vector"_a.none(false), "result_values_vector"_a.none(false),
          "maximum_velocity_vector"_a = py::none(), kVectorForm)
      .def(
          "encode_to_command_buffer",
          [](Adam& self, const CommandBufferPtr& command_buffer, const MatrixPtr& gradient, const MatrixPtr& values,
             const MatrixPtr& momentum, const MatrixPtr& velocity, const MatrixPtr& result, const MatrixPtr& maximum) {
            self.encode_to_command_buffer(command_buffer, gradient, values, momentum, velocity, maximum, result);
          },
          "command_buffer"_a.none(false), "input_gradient_matrix"_a.none(false), "input_values_matrix"_a.none(false),
          "input_momentum_matrix"_a.none(false), "input_velocity_matrix"_a.none(false), "result_values_matrix"_a.none(false),
          "maximum_velocity_matrix"_a = py::none(), kMatrixForm)
      .def(
          "encode_to_command_buffer",
          [](Adam& self, const CommandBufferPtr& command_buffer, const ConvolutionGradient& gradient,
             const ConvolutionValues& source, const Vectors& momentum, const Vectors& velocity, const ConvolutionValues& result,
             const Vectors& maximum) {
            self.encode_to_command_buffer(command_buffer, gradient, source, list_of(momentum), list_of(velocity),
                                          list_of(maximum), result);
          },
          "command_buffer"_a.none(false), "convolution_gradient_state"_a.none(false), "convolution_source_state"_a.none(false),
          "input_momentum_vectors"_a, "input_velocity_vectors"_a, "result_state"_a.none(false),
          "maximum_velocity_vectors"_a = py::none(), kConvolutionForm)
      .def(
          "encode_to_command_buffer",
          [](Adam& self, const CommandBufferPtr& command_buffer, const BatchState& state, const Vectors& momentum,
             const Vectors& velocity, const GammaAndBeta& result, const Vectors& maximum) {
            self.encode_to_command_buffer(command_buffer, state, state, list_of(momentum), list_of(velocity), list_of(maximum),
                                          result);
          },
          "command_buffer"_a.none(false), "batch_normalization_state"_a.none(false), "input_momentum_vectors"_a,
          "input_velocity_vectors"_a, "result_state"_a.none(false), "maximum_velocity_vectors"_a = py::none(), kBatchForm)
      .def(
          "encode_to_command_buffer",
          [](Adam& self, const CommandBufferPtr& command_buffer, const BatchState& gradient, const BatchState& source,
             const Vectors& momentum, const Vectors& velocity, const GammaAndBeta& result, const Vectors& maximum) {
            self.encode_to_command_buffer(command_buffer, gradient, source, list_of(momentum), list_of(velocity),
                                          list_of(maximum), result);
          },
          "command_buffer"_a.none(false), "batch_normalization_gradient_state"_a.none(false),
          "batch_normalization_source_state"_a.none(false), "input_momentum_vectors"_a, "input_velocity_vectors"_a,
          "result_state"_a.none(false), "maximum_velocity_vectors"_a = py::none(), kTwoBatchStatesForm)
      .def_property_readonly("beta1", &Adam::beta1, "Share of the momentum that an update keeps.")
      .def_property_readonly("beta2", &Adam::beta2, "Share of the velocity that an update keeps.")
      .def_property_readonly("epsilon", &Adam::epsilon, "Added to the root.")
      .def_readwrite("time_step", &Adam::time_step,
                     "Updates encoded so far. Set it back to apply one step through several encodes.")
      .def(py::pickle(
          [](const Adam& self) {
            return py::make_tuple(self.beta1(), self.beta2(), self.epsilon(), self.time_step, self.descriptor(), self.label);
          },
          [](const py::tuple& t) {
            auto optimizer = std::make_shared<Adam>(t[0].cast<double>(), t[1].cast<double>(), t[2].cast<float>(),
                                                    t[3].cast<std::size_t>(), t[4].cast<NNOptimizerDescriptor>());
            optimizer->label = t[5].cast<std::string>();
            return optimizer;
          }));
}

}  // namespace

void bind_optimizer(py::module_& m) {
  bind_vector(m);
  bind_matrix(m);
  bind_descriptor(m);
  bind_base(m);
  bind_sgd(m);
  bind_rms_prop(m);
  bind_adam(m);
}

}  // namespace mpsnn
