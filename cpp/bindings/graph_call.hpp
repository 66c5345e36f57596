#pragma once

#include "mpsnn/graph.hpp"
#include "types.hpp"

namespace mpsnn {

/// `graph(*sources)`: encodes, commits, waits and returns the results in the kind of the sources.
py::object call_graph(const py::object& graph, const py::Args<ArrayLike>& sources,
                      const std::optional<py::sequence>& source_states, bool copy);

}  // namespace mpsnn
