#pragma once

#include <functional>
#include <string>

#include "mpsnn/op.hpp"
#include "mpsnn/saved_graph.hpp"

namespace mpsnn {

/// Something with attributes: calls its visitor with each of them.
using VisitAttributes = std::function<void(AttributeVisitor&)>;

SavedAttributes collect_attributes(const VisitAttributes& visit);

/// Whose attributes they are, and how strictly they are read.
struct AttributeOwner {
  std::string name;       ///< for messages
  bool may_lack = false;  ///< a graph of an older version: attributes that are missing keep their values
};
/// Writes them back. Throws GraphError for names that are missing or unknown, values of another type and values that do not fit.
void restore_attributes(const SavedAttributes& attributes, const AttributeOwner& owner, const VisitAttributes& visit);

/// Throws GraphError that names the first attribute in which `found` differs from `saved`. Bits count: NaN is NaN.
void require_same_attributes(const SavedAttributes& saved, const SavedAttributes& found, const std::string& owner);

}  // namespace mpsnn
