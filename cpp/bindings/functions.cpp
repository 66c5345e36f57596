#include "bindings.hpp"

namespace mpsnn {

namespace {

constexpr std::uint32_t kBits = 0xFFFF;  // the low bits of an MPSDataType are its size

std::size_t bits_of(DataType type) { return std::uint32_t(type) & kBits; }

}  // namespace

void bind_functions(py::module_& m) {
  m.def("mps_data_type_bits_count", &bits_of, "t"_a, "Bits of a number of this type.");
  m.def(
      "mps_sizeof_mps_data_type", [](DataType t) { return (bits_of(t) + 7) / 8; }, "t"_a, "Bytes of a number of this type.");
  m.def(
      "mps_supports_mtl_device", [](const std::shared_ptr<Device>& device) { return device != nullptr; }, "device"_a,
      "Whether the library runs on the device; False for None.");
  m.def(
      "mps_hint_temporary_memory_high_water_mark", [](const std::shared_ptr<CommandBuffer>&, std::size_t) {},
      "cmd_buf"_a.none(false), "bytes"_a, "How much memory temporary images will take: a hint, no effect here.");
  m.def(
      "mps_set_heap_cache_duration", [](const std::shared_ptr<CommandBuffer>&, double) {}, "cmd_buf"_a.none(false), "seconds"_a,
      "How long unused memory is kept: a hint, no effect here.");
}

}  // namespace mpsnn
