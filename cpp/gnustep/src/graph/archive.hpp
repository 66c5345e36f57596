#pragma once

#import <Foundation/Foundation.h>

#include "mpsnn/saved_graph.hpp"

namespace mpsnn::gnustep {

/// A saved graph as a property list, and back. Throws InvalidArgument for a property list of something else.
NSDictionary *property_list_of(const SavedGraph &graph);
SavedGraph saved_graph_of(id property_list);

}  // namespace mpsnn::gnustep
