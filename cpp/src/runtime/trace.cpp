#include "runtime/trace.hpp"

#include <cstdlib>
#include <string>

namespace mpsnn {

namespace {

bool asks_for(const char* word) {
  const char* value = std::getenv("MPSNN_TRACE");
  return value && std::string(value).find(word) != std::string::npos;
}

}  // namespace

bool traces_plans() {
  static const bool on = asks_for("plan");
  return on;
}

bool traces_runs() {
  static const bool on = asks_for("run");
  return on;
}

bool traces_steps() {
  static const bool on = asks_for("steps");
  return on;
}

}  // namespace mpsnn
