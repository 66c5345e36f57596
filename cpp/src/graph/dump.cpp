#include <sstream>

#include "graph/program.hpp"
#include "mpsnn/node.hpp"

namespace mpsnn {

namespace {

class Printer final : public AttributeVisitor {
 public:
  explicit Printer(std::ostream& out) : out_(out) {}
  void boolean(const char* name, bool& value) override { begin(name) << (value ? "true" : "false"); }
  void integer(const char* name, std::int64_t& value) override { begin(name) << value; }
  void number(const char* name, double& value) override { begin(name) << value; }
  void text(const char* name, std::string& value) override { begin(name) << '"' << value << '"'; }
  void numbers(const char* name, std::vector<float>& value) override { begin(name) << "[" << value.size() << " values]"; }

 private:
  std::ostream& begin(const char* name) {
    out_ << (first_ ? " " : ", ") << name << "=";
    first_ = false;
    return out_;
  }
  std::ostream& out_;
  bool first_ = true;
};

void print_value(std::ostream& out, const Program& program, int id) {
  out << "%" << id;
  if (const auto& handle = program.values[id].handle; handle && !handle->label().empty()) out << " \"" << handle->label() << "\"";
}

}  // namespace

std::string attribute_text(const Op& op) {
  std::ostringstream out;
  Printer printer(out);
  // Visiting reads only; the interface is shared with the loader, which writes.
  const_cast<Op&>(op).visit(printer);
  return out.str();
}

std::string dump(const Program& program) {
  std::ostringstream out;
  for (int id : program.source_values) {
    out << "source ";
    print_value(out, program, id);
    out << "\n";
  }
  for (int id : program.source_states) out << "labels $" << id << "\n";
  for (const ProgramStep& step : program.steps) {
    print_value(out, program, step.result);
    if (!step.is_result_needed) out << " (not needed)";
    if (step.state != kNone) out << ", $" << step.state;
    out << " = " << step.node << "(";
    for (std::size_t i = 0; i < step.sources.size(); ++i) out << (i ? ", " : "") << "%" << step.sources[i];
    if (step.forward != kNone) out << "; $" << program.steps[step.forward].state;
    if (step.labels != kNone) out << "; $" << step.labels;
    out << ")";
    out << attribute_text(*step.lowered.op);
    if (step.lowered.op->window() != Window{})
      out << " padding " << (step.padding->label().empty() ? "custom" : step.padding->label());
    out << "\n";
  }
  for (const std::string& filter : program.dropped) out << "dropped " << filter << "\n";
  for (int id : program.results) {
    if (id == kNone) continue;
    out << "result ";
    print_value(out, program, id);
    out << "\n";
  }
  for (int id : program.intermediates) {
    out << "intermediate ";
    print_value(out, program, id);
    out << "\n";
  }
  for (int id : program.destination_states) out << "state $" << id << "\n";
  return out.str();
}

}  // namespace mpsnn
