#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "mpsnn/saved_graph.hpp"

namespace mpsnn {

/// Changes one leaf of the data of a saved graph, the one that `left` counts down to.
class Mutation {
 public:
  Mutation(std::size_t left, std::mt19937& random) : left_(left), random_(random) {}

  template <class T>
  requires requires {
    T::fields([](auto...) {});
  }
  void visit(T& item) {
    T::fields([&](const char*, auto member) { visit(item.*member); });
  }
  template <class T>
  void visit(std::vector<T>& items) {
    if constexpr (!std::is_same_v<T, float>) {
      for (T& item : items) visit(item);
    }
    if (!here() || items.empty()) return;
    if (random_() % 2) {
      items.pop_back();
    } else {
      items.push_back(items[random_() % items.size()]);
    }
  }
  template <class T>
  void visit(std::map<std::string, T>& items) {
    for (auto& [name, item] : items) visit(item);
    if (here() && !items.empty()) items.erase(items.begin());
  }
  template <class T>
  void visit(std::optional<T>& item) {
    if (item) visit(*item);
    if (here()) item.reset();
  }
  void visit(SavedAttribute& attribute) {
    std::visit([&](auto& value) { visit(value); }, attribute);
  }
  void visit(bool& value) {
    if (here()) value = !value;
  }
  void visit(std::int64_t& value) {
    constexpr std::int64_t kOdd[] = {-1,
                                     0,
                                     1,
                                     2,
                                     3,
                                     5,
                                     8,
                                     100,
                                     std::int64_t(1) << 31,
                                     std::numeric_limits<std::int64_t>::max(),
                                     std::numeric_limits<std::int64_t>::min()};
    if (here()) value = kOdd[random_() % std::size(kOdd)];
  }
  void visit(double& value) {
    constexpr double kOdd[] = {0, -1, 1e300, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};
    if (here()) value = kOdd[random_() % std::size(kOdd)];
  }
  void visit(std::string& value) {
    const char* const kOdd[] = {"", "weights", "MPSNNAdditionNode", "MPSCNNPoolingMaxGradientNode", "frozen_convolution"};
    if (here()) value = kOdd[random_() % std::size(kOdd)];
  }
  template <class E>
  requires std::is_enum_v<E>
  void visit(E& value) {
    if (here()) value = E(random_() % 8 == 0 ? random_() : random_() % 8);
  }
  /// How many leaves there are, once it has visited everything.
  std::size_t count() const { return seen_; }

 private:
  bool here() { return seen_++ == left_; }
  std::size_t left_, seen_ = 0;
  std::mt19937& random_;
};

/// One random change, of one leaf among all.
inline void mutate(SavedGraph& saved, std::mt19937& random) {
  Mutation nothing(std::numeric_limits<std::size_t>::max(), random);
  nothing.visit(saved);
  Mutation(random() % nothing.count(), random).visit(saved);
}

}  // namespace mpsnn
