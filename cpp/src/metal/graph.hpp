#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "graph/program.hpp"
#include "metal/native_device.hpp"
#include "metal/objc.hpp"
#include "metal/recording.hpp"

namespace mpsnn::metal {

/// A program as a graph of Apple's: every filter is the same node there, and every image and state that comes in or goes out has
/// a handle by which it is found again, for Apple's order of them is Apple's.
class NativeGraph {
 public:
  NativeGraph(std::shared_ptr<NativeDevice> device, GraphSource source);
  ~NativeGraph();
  NativeGraph(const NativeGraph &) = delete;
  NativeGraph &operator=(const NativeGraph &) = delete;

  const Program &program() const { return program_; }
  MPSNNGraph *graph() const { return graph_; }
  const std::shared_ptr<NativeDevice> &device() const { return device_; }
  /// Of an earlier step.
  MPSNNFilterNode *filter(int step) const { return filters_.at(step); }
  /// Of data sources while the graph is made or reloaded, outside of any encode.
  Failures failures;
  /// Of data sources that update on the CPU: on a thread of Metal's, between the end of the work and the end of the encode.
  Failures cpu_failures;
  /// Where the failure of an object belongs that Apple's framework calls now.
  Failures &failures_now() { return Recording::current() ? Recording::current()->failures : failures; }

  /// In Apple's order: the sources, as indices into the program's lists of them, and what is delivered, as values and states.
  struct Order {
    std::vector<std::size_t> sources, source_states;
    std::vector<int> intermediates, destination_states;
  };
  const Order &order() const { return order_; }

  /// An update of Apple's parameters, which the library's copy of them will see when somebody asks for it: from a state, or by
  /// reading the source.
  void remember_update(ParameterSet &parameters, const StatePtr &state);
  void remember_reading(ParameterSet &parameters);
  /// The library's copy has just been read.
  void forget_updates(ParameterSet &parameters);
  void bring_parameters_up_to_date();
  /// Of the library's copy of all parameters.
  const std::shared_ptr<std::mutex> &parameters_mutex() const { return parameters_mutex_; }
  /// Apple's graph takes the values that a saved graph brought back in place of the data sources'.
  void reload_restored_values();
  /// While it does, those of this parameter set; data sources are not asked. Others are read as always.
  bool hands_out_restored_values(const ParameterSet &parameters) const { return restored_.count(&parameters) > 0; }
  /// The value that Apple's encodes return.
  int first_result() const { return first_result_; }

  /// Calls Apple's framework outside of encodes. What a caller's object threw is the reason, whatever the framework made of it.
  template <class Work>
  void call(const Work &work) {
    try {
      apple(work);
    } catch (...) {
      failures.rethrow();
      throw;
    }
    failures.rethrow();
  }

  /// Keeps an object that Apple's nodes call back as long as the graph lives.
  template <class T>
  T *keep(T *object) {
    objects_.push_back(Ref<id>(object));
    return object;
  }
  /// The object for a data source or a padding policy of the caller's, which filters share; nil before it is made. It keeps the
  /// caller's alive.
  id shared_object(const void *identity) const {
    const auto found = shared_objects_.find(identity);
    return found == shared_objects_.end() ? nil : found->second.get();
  }
  void keep_shared_object(const void *identity, id object) { shared_objects_[identity] = object; }

 private:
  MPSNNFilterNode *make_node(const ProgramStep &step);
  void set_up_result(const ProgramStep &step, MPSNNFilterNode *node);

  const std::shared_ptr<NativeDevice> device_;
  Program program_;
  std::vector<Ref<MPSNNImageNode *>> images_;
  std::vector<Ref<MPSNNStateNode *>> states_;
  std::vector<Ref<MPSNNFilterNode *>> filters_;
  std::vector<Ref<id>> objects_;
  std::map<const void *, Ref<id>> shared_objects_;
  const std::shared_ptr<std::mutex> parameters_mutex_ = std::make_shared<std::mutex>();
  std::mutex updates_mutex_;
  std::map<ParameterSet *, std::vector<StatePtr>> updates_;  // empty: the source is to be read
  Ref<MPSNNGraph *> graph_;
  Order order_;
  int first_result_ = kNone;
  std::map<const ParameterSet *, std::uint64_t> versions_read_;
  std::set<const ParameterSet *> restored_;
};

}  // namespace mpsnn::metal
