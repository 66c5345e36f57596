#include "mpsnn/padding.hpp"

#include "bindings.hpp"
#include "classes.hpp"
#include "overrides.hpp"

namespace mpsnn {

NNPaddingMethod PythonPadding::padding_method() const {
  py::gil_scoped_acquire lock;
  return cast_result<NNPaddingMethod>(static_cast<const NNPadding*>(this), "padding_method",
                                      call_required(static_cast<const NNPadding*>(this), "padding_method"), "MPSNNPaddingMethod");
}

std::string PythonPadding::label() const {
  py::gil_scoped_acquire lock;
  const NNPadding* self = this;
  return cast_result<std::optional<std::string>>(self, "label", call_optional(self, "label"), "text or None").value_or("");
}

ImageDescriptor PythonPadding::destination_image_descriptor_for_source_images(const ImageBatch& source_images,
                                                                              const StateBatch& source_states, CNNKernel& kernel,
                                                                              const ImageDescriptor& suggested_descriptor) {
  static constexpr const char* kMethod = "destination_image_descriptor_for_source_images";
  py::gil_scoped_acquire lock;
  const NNPadding* self = this;
  // Python may keep the kernel, so it gets one of its own, and what it set is taken over.
  const auto seen = std::make_shared<CNNKernel>(kernel);
  const py::object result = call_required(self, kMethod, source_images, source_states, seen, suggested_descriptor);
  kernel = *seen;
  return cast_result<ImageDescriptor>(self, kMethod, result, "MPSImageDescriptor");
}

std::shared_ptr<NNPadding> PythonPadding::inverse() const {
  py::gil_scoped_acquire lock;
  const NNPadding* self = this;
  return cast_result<std::shared_ptr<NNPadding>>(self, "inverse", call_optional(self, "inverse"), "MPSNNPadding or None");
}

void bind_padding(py::module_&) {
  declared<PaddingClass>()
      .def(py::init<>())
      .def("padding_method", &NNPadding::padding_method, "The bits of the policy. Required.")
      .def(
          "label", [](const NNPadding& self) { return optional_text(self.label()); }, "Name for messages and dumps.")
      .def("destination_image_descriptor_for_source_images", &NNPadding::destination_image_descriptor_for_source_images,
           "source_images"_a, "source_states"_a, "kernel"_a, "suggested_descriptor"_a,
           "Called when `padding_method` has the Custom bit, once for each encode, for a batch with the first image of each "
           "source. Returns the descriptor of the result: the suggested one, edited or not, or another. May set any property "
           "of the kernel to an absolute value; all but `offset` stay for later encodes.")
      .def(
          "inverse", [](const NNPadding& self) { return or_none(self.inverse()); }, "The policy of the gradient pass, or None.");
  declared<DefaultPaddingClass>()
      .def_static("padding_with_method", &NNDefaultPadding::padding_with_method, "method"_a,
                  "The policy with these bits. Raises InvalidArgumentError for the Custom bit.")
      .def_static("padding_for_tensorflow_average_pooling", &NNDefaultPadding::padding_for_tensorflow_average_pooling,
                  "TensorFlow's SAME for pooling: SizeSame, the odd pixel at the bottom and right, and edge mode Clamp, so that "
                  "pixels outside the image do not count.")
      .def_static("padding_for_tensorflow_average_pooling_valid_only",
                  &NNDefaultPadding::padding_for_tensorflow_average_pooling_valid_only,
                  "TensorFlow's VALID for pooling: SizeValidOnly with edge mode Clamp.")
      .def("padding_method", &NNDefaultPadding::padding_method, "The bits of the policy.")
      .def(
          "label", [](const NNDefaultPadding& self) { return optional_text(self.label()); },
          "The bits by name, such as 'SizeSame, AlignCentered, AddRemainderToTopLeft'.")
      .def("__repr__", [](const NNDefaultPadding& self) { return "<MPSNNDefaultPadding: " + self.label() + ">"; });
}

}  // namespace mpsnn
