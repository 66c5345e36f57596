#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "mpsnn/saved_graph.hpp"

// A saved graph as bytes and back. Every sequence of bytes is a saved graph, mostly a wrong one; what the bytes end before is
// empty.

namespace mpsnn {

template <class T>
concept HasFields = requires {
  T::fields([](auto...) {});
};

class ToBytes {
 public:
  template <HasFields T>
  void visit(const T& item) {
    T::fields([&](const char*, auto member) { visit(item.*member); });
  }
  template <class T>
  void visit(const std::vector<T>& items) {
    number(std::uint16_t(items.size()));
    for (const auto& item : items) visit(item);
  }
  template <class T>
  void visit(const std::map<std::string, T>& items) {
    number(std::uint16_t(items.size()));
    for (const auto& [name, item] : items) {
      visit(name);
      visit(item);
    }
  }
  template <class T>
  void visit(const std::optional<T>& item) {
    visit(item.has_value());
    if (item) visit(*item);
  }
  void visit(const SavedAttribute& attribute) {
    number(std::uint8_t(attribute.index()));
    std::visit([&](const auto& value) { visit(value); }, attribute);
  }
  void visit(const std::string& text) {
    number(std::uint8_t(text.size()));
    bytes.insert(bytes.end(), text.begin(), text.begin() + std::uint8_t(text.size()));
  }
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void visit(T value) { number(value); }

  std::vector<std::uint8_t> bytes;

 private:
  template <class T>
  void number(T value) {
    const auto* first = reinterpret_cast<const std::uint8_t*>(&value);
    bytes.insert(bytes.end(), first, first + sizeof(T));
  }
};

class FromBytes {
 public:
  explicit FromBytes(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <HasFields T>
  void visit(T& item) {
    T::fields([&](const char*, auto member) { visit(item.*member); });
  }
  template <class T>
  void visit(std::vector<T>& items) {
    for (std::size_t left = number<std::uint16_t>(); left > 0 && !bytes_.empty(); --left) visit(items.emplace_back());
  }
  template <class T>
  void visit(std::map<std::string, T>& items) {
    for (std::size_t left = number<std::uint16_t>(); left > 0 && !bytes_.empty(); --left) {
      std::string name;
      visit(name);
      visit(items[name]);
    }
  }
  template <class T>
  void visit(std::optional<T>& item) {
    if (number<std::uint8_t>() % 2) visit(item.emplace());
  }
  void visit(SavedAttribute& attribute) {
    switch (number<std::uint8_t>() % std::variant_size_v<SavedAttribute>) {
      case 0:
        return visit(attribute.emplace<bool>());
      case 1:
        return visit(attribute.emplace<std::int64_t>());
      case 2:
        return visit(attribute.emplace<double>());
      case 3:
        return visit(attribute.emplace<std::string>());
      default:
        return visit(attribute.emplace<std::vector<float>>());
    }
  }
  void visit(std::string& text) {
    const std::size_t size = std::min<std::size_t>(number<std::uint8_t>(), bytes_.size());
    text.assign(bytes_.begin(), bytes_.begin() + std::ptrdiff_t(size));
    bytes_ = bytes_.subspan(size);
  }
  void visit(bool& value) { value = number<std::uint8_t>() % 2; }
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void visit(T& value) { value = number<T>(); }

 private:
  template <class T>
  T number() {
    T value{};
    const std::size_t size = std::min(sizeof(T), bytes_.size());
    if (size > 0) std::memcpy(&value, bytes_.data(), size);
    bytes_ = bytes_.subspan(size);
    return value;
  }

  std::span<const std::uint8_t> bytes_;
};

}  // namespace mpsnn
