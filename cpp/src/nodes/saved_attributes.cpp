#include "nodes/saved_attributes.hpp"

#include <cmath>
#include <cstring>
#include <set>
#include <sstream>

#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

class Collector final : public AttributeVisitor {
 public:
  void boolean(const char* name, bool& value) override { attributes[name] = value; }
  void integer(const char* name, std::int64_t& value) override { attributes[name] = value; }
  void number(const char* name, double& value) override { attributes[name] = value; }
  void numbers(const char* name, std::vector<float>& value) override { attributes[name] = value; }
  void text(const char* name, std::string& value) override { attributes[name] = value; }
  SavedAttributes attributes;
};

class Reader final : public AttributeVisitor {
 public:
  Reader(const SavedAttributes& attributes, const AttributeOwner& owner) : attributes_(attributes), owner_(owner) {}
  void boolean(const char* name, bool& value) override { read(name, value, "true or false"); }
  void integer(const char* name, std::int64_t& value) override { read(name, value, "an integer"); }
  void number(const char* name, double& value) override { read(name, value, "a number"); }
  void numbers(const char* name, std::vector<float>& value) override { read(name, value, "a list of numbers"); }
  void text(const char* name, std::string& value) override { read(name, value, "text"); }

  void finish() const {
    for (const auto& [name, value] : attributes_) {
      if (!known_.count(name)) throw GraphError(owner_.name + ": there is no attribute \"" + name + "\"");
    }
  }

 private:
  template <class T>
  void read(const char* name, T& value, const char* type) {
    known_.insert(name);
    const auto found = attributes_.find(name);
    if (found == attributes_.end()) {
      if (owner_.may_lack) return;
      throw GraphError(owner_.name + ": the attribute \"" + name + "\" is missing");
    }
    const T* saved = std::get_if<T>(&found->second);
    if (!saved) throw GraphError(owner_.name + ": the attribute \"" + name + "\" must be " + type);
    value = *saved;
  }
  const SavedAttributes& attributes_;
  const AttributeOwner& owner_;
  std::set<std::string> known_;
};

bool same(bool a, bool b) { return a == b; }
bool same(std::int64_t a, std::int64_t b) { return a == b; }
bool same(double a, double b) { return std::memcmp(&a, &b, sizeof(a)) == 0 || (std::isnan(a) && std::isnan(b)); }
bool same(const std::string& a, const std::string& b) { return a == b; }
bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

bool same(const SavedAttribute& a, const SavedAttribute& b) {
  if (a.index() != b.index()) return false;
  return std::visit([&](const auto& value) { return same(value, std::get<std::remove_cvref_t<decltype(value)>>(b)); }, a);
}

std::string text_of(const SavedAttribute& attribute) {
  std::ostringstream out;
  std::visit(
      [&](const auto& value) {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::vector<float>>) {
          out << value.size() << " numbers";
        } else {
          out << std::boolalpha << value;
        }
      },
      attribute);
  return out.str();
}

}  // namespace

SavedAttributes collect_attributes(const VisitAttributes& visit) {
  Collector collector;
  visit(collector);
  return std::move(collector.attributes);
}

void restore_attributes(const SavedAttributes& attributes, const AttributeOwner& owner, const VisitAttributes& visit) {
  Reader reader(attributes, owner);
  visit(reader);
  reader.finish();
  // Members may be narrower than what is saved.
  const SavedAttributes restored = collect_attributes(visit);
  for (const auto& [name, value] : attributes) {
    if (const auto& now = restored.at(name); !same(value, now)) {
      throw GraphError(owner.name + ": the attribute \"" + name + "\" is out of range, got " + text_of(value));
    }
  }
}

void require_same_attributes(const SavedAttributes& saved, const SavedAttributes& found, const std::string& owner) {
  for (const auto& [name, value] : saved) {
    const auto other = found.find(name);
    if (other == found.end()) throw GraphError(owner + ": there is no attribute \"" + name + "\"");
    if (!same(value, other->second)) {
      throw GraphError(owner + ": the attribute \"" + name + "\" is " + text_of(value) + ", what the filter is made from says " +
                       text_of(other->second));
    }
  }
}

}  // namespace mpsnn
