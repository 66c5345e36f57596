#pragma once

#import <Foundation/Foundation.h>

#include "mpsnn/saved_graph.hpp"

namespace mpsnn::gnustep {

/// What the engine saves, a `SavedGraph` or a part of one, as a property list, and back. Throws InvalidArgument for a property
/// list of something else.
template <class Saved>
NSDictionary *property_list_of(const Saved &saved);
template <class Saved>
Saved saved_of(id property_list);

}  // namespace mpsnn::gnustep
