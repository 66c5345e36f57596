#include "plan/tuning.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <sstream>
#include <utility>
#include <vector>

#include "graph/program.hpp"
#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/weights_form.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "plan/planner.hpp"

namespace mpsnn {

namespace {

/// Numbers in place of a filter's own, which may be in use while a plan is made.
class AnyParameters final : public ParameterSet {
 public:
  explicit AnyParameters(const ParameterSet& like) {
    for (const Parameter& p : like.parameters) {
      parameters.push_back({p.name, std::make_shared<Buffer>(p.count * sizeof(float)), p.count});
      std::ranges::fill(parameters.back().values->floats(), 0.01f);
    }
  }
  std::function<void()> read_data_source() override {
    return [] {};
  }
  const void* source_identity() const override { return this; }
};

/// All that a run of a kernel needs.
class Trial {
 public:
  explicit Trial(const KernelRequest& request) : request_(request), parameters_(*request.parameters) {
    for (const TensorDescriptor& t : request.sources) sources_.push_back(image(t));
    if (request.result) result_ = image(*request.result);
    const std::size_t batch = request.sources[0].n;
    for (const StateDescriptor& d : request.states) {
      states_.push_back(std::make_shared<Buffer>(byte_count(d, batch, request.node)));
      state_data_.push_back(states_.back()->data());
    }
    for (const auto& source : sources_) source_data_.push_back(source->floats().data());
  }

  /// Seconds of the fastest of a few runs; none where the kernel is not for this request, or would keep too much.
  std::optional<double> seconds_of(const KernelTable::Entry& entry) {
    KernelRequest request = request_;
    request.parameters = &parameters_;
    request.is_asked_for = true;
    const auto kernel = entry.make(request);
    if (!kernel || kernel->passing_bytes() > cpu::kMostKeptBytes) return {};
    Buffer scratch(kernel->scratch_bytes()), parts(kernel->part_scratch_bytes() * std::size_t(request.threads));
    RunArguments arguments;
    arguments.sources = source_data_;
    arguments.result = result_ ? result_->floats().data() : nullptr;
    arguments.states = state_data_;
    arguments.scratch = static_cast<std::byte*>(scratch.data());
    arguments.parts = {static_cast<std::byte*>(parts.data()), kernel->part_scratch_bytes()};
    kernel->run(arguments);
    double least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < kRuns; ++i) {
      prepare_run();
      const auto start = std::chrono::steady_clock::now();
      kernel->run(arguments);
      least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return least;
  }

 private:
  static constexpr int kRuns = 4;
  static constexpr std::size_t kOtherBytes = std::size_t(32) << 20;

  static std::shared_ptr<Buffer> image(const TensorDescriptor& t) {
    auto buffer = std::make_shared<Buffer>(t.pixels() * t.pixel_stride * sizeof(float));
    std::ranges::fill(buffer->floats(), 0.5f);
    return buffer;
  }

  // As in a network: a filter's weights were used a run ago, or are new; its sources are what the filter before it has written.
  void prepare_run() {
    if (others_.empty()) others_.resize(kOtherBytes / sizeof(float));
    write(others_);
    for (const auto& source : sources_) write(source->floats());
    if (!request_.parameters_change) return;
    for (Parameter& parameter : parameters_.parameters) ++parameter.version;
  }
  static void write(std::span<float> numbers) {
    cpu::parallel_ranges(numbers.size(), 1, [&](std::size_t begin, std::size_t end) {
      std::fill(numbers.begin() + std::ptrdiff_t(begin), numbers.begin() + std::ptrdiff_t(end), 0.5f);
    });
  }

  const KernelRequest& request_;
  AnyParameters parameters_;
  std::vector<std::shared_ptr<Buffer>> sources_, states_;
  std::shared_ptr<Buffer> result_;
  std::vector<const float*> source_data_;
  std::vector<void*> state_data_;
  std::vector<float> others_;
};

bool is_tunable(const KernelRequest& request) {
  if (!dynamic_cast<const ConvolutionAttributes*>(&request.op) || !request.source_states.empty()) return false;
  if (!request.parameters || request.parameters->parameters.size() != 2) return false;
  return std::ranges::all_of(request.parameters->parameters, [](const Parameter& p) { return p.count > 0; });
}

/// Everything that an implementation's time may depend on, but for the machine, in one line.
std::string key_of(const KernelRequest& request) {
  std::ostringstream key;
  key << request.op.kernel_name() << attribute_text(request.op);
  const auto add = [&](const char* what, const TensorDescriptor& t) {
    key << "; " << what << " " << t.n << " x " << t.h << " x " << t.w << " x " << t.c << " of " << t.pixel_stride;
  };
  for (const TensorDescriptor& t : request.sources) add("source", t);
  if (request.result) add("result", *request.result);
  const Geometry& g = request.geometry;
  key << "; at " << g.offset_x << ", " << g.offset_y << ", " << g.kernel_offset_x << ", " << g.kernel_offset_y << ", "
      << g.zero_pad_x << ", " << g.zero_pad_y << ", edge mode " << std::size_t(g.edge_mode);
  const auto read = std::ranges::count_if(request.states, [](const StateDescriptor& d) { return d.is_read; });
  key << "; " << read << " states" << (request.parameters_change ? ", weights change" : "")
      << (request.maker ? ", source may be made" : "");
  key << "; " << request.threads << " threads, " << cpu::vector_lanes() << " lanes";
  std::string line = key.str();
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

/// Lines of a name, a tab and a key; of equal keys the last counts.
class Tuning {
 public:
  explicit Tuning(std::string path) : path_(std::move(path)) {
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) {
      const std::size_t tab = line.find('\t');
      if (tab != std::string::npos) names_[line.substr(tab + 1)] = line.substr(0, tab);
    }
  }

  std::string fastest(const KernelTable& table, const KernelRequest& request) {
    const std::string key = key_of(request);
    std::lock_guard lock(mutex_);
    if (const auto known = names_.find(key); known != names_.end() && is_name(table, request, known->second)) {
      return known->second;
    }
    std::string name;
    try {
      name = measured(table, request);
    } catch (const Error&) {  // no memory to try it, say: then it is as without tuning
    }
    if (!name.empty()) append(name, key);
    return name;
  }

 private:
  static bool is_name(const KernelTable& table, const KernelRequest& request, const std::string& name) {
    return std::ranges::any_of(table.find(request.op), [&](const auto& entry) { return entry.name == name; });
  }

  // The plain loops take part where nothing else would be chosen: they may take a thousand times as long.
  static std::string measured(const KernelTable& table, const KernelRequest& request) {
    KernelRequest copy = request;
    const std::string chosen = choose_kernel(table, copy, {}).implementation;
    Trial trial(request);
    std::map<double, std::string> names;
    for (const auto& entry : table.find(request.op)) {
      if (entry.name == "loops" && chosen != "loops") continue;
      if (const auto seconds = trial.seconds_of(entry)) names.emplace(*seconds, entry.name);
    }
    return names.empty() ? std::string() : names.begin()->second;
  }

  void append(const std::string& name, const std::string& key) {
    std::ofstream file(path_, std::ios::app);
    file << name + "\t" + key + "\n" << std::flush;
    if (!file) {
      throw InvalidArgument("MPSNN_TUNING: cannot write \"" + path_ + "\" (" + std::strerror(errno) +
                            "); name a file in a folder that is there, or unset it");
    }
    names_[key] = name;
  }

  const std::string path_;
  std::mutex mutex_;
  std::map<std::string, std::string> names_;
};

}  // namespace

std::string tuned_implementation(const KernelTable& table, const KernelRequest& request) {
  static auto* const tuning = [] {  // for threads that still plan when the program ends
    const char* path = std::getenv("MPSNN_TUNING");
    return path && *path ? new Tuning(path) : nullptr;
  }();
  if (!tuning || table.find(request.op).size() < 2 || !is_tunable(request)) return {};
  return tuning->fastest(table, request);
}

}  // namespace mpsnn
