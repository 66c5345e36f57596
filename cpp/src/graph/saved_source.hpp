#pragma once

#include <memory>
#include <string>

#include "mpsnn/data_source.hpp"
#include "mpsnn/optimizer.hpp"
#include "mpsnn/saved_graph.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

/// The data source of a set.
std::shared_ptr<DataSource> data_source_of(const ParameterSet& set);
/// Whether the library can save all of it, and not only the values in use.
bool is_ready_source(const DataSource& source);
/// All of a ready source. Throws InvalidArgument while encoded work that writes it has not completed.
SavedSource save_ready_source(const ParameterSet& set);
/// The values that the set computes with.
SavedSource save_frozen_source(const ParameterSet& set, bool is_updated);
SavedArrays values_in_use(const ParameterSet& set);

SavedOptimizer save_optimizer(const NNOptimizer& optimizer);

/// Throw GraphError, with `owner` in front, for what does not fit together.
std::shared_ptr<NNOptimizer> restore_optimizer(const SavedOptimizer& saved, const std::string& owner, bool may_lack);
std::shared_ptr<DataSource> restore_source(const SavedSource& saved, const std::string& owner, bool may_lack);
/// Writes values in use; they have the sizes of the set's own.
void restore_values(const SavedArrays& values, ParameterSet& set, const std::string& owner);

}  // namespace mpsnn
