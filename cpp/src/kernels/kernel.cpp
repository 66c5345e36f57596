#include "kernels/kernel.hpp"

#include <algorithm>

#include "core/memory.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

PlanKernel::~PlanKernel() = default;
MakesPixels::~MakesPixels() = default;
ReadsPixels::~ReadsPixels() = default;
TakesPixels::~TakesPixels() = default;
GivesPixels::~GivesPixels() = default;

void* PassingMemory::get(std::size_t bytes) {
  if (!memory_ || bytes > bytes_) {
    bytes_ = std::max(bytes_, bytes);
    memory_ = nullptr;  // before there is more
    memory_ = allocate_zeros(bytes_, 64);
    if (!memory_) throw OutOfMemory("no memory for " + std::to_string(bytes_) + " bytes of weights");
  }
  return memory_.get();
}

std::span<const KernelTable::Entry> KernelTable::find(const Op& op) const {
  const auto it = entries_.find(std::type_index(typeid(op)));
  if (it == entries_.end()) return {};
  return it->second;
}

ChosenKernel choose_kernel(const KernelTable& table, KernelRequest& request, const std::string& preferred) {
  const auto entries = table.find(request.op);
  ChosenKernel chosen;
  const auto ask = [&](const KernelTable::Entry& entry) {
    request.why_not.clear();
    chosen.kernel = entry.make(request);
    if (chosen.kernel) {
      chosen.implementation = entry.name;
    } else {
      chosen.declined += (chosen.declined.empty() ? "" : "; ") + entry.name + ": " + request.why_not;
    }
    return chosen.kernel != nullptr;
  };
  request.is_asked_for = true;
  for (const auto& entry : entries) {
    if (entry.name == preferred && ask(entry)) return chosen;
  }
  request.is_asked_for = false;
  for (const auto& entry : entries) {
    if (entry.name != preferred && ask(entry)) return chosen;
  }
  throw Unsupported(request.node + ": no implementation of " + request.op.kernel_name() + " on this device" +
                    (chosen.declined.empty() ? "" : " takes these shapes (" + chosen.declined + ")"));
}

}  // namespace mpsnn
