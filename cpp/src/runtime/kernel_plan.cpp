#include "runtime/kernel_plan.hpp"

#include <algorithm>

#include "core/checked.hpp"
#include "plan/planner.hpp"

namespace mpsnn {

namespace {

bool are_alike(const std::vector<StateDescriptor>& a, const std::vector<StateDescriptor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const StateDescriptor& x, const StateDescriptor& y) {
    return x.name == y.name && x.data_type == y.data_type && x.count == y.count && x.per_image == y.per_image;
  });
}

bool are_alike(const ForwardStep* a, const ForwardStep* b) {
  if (!a || !b) return a == b;
  return a->sources == b->sources && a->result == b->result && a->geometry == b->geometry;
}

class OneStep {
 public:
  OneStep(const KernelTable& table, const std::shared_ptr<Device>& device, int threads, const KernelPlanRequest& request)
      : request_(request), planner_{program_, table, device, threads} {
    plan_->request.batch = plan_->batch = request.batch;
  }

  std::shared_ptr<Plan> run() {
    PlanStep step;
    step.node = request_.node;
    step.op = request_.op;
    step.parameters = request_.parameters;
    step.geometry = request_.geometry;
    step.forward = request_.forward;
    for (std::size_t i = 0; i < request_.sources.size(); ++i) {
      step.sources.push_back(add_value(request_.sources[i], SlotKind::source, int(i), StepKind::import_images));
    }
    if (request_.is_result_needed) step.result = add_value(request_.result, SlotKind::output, 0, StepKind::export_images);
    for (const auto& d : request_.source_states) step.source_blocks.push_back(add_block(d));
    for (const auto& d : request_.states) step.blocks.push_back(add_block(d));
    plan_->steps = std::move(imports_);
    plan_->steps.push_back(std::move(step));
    plan_->steps.insert(plan_->steps.end(), exports_.begin(), exports_.end());
    Draft draft(*plan_, planner_);
    make_kernels(draft);
    assign_memory(draft, true);
    return plan_;
  }

 private:
  int add_slot(SlotKind kind, int index) {
    plan_->slots.push_back({kind, index});
    return int(plan_->slots.size()) - 1;
  }

  int add_value(const PlanRequest::Source& image, SlotKind kind, int index, StepKind transfer) {
    const int id = int(plan_->values.size()), slot = add_slot(kind, index);
    PlanValue value;
    value.shape = image.shape;
    value.root = id;
    if (image.is_direct) {
      value.slot = slot;
    } else {
      PlanStep step;
      step.kind = transfer;
      step.slot = slot;
      step.format = image.format;
      if (transfer == StepKind::import_images) {
        step.node = "import";
        step.result = id;
        imports_.push_back(std::move(step));
      } else {
        step.node = "export";
        step.sources = {id};
        exports_.push_back(std::move(step));
      }
    }
    plan_->values.push_back(value);
    return id;
  }

  int add_block(const StateDescriptor& descriptor) {
    const int id = int(plan_->blocks.size());
    PlanBlock block;
    block.descriptor = descriptor;
    block.byte_count = byte_count(descriptor, request_.batch, request_.node);
    block.slot = add_slot(SlotKind::state, id);
    plan_->blocks.push_back(std::move(block));
    return id;
  }

  const KernelPlanRequest& request_;
  const Program program_;
  const Planner planner_;
  std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
  std::vector<PlanStep> imports_, exports_;
};

}  // namespace

bool KernelPlanRequest::is_alike(const KernelPlanRequest& other) const {
  return batch == other.batch && sources == other.sources && result == other.result &&
         is_result_needed == other.is_result_needed && geometry == other.geometry && attributes == other.attributes &&
         forward_attributes == other.forward_attributes && are_alike(forward.get(), other.forward.get()) &&
         are_alike(source_states, other.source_states) && are_alike(states, other.states) && parameters == other.parameters;
}

std::shared_ptr<Plan> make_kernel_plan(const KernelTable& table, const std::shared_ptr<Device>& device, int threads,
                                       const KernelPlanRequest& request) {
  return OneStep(table, device, threads, request).run();
}

}  // namespace mpsnn
