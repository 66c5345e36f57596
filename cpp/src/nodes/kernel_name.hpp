#pragma once

namespace mpsnn {

/// While it lives, nodes made on this thread name themselves in messages as the kernel that they are made for.
class NamedAsKernel {
 public:
  explicit NamedAsKernel(const char* class_name) : before_(current_) { current_ = class_name; }
  ~NamedAsKernel() { current_ = before_; }
  NamedAsKernel(const NamedAsKernel&) = delete;
  NamedAsKernel& operator=(const NamedAsKernel&) = delete;
  /// Null where none lives.
  static const char* current() { return current_; }

 private:
  static inline thread_local const char* current_ = nullptr;
  const char* before_;
};

}  // namespace mpsnn
