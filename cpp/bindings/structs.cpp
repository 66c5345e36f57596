#include <utility>

#include "bindings.hpp"
#include "mpsnn/state.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

namespace {

template <class T, class Member>
struct Field {
  const char* name;
  Member T::*member;
  const char* doc;
};
template <class T, class Member>
Field(const char*, Member T::*, const char*) -> Field<T, Member>;

/// A value: read-only fields, equality, hash and unpacking. Wherever one is expected, a tuple of its fields will do.
template <class T, class... Member>
void bind_struct(py::module_& m, const char* name, const char* doc, Field<T, Member>... fields) {
  const auto to_tuple = [fields...](const T& self) { return py::make_tuple(self.*fields.member...); };
  py::classh<T> cls(m, name, doc);
  cls.def(py::init([fields...](Member... values) {
            T value;
            ((value.*fields.member = values), ...);
            return value;
          }),
          py::arg(fields.name)...);
  cls.def(py::init([fields..., name](const py::typing::Tuple<Member...>& values) {
            if (values.size() != sizeof...(Member)) {
              throw py::type_error(std::string(name) + ": expected " + std::to_string(sizeof...(Member)) + " values, got " +
                                   std::to_string(values.size()));
            }
            T value;
            std::size_t i = 0;
            ((value.*fields.member = values[i++].template cast<Member>()), ...);
            return value;
          }),
          "values"_a);
  py::implicitly_convertible<py::tuple, T>();
  (cls.def_property_readonly(
       fields.name, [fields](const T& self) { return self.*fields.member; }, fields.doc),
   ...);
  cls.def(
      "__eq__", [to_tuple](const T& self, const T& other) { return to_tuple(self).equal(to_tuple(other)); }, py::is_operator());
  cls.def("__hash__", [to_tuple](const T& self) { return py::hash(to_tuple(self)); });
  cls.def("__iter__", [to_tuple](const T& self) { return py::iter(to_tuple(self)); });
  cls.def("__repr__", [name, fields...](const T& self) {
    std::string text, separator;
    ((text += separator + fields.name + "=" + std::string(py::repr(py::cast(self.*fields.member))), separator = ", "), ...);
    return std::string(name) + "(" + text + ")";
  });
}

}  // namespace

void bind_structs(py::module_& m) {
  bind_struct(m, "MPSOffset", "Pixels, signed; z is the index of an image.", Field{"x", &Offset::x, "Horizontal."},
              Field{"y", &Offset::y, "Vertical."}, Field{"z", &Offset::z, "Index of the image."});
  bind_struct(m, "MTLOrigin", "First pixel of a region; z is the index of an image.", Field{"x", &mtl::Origin::x, "Horizontal."},
              Field{"y", &mtl::Origin::y, "Vertical."}, Field{"z", &mtl::Origin::z, "Index of the first image."});
  bind_struct(m, "MTLSize", "Extent in pixels; depth counts images.", Field{"width", &mtl::Size::width, "Horizontal."},
              Field{"height", &mtl::Size::height, "Vertical."}, Field{"depth", &mtl::Size::depth, "Number of images."});
  bind_struct(m, "MTLRegion", "A box of pixels.", Field{"origin", &mtl::Region::origin, "First pixel."},
              Field{"size", &mtl::Region::size, "Extent in pixels."});
  bind_struct(m, "MPSOrigin", "A place, in the unit of what it belongs to.", Field{"x", &Origin::x, "Horizontal."},
              Field{"y", &Origin::y, "Vertical."}, Field{"z", &Origin::z, "Depth."});
  bind_struct(m, "MPSSize", "An extent, in the unit of what it belongs to.", Field{"width", &Size::width, "Horizontal."},
              Field{"height", &Size::height, "Vertical."}, Field{"depth", &Size::depth, "Depth."});
  bind_struct(m, "MPSRegion", "A box.", Field{"origin", &Region::origin, "Its first corner."},
              Field{"size", &Region::size, "Its extent."});
  bind_struct(m, "MPSImageCoordinate", "A place in an image, or distances from one.",
              Field{"x", &ImageCoordinate::x, "Horizontal."}, Field{"y", &ImageCoordinate::y, "Vertical."},
              Field{"channel", &ImageCoordinate::channel, "Feature channel."});
  bind_struct(m, "MPSImageReadWriteParams", "Which feature channels a transfer moves.",
              Field{"feature_channel_offset", &ImageReadWriteParams::feature_channel_offset, "First channel, a multiple of 4."},
              Field{"number_of_feature_channels_to_read_write", &ImageReadWriteParams::number_of_feature_channels_to_read_write,
                    "How many channels: a multiple of 4, or up to the last channel of the image."});
  bind_struct(m, "MPSStateTextureInfo", "The texture of a state: all zero, states here hold buffers.",
              Field{"width", &StateTextureInfo::width, "Horizontal."}, Field{"height", &StateTextureInfo::height, "Vertical."},
              Field{"depth", &StateTextureInfo::depth, "Depth."},
              Field{"array_length", &StateTextureInfo::array_length, "Number of slices."},
              Field{"pixel_format", &StateTextureInfo::pixel_format, "Format of the elements."},
              Field{"texture_type", &StateTextureInfo::texture_type, "Kind of the texture."},
              Field{"usage", &StateTextureInfo::usage, "What the texture is used for."});
  bind_struct(m, "MPSScaleTransform", "result = source * scale + translate, in pixels from the top left corner of the image.",
              Field{"scale_x", &ScaleTransform::scale_x, "Horizontal scale."},
              Field{"scale_y", &ScaleTransform::scale_y, "Vertical scale."},
              Field{"translate_x", &ScaleTransform::translate_x, "Horizontal shift, in pixels of the result."},
              Field{"translate_y", &ScaleTransform::translate_y, "Vertical shift, in pixels of the result."});
  m.attr("MPSRectNoClip") = kRectNoClip;
}

}  // namespace mpsnn
