#include "errors.hpp"

#include <new>

#include "bindings.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

template <class Exception, class... Base>
py::object bind_error(py::module_& m, const char* name, const char* doc, Base... base) {
  py::object cls = py::register_exception<Exception>(m, name, py::make_tuple(base...));
  cls.doc() = doc;
  return cls;
}

}  // namespace

void bind_errors(py::module_& m) {
  const auto builtin = [](PyObject* type) { return py::reinterpret_borrow<py::object>(type); };
  // The translator registered last is asked first, so derived classes follow their bases.
  const py::object error = bind_error<Error>(m, "Error", "The root of everything this library raises.", builtin(PyExc_Exception));
  const py::object invalid =
      bind_error<InvalidArgument>(m, "InvalidArgumentError", "A value the caller passed.", error, builtin(PyExc_ValueError));
  bind_error<ShapeError>(m, "ShapeError", "Shapes that do not fit.", invalid);
  bind_error<GraphError>(m, "GraphError", "A wrong network: a cycle, a missing source, a filter without a gradient.", error,
                         builtin(PyExc_ValueError));
  bind_error<Unsupported>(m, "UnsupportedError", "Valid, but there is no kernel for it here.", error,
                          builtin(PyExc_NotImplementedError));
  bind_error<OutOfMemory>(m, "OutOfMemoryError", "No memory for an image, a buffer or a plan.", error,
                          builtin(PyExc_MemoryError));
  bind_error<BackendError>(m, "BackendError", "A driver or a library failed; the message holds its code.", error,
                           builtin(PyExc_RuntimeError));
  py::register_exception_translator([](std::exception_ptr failure) {
    try {
      if (failure) std::rethrow_exception(failure);
    } catch (const std::bad_alloc&) {
      try {
        throw OutOfMemory("out of memory");
      } catch (...) {
        py::detail::try_translate_exceptions();
      }
    }
  });
}

void raise(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const py::error_already_set& e) {
    // A caught Python error can be restored once only; a command buffer may be waited for again.
    PyErr_Restore(e.type().inc_ref().ptr(), e.value().inc_ref().ptr(), e.trace().inc_ref().ptr());
    throw py::error_already_set();
  }
}

py::typing::Optional<PythonException> exception_object(const std::exception_ptr& failure) {
  if (!failure) return py::none();
  try {
    std::rethrow_exception(failure);
  } catch (const py::error_already_set& e) {
    return e.value();
  } catch (...) {
    py::detail::try_translate_exceptions();
    return py::error_already_set().value();
  }
}

}  // namespace mpsnn
