#ifdef __linux__
#include <sched.h>
#endif

#include <thread>

#include "check.hpp"
#include "kernels/cpu/thread_placement.hpp"

using namespace mpsnn::cpu;

#ifdef __linux__

namespace {

cpu_set_t allowed() {
  cpu_set_t set;
  CPU_ZERO(&set);
  CHECK_EQUAL(sched_getaffinity(0, sizeof(set), &set), 0);
  return set;
}

bool is_allowed_but(const cpu_set_t& before, int processor) {
  cpu_set_t expected = before;
  CPU_CLR(processor, &expected);
  const cpu_set_t now = allowed();
  return CPU_EQUAL(&now, &expected);
}

/// Calls `test(set)` on a thread of its own, with the processors that it may use, where there are two or more.
template <class Test>
void on_a_thread(const Test& test) {
  const cpu_set_t set = allowed();
  if (CPU_COUNT(&set) > 1) std::thread([&] { test(set); }).join();
}

int first_of(const cpu_set_t& set, int after = -1) {
  int processor = after + 1;
  while (!CPU_ISSET(processor, &set)) ++processor;
  return processor;
}

}  // namespace

TEST(a_thread_keeps_off_one_processor_at_a_time) {
  on_a_thread([](const cpu_set_t& set) {
    const int first = first_of(set), second = first_of(set, first);
    keep_off(first, 2);
    CHECK(is_allowed_but(set, first));
    CHECK(current_processor() != first);
    keep_off(second, 2);
    CHECK(is_allowed_but(set, second));
  });
}

TEST(a_thread_whose_team_has_no_room_stays) {
  on_a_thread([](const cpu_set_t& set) {
    keep_off(first_of(set), CPU_COUNT(&set) + 1);
    CHECK(is_allowed_but(set, CPU_SETSIZE));
  });
}

TEST(what_others_choose_for_a_thread_stays) {
  on_a_thread([](const cpu_set_t& set) {
    const int first = first_of(set), second = first_of(set, first);
    keep_off(first, 2);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    CHECK_EQUAL(sched_setaffinity(0, sizeof(one), &one), 0);
    for (const int processor : {first, second}) {
      keep_off(processor, 2);
      const cpu_set_t now = allowed();
      CHECK(CPU_EQUAL(&now, &one));
    }
  });
}

#endif
