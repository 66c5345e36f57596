#include "command_buffer.hpp"

#include <pybind11/functional.h>

#include "bindings.hpp"
#include "classes.hpp"
#include "errors.hpp"
#include "mpsnn/commit_and_wait.hpp"

namespace mpsnn {

namespace {

constexpr double kSignalInterval = 0.05;  // seconds between two looks at Ctrl-C
constexpr double kScheduleInterval = 0.001;

bool can_be_committed(const CommandBuffer& self) {
  return self.status() == CommandBufferStatus::NotEnqueued || self.status() == CommandBufferStatus::Enqueued;
}

void wait_until_scheduled(CommandBuffer& self) {
  if (can_be_committed(self)) self.wait_until_scheduled();  // raises
  while (self.status() < CommandBufferStatus::Scheduled) {
    {
      py::gil_scoped_release release;
      self.wait_for(kScheduleInterval);
    }
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }
}

// `first` is the first of the waits. Ctrl-C ends them, and a Python error in the work is raised as itself.
template <class First>
void wait_from_python(CommandBuffer& self, const First& first) {
  const auto wait = [&](const auto& once) {
    py::gil_scoped_release release;
    return once();
  };
  bool done = wait(first);
  for (;;) {
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (done) break;
    done = wait([&] { return self.wait_for(kSignalInterval); });
  }
  if (const auto failure = self.exception()) raise(failure);
}

void wait_until_completed(CommandBuffer& self) {
  wait_from_python(self, [&] { return self.wait_for(kSignalInterval); });
}

const char* name_of(CommandBufferStatus status) {
  static constexpr const char* kNames[] = {"NotEnqueued", "Enqueued", "Committed", "Scheduled", "Completed", "Error"};
  return kNames[std::size_t(status)];
}

}  // namespace

void commit_and_wait_from_python(CommandBuffer& self) {
  wait_from_python(self, [&] { return commit_and_wait_for(self, kSignalInterval); });
}

void bind_command_buffer(py::module_&) {
  auto buffer = declared<CommandBufferClass>();
  def_label(buffer);
  buffer
      .def(py::init(&CommandBuffer::with_command_buffer), "command_buffer"_a.none(false),
           "Wraps a command buffer: both record into the same work.")
      .def_static("with_command_queue", &CommandBuffer::from_command_queue, "command_queue"_a.none(false),
                  "A new command buffer of the queue; the same as `command_queue.command_buffer()`.")
      .def_property_readonly(
          "command_buffer", [](CommandBuffer& self) { return or_none(self.command_buffer()); },
          "The wrapped command buffer, or None.")
      .def_property_readonly("root_command_buffer", &CommandBuffer::root_command_buffer,
                             "A command buffer that stays with the work recorded now, also after `commit_and_continue`.")
      .def_property_readonly("device", &CommandBuffer::device, "The device it runs on.")
      .def_property_readonly("command_queue", &CommandBuffer::command_queue, "The queue it came from.")
      .def("enqueue", &CommandBuffer::enqueue, "Marks it as ready for `commit`; the order of a queue is that of the commits.")
      .def("commit", &CommandBuffer::commit, py::call_guard<py::gil_scoped_release>(),
           "Hands the recorded work to the queue and returns at once.")
      .def("commit_and_continue", &CommandBuffer::commit_and_continue, py::call_guard<py::gil_scoped_release>(),
           "Commits what was recorded so far and goes on with new work on the same queue.")
      .def("add_completed_handler", &CommandBuffer::add_completed_handler, "block"_a.none(false),
           "`block(command_buffer)` is called on the queue's thread when the work has ended, well or not. What it raises is "
           "raised by the wait.")
      .def("add_scheduled_handler", &CommandBuffer::add_scheduled_handler, "block"_a.none(false),
           "`block(command_buffer)` is called on the queue's thread before the work begins.")
      .def("wait_until_completed", &wait_until_completed,
           "Blocks until the work and its handlers have ended; raises what failed in it. Ctrl-C ends the wait, not the work.")
      .def("wait_until_scheduled", &wait_until_scheduled, "Blocks until the work begins; Ctrl-C ends the wait.")
      .def_property_readonly("status", &CommandBuffer::status, "How far the work is.")
      .def_property_readonly(
          "error", [](const CommandBuffer& self) { return exception_object(self.exception()); },
          "The exception that ended the work, or None.")
      .def(
          "__enter__", [](const std::shared_ptr<CommandBuffer>& self) { return self; },
          "The command buffer itself: the block records work.")
      .def(
          "__exit__",
          [](CommandBuffer& self, const py::object& type, const py::object&, const py::object&) {
            if (!type.is_none()) return;
            can_be_committed(self) ? commit_and_wait_from_python(self) : wait_until_completed(self);
          },
          "exception_type"_a, "exception"_a, "traceback"_a,
          "Commits and waits; where the block raised, nothing is committed and the recorded work is dropped.")
      .def("__repr__", [](const CommandBuffer& self) {
        return "<MPSCommandBuffer" + (self.label.empty() ? "" : " \"" + self.label + "\"") + ": " + name_of(self.status()) + ">";
      });
}

}  // namespace mpsnn
