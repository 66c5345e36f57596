#include <cstdlib>
#include <sstream>

#include "kernels/cpu/loops.hpp"
#include "kernels/registry.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/node.hpp"
#include "runtime/native_device.hpp"
#include "runtime/portable.hpp"

namespace mpsnn {

namespace {

class CpuDevice final : public Device {
 public:
  std::string name() const override { return "cpu"; }
  bool shares_host_memory() const override { return true; }
  std::string description() const override {
    std::ostringstream text;
    text << "portable engine on the CPU, " << cpu::thread_count() << (cpu::thread_count() == 1 ? " thread" : " threads");
#ifdef MPSNN_ONEDNN
    text << ", oneDNN";
#else
    text << ", plain kernels";
#endif
    return text.str();
  }
  std::vector<std::string> implementations(const NNFilterNode& node) const override {
    std::vector<std::string> names;
    for (const auto& entry : cpu::kernel_table().find(*node.op())) names.push_back(entry.name);
    return names;
  }
  std::unique_ptr<Executable> make_executable(const GraphSource& source) override {
    return std::make_unique<PortableExecutable>(shared_from_this(), cpu::kernel_table(), cpu::thread_count(), source);
  }
};

std::shared_ptr<Device> make_cpu_device() {
#ifdef MPSNN_NEEDS_AVX2
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    throw BackendError(
        "mpsnn was built for processors with AVX2 and FMA, which this one lacks; build it with -DMPSNN_ARCH=x86-64");
  }
#endif
  return std::make_shared<CpuDevice>();
}

}  // namespace

Device::~Device() = default;

bool Device::encode_optimizer(const std::shared_ptr<CommandBuffer>&, const NNOptimizer&, const std::vector<OptimizerArrays>&) {
  return false;
}

namespace {

std::vector<std::shared_ptr<Device>> find_devices() {
  std::vector<std::shared_ptr<Device>> found{make_cpu_device()};
#ifdef __APPLE__
  if (const auto native = make_native_device()) found.insert(found.begin(), native);
#elif defined(__GNUC__)
  // Last: the framework for GNUstep is this engine again, with a layer in between.
  const auto native = make_native_device ? make_native_device() : nullptr;
  if (native) found.push_back(native);
#endif
  return found;
}

}  // namespace

std::vector<std::shared_ptr<Device>> devices() {
  static const auto all = find_devices();
  return all;
}

std::shared_ptr<Device> default_device() {
  static const auto chosen = [] {
    const char* name = std::getenv("MPSNN_DEVICE");
#if defined(__GNUC__) && !defined(__APPLE__)
    if (is_inside_a_framework) name = nullptr;
#endif
    return name && *name ? device_named(name) : devices().front();
  }();
  return chosen;
}

std::shared_ptr<Device> device_named(const std::string& name) {
  std::string names;
  for (const auto& device : devices()) {
    if (device->name() == name) return device;
    names += (names.empty() ? "\"" : ", \"") + device->name() + "\"";
  }
  throw InvalidArgument("device \"" + name + "\" does not exist; there are " + names);
}

std::vector<std::string> implementations(const NNFilterNode& node, const std::shared_ptr<Device>& device) {
  return (device ? device : default_device())->implementations(node);
}

}  // namespace mpsnn
