#pragma once

#import <Foundation/Foundation.h>

#include <functional>
#include <memory>

#include "mpsnn/saved_graph.hpp"
#import "support/data_sources.hpp"
#include "support/exceptions.hpp"

namespace mpsnn::gnustep {

/// A kernel's data source into its archive: the client's object where it supports secure coding, else `values`.
void save_source(NSCoder *coder, const std::shared_ptr<DataSource> &source, const std::function<SavedSource()> &values);

/// The client's object; null where the archive has values.
id archived_client(NSCoder *coder);
/// A source of the values, which never changes. Where the archive leaves them out the kernel starts with zeros. `name` is for
/// messages.
std::shared_ptr<DataSource> source_of_values(NSCoder *coder, const char *name);

template <class Source>
std::shared_ptr<Source> restored_source(NSCoder *coder, const char *name) {
  if (id client = archived_client(coder)) return client_source<Source>(client);
  auto source = std::dynamic_pointer_cast<Source>(source_of_values(coder, name));
  if (!source) throw InvalidArgument(std::string(name) + ": the values in the archive are those of another kind of kernel");
  return source;
}

}  // namespace mpsnn::gnustep
