#include <algorithm>
#include <random>
#include <vector>

#include "check.hpp"
#include "graph/program.hpp"
#include "plan/passes.hpp"

namespace {

using namespace mpsnn;

/// Values of so many floats that one step writes and a later one reads.
struct Life {
  std::size_t count;
  int first, last;
};

Plan placed(const std::vector<Life>& lives, bool reuse) {
  Plan plan;
  for (const Life& life : lives) {
    PlanValue value;
    value.shape = {1, 1, life.count};
    value.root = int(plan.values.size());
    plan.values.push_back(value);
    plan.steps.resize(std::max(plan.steps.size(), std::size_t(life.last) + 1));
    plan.steps[life.first].sources.push_back(value.root);
    plan.steps[life.last].sources.push_back(value.root);
  }
  const Program program;
  const KernelTable table;
  const Planner planner{program, table, nullptr, 2};
  Draft draft(plan, planner);
  assign_memory(draft, reuse);
  return plan;
}

std::size_t middle(const PlanValue& value) { return 2 * value.arena_offset + value.byte_count; }

TEST(images_that_follow_one_another_have_one_middle) {
  const Plan plan = placed({{4096, 0, 1}, {2048, 1, 2}, {1024, 2, 3}, {512, 3, 4}}, true);
  CHECK(plan.arena_bytes == 6144 * sizeof(float));
  CHECK(middle(plan.values[0]) == middle(plan.values[2]));
  CHECK(middle(plan.values[1]) == middle(plan.values[3]));
  CHECK(middle(plan.values[0]) != middle(plan.values[1]));
}

TEST(a_middle_costs_no_memory) {
  // Two that live together fit beside one another in the place of the large one, but not with one of them in its middle.
  const Plan plan = placed({{4096, 0, 1}, {2048, 2, 3}, {1536, 2, 3}}, true);
  CHECK(plan.arena_bytes == 4096 * sizeof(float));
}

TEST(values_that_live_at_the_same_time_never_meet) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<Life> lives;
    for (int i = 0; i < 40; ++i) {
      const int first = int(random() % 30);
      lives.push_back({1 + random() % 5000, first, first + int(random() % 8)});
    }
    const Plan plan = placed(lives, true), apart = placed(lives, false);
    CHECK(plan.arena_bytes <= apart.arena_bytes);
    for (std::size_t i = 0; i < lives.size(); ++i) {
      const PlanValue& a = plan.values[i];
      CHECK(a.arena_offset % 64 == 0 && a.arena_offset + a.byte_count <= plan.arena_bytes);
      for (std::size_t k = 0; k < i; ++k) {
        const PlanValue& b = plan.values[k];
        const bool together = lives[i].first <= lives[k].last && lives[k].first <= lives[i].last;
        CHECK(!together || a.arena_offset + a.byte_count <= b.arena_offset || b.arena_offset + b.byte_count <= a.arena_offset);
      }
    }
  }
}

}  // namespace
