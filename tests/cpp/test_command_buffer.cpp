#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "mpsnn/buffer.hpp"
#include "mpsnn/commit_and_wait.hpp"
#include "mpsnn/error.hpp"

namespace {

using namespace mpsnn;
using Status = CommandBufferStatus;
using CommandBufferPtr = std::shared_ptr<CommandBuffer>;

void fail() { throw BackendError("the driver said no"); }

TEST(work_runs_in_order_after_commit) {
  auto queue = CommandQueue::make();
  std::vector<int> order;
  std::vector<CommandBufferPtr> buffers;
  for (int b = 0; b < 20; ++b) {
    auto buffer = queue->command_buffer();
    for (int i = 0; i < 5; ++i) buffer->record([&order, n = 5 * b + i] { order.push_back(n); });
    buffers.push_back(buffer);
  }
  CHECK(order.empty());
  for (auto& buffer : buffers) buffer->commit();
  buffers.back()->wait_until_completed();
  CHECK_EQUAL(order.size(), 100u);
  for (int i = 0; i < int(order.size()); ++i) CHECK_EQUAL(order[i], i);
  for (auto& buffer : buffers) CHECK(buffer->status() == Status::Completed);
}

TEST(failure_is_stored_and_thrown_at_the_wait) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  bool ran = false;
  buffer->record(fail);
  buffer->record([&] { ran = true; });
  buffer->commit();
  CHECK_THROWS(BackendError, "the driver said no", buffer->wait_until_completed());
  CHECK_THROWS(BackendError, "the driver said no", buffer->wait_until_completed());  // every wait says so
  CHECK(!ran);
  CHECK(buffer->status() == Status::Error);
  CHECK_EQUAL(buffer->error(), "the driver said no");
  CHECK_THROWS(InvalidArgument, "the driver said no", buffer->record([] {}));

  // The queue serves the next one.
  auto next = queue->command_buffer();
  next->record([&] { ran = true; });
  next->commit();
  next->wait_until_completed();
  CHECK(ran);
}

TEST(errors_that_are_no_exceptions_of_ours) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  buffer->record([] { throw 7; });
  buffer->commit();
  while (!buffer->wait_for(1)) {
  }
  CHECK(buffer->status() == Status::Error);
  CHECK_EQUAL(buffer->error(), "unknown error");
}

TEST(handlers) {
  auto queue = CommandQueue::make();
  std::vector<std::string> seen;
  auto buffer = queue->command_buffer();
  buffer->add_scheduled_handler([&](const CommandBufferPtr&) { seen.push_back("scheduled"); });
  buffer->record([&] { seen.push_back("work"); });
  buffer->record_completion([&] { seen.push_back("completion"); });
  buffer->add_completed_handler(
      [&](const CommandBufferPtr& done) { seen.push_back(done->status() == Status::Completed ? "completed" : "?"); });
  buffer->add_completed_handler([&](const CommandBufferPtr& done) { seen.push_back(done == buffer ? "same" : "?"); });
  buffer->commit();
  buffer->wait_until_completed();
  CHECK((seen == std::vector<std::string>{"scheduled", "work", "completion", "completed", "same"}));
}

TEST(handlers_of_failed_work) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  std::string error;
  bool completion_ran = false;
  buffer->record(fail);
  buffer->record_completion([&] { completion_ran = true; });
  buffer->add_completed_handler([&](const CommandBufferPtr& done) { error = done->error(); });
  buffer->commit();
  CHECK_THROWS(BackendError, "", buffer->wait_until_completed());
  CHECK_EQUAL(error, "the driver said no");
  CHECK(!completion_ran);
}

TEST(preparations_come_after_the_waiters_and_before_later_work) {
  auto queue = CommandQueue::make();
  std::vector<std::string> seen;
  std::atomic<bool> may_prepare = false;
  auto buffer = queue->command_buffer(), next = queue->command_buffer();
  buffer->record([&] { seen.push_back("work"); });
  buffer->record_preparation([&, parts = 0]() mutable {
    while (!may_prepare) std::this_thread::yield();
    seen.push_back("prepared");
    return ++parts < 3;
  });
  buffer->record_preparation([]() -> bool { throw std::runtime_error("nobody hears of this"); });
  const auto mark = buffer->mark();
  buffer->record_preparation([&] { return seen.push_back("taken back"), false; });
  buffer->roll_back(mark);
  next->record([&] { seen.push_back("next"); });
  buffer->commit();
  buffer->wait_until_completed();
  CHECK_EQUAL(seen.size(), 1u);
  next->commit();
  CHECK(next->status() == Status::Committed);
  may_prepare = true;
  next->wait_until_completed();
  CHECK((seen == std::vector<std::string>{"work", "prepared", "prepared", "prepared", "next"}));
}

TEST(preparations_end_with_the_queue) {
  auto queue = CommandQueue::make();
  std::atomic<int> count = 0;
  const auto held = std::make_shared<int>();
  auto buffer = queue->command_buffer();
  buffer->record_preparation([&, held] { return ++count, true; });
  buffer->commit();
  buffer->wait_until_completed();
  while (count == 0) std::this_thread::yield();
  buffer = nullptr;
  queue = nullptr;
  while (held.use_count() > 1) std::this_thread::yield();
}

TEST(failing_handlers) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  bool second = false;
  buffer->add_completed_handler([](const CommandBufferPtr&) { throw std::runtime_error("the handler is broken"); });
  buffer->add_completed_handler([&](const CommandBufferPtr&) { second = true; });
  buffer->commit();
  CHECK_THROWS(std::runtime_error, "the handler is broken", buffer->wait_until_completed());
  CHECK(second);
}

TEST(a_committed_buffer_takes_no_more) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  CHECK_THROWS(InvalidArgument, "before commit", buffer->wait_until_completed());
  CHECK_THROWS(InvalidArgument, "before commit", buffer->wait_until_scheduled());
  buffer->enqueue();
  CHECK(buffer->status() == Status::Enqueued);
  buffer->commit();
  CHECK_THROWS(InvalidArgument, "already committed", buffer->commit());
  CHECK_THROWS(InvalidArgument, "already committed", buffer->record([] {}));
  CHECK_THROWS(InvalidArgument, "already committed", buffer->add_completed_handler([](const CommandBufferPtr&) {}));
  buffer->wait_until_completed();
  CHECK_THROWS(InvalidArgument, "command_queue", CommandBuffer::from_command_queue(nullptr));
}

TEST(commit_and_continue) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  std::vector<int> order;
  buffer->record([&] { order.push_back(1); });
  auto first = buffer->root_command_buffer();
  buffer->commit_and_continue();
  first->wait_until_completed();
  CHECK_EQUAL(order.size(), 1u);
  buffer->record([&] { order.push_back(2); });
  CHECK(buffer->status() == Status::NotEnqueued);
  buffer->commit();
  buffer->wait_until_completed();
  CHECK((order == std::vector<int>{1, 2}));
}

TEST(wrappers_share_the_work) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  auto wrapper = CommandBuffer::with_command_buffer(buffer);
  CHECK(wrapper->command_buffer() == buffer);
  int runs = 0;
  wrapper->record([&] { ++runs; });
  buffer->record([&] { ++runs; });
  wrapper->commit();
  buffer->wait_until_completed();
  CHECK_EQUAL(runs, 2);
}

TEST(roll_back_takes_back_what_was_recorded) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  auto memory = std::make_shared<Buffer>(16);
  int runs = 0;
  buffer->record([&] { ++runs; });
  const auto mark = buffer->mark();
  buffer->record([&] { runs += 10; }, {memory});
  buffer->roll_back(mark);
  buffer->commit();
  buffer->wait_until_completed();
  CHECK_EQUAL(runs, 1);
  CHECK_THROWS(BackendError, "encode", memory->cpu_access());
}

TEST(memory_is_closed_while_work_writes_it) {
  auto queue = CommandQueue::make();
  auto memory = std::make_shared<Buffer>(4);
  auto buffer = queue->command_buffer();
  buffer->record([memory] { *static_cast<int*>(memory->data()) = 42; }, {memory});
  CHECK_THROWS(InvalidArgument, "wait_until_completed", memory->cpu_access());
  buffer->commit();
  buffer->wait_until_completed();
  CHECK_EQUAL(*static_cast<int*>(memory->cpu_access()), 42);

  auto failing = queue->command_buffer();
  failing->record(fail, {memory});
  failing->commit();
  CHECK_THROWS(BackendError, "", failing->wait_until_completed());
  CHECK_THROWS(BackendError, "the driver said no", memory->cpu_access());

  // The next successful write makes the contents good again.
  auto again = queue->command_buffer();
  again->record([memory] { *static_cast<int*>(memory->data()) = 43; }, {memory});
  again->commit();
  again->wait_until_completed();
  CHECK_EQUAL(*static_cast<int*>(memory->cpu_access()), 43);
}

TEST(dropping_uncommitted_work) {
  auto queue = CommandQueue::make();
  auto memory = std::make_shared<Buffer>(4);
  auto kept = std::make_shared<int>(7);
  {
    auto buffer = queue->command_buffer();
    buffer->record([] {}, {memory});
    buffer->retain(kept);
    CHECK_EQUAL(kept.use_count(), 2);
  }
  CHECK_EQUAL(kept.use_count(), 1);
  CHECK(!memory->is_pending());
  CHECK_THROWS(BackendError, "dropped", memory->cpu_access());
}

TEST(retained_objects_live_until_the_work_is_done) {
  auto queue = CommandQueue::make();
  auto kept = std::make_shared<int>(7);
  std::weak_ptr<int> watch = kept;
  auto buffer = queue->command_buffer();
  bool alive = false;
  buffer->record([&, watch] { alive = !watch.expired(); });
  buffer->retain(std::move(kept));
  buffer->commit();
  buffer->wait_until_completed();
  CHECK(alive);
  CHECK(watch.expired());
}

TEST(dropping_a_queue_with_work) {
  std::atomic<int> runs{0};
  CommandBufferPtr last;
  {
    auto queue = CommandQueue::make();
    for (int i = 0; i < 10; ++i) {
      last = queue->command_buffer();
      last->record([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ++runs;
      });
      last->commit();
    }
  }
  last->wait_until_completed();
  CHECK_EQUAL(runs.load(), 10);
}

TEST(a_queue_dropped_by_its_own_worker) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  std::atomic<bool> done{false};
  buffer->add_completed_handler([&](const CommandBufferPtr&) { done = true; });
  buffer->record([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  buffer->commit();
  buffer.reset();
  queue.reset();  // the worker holds the last references
  while (!done) std::this_thread::yield();
}

TEST(many_threads) {
  constexpr int kThreads = 8, kBuffers = 50;
  auto shared = CommandQueue::make();
  std::atomic<int> total{0};
  int in_order = 0;  // only the shared queue's worker writes it
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      auto own = CommandQueue::make();
      for (int i = 0; i < kBuffers; ++i) {
        auto a = own->command_buffer(), b = shared->command_buffer();
        a->record([&] { ++total; });
        b->record([&] { ++in_order; });
        if ((t + i) % 7 == 0) a->record(fail);
        a->commit();
        b->commit();
        if (i % 3 == 0) b->wait_until_completed();
        try {
          a->wait_until_completed();
        } catch (const BackendError&) {
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  auto end = shared->command_buffer();
  end->commit();
  end->wait_until_completed();
  CHECK_EQUAL(total.load(), kThreads * kBuffers);
  CHECK_EQUAL(in_order, kThreads * kBuffers);
}

TEST(several_threads_wait_for_one_buffer) {
  auto queue = CommandQueue::make();
  auto buffer = queue->command_buffer();
  buffer->record([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  buffer->record(fail);
  buffer->commit();
  std::atomic<int> errors{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      try {
        buffer->wait_until_completed();
      } catch (const BackendError&) {
        ++errors;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_EQUAL(errors.load(), 4);
}

// A queue whose last work was short and ran on this thread.
struct Waiting {
  std::shared_ptr<CommandQueue> queue = CommandQueue::make();
  std::thread::id ran_on;
  CommandBufferPtr recorded() {
    auto buffer = queue->command_buffer();
    buffer->record([this] { ran_on = std::this_thread::get_id(); });
    return buffer;
  }
  Waiting() {
    commit_and_wait_for(*recorded(), 3600);
    CHECK(ran_on != std::this_thread::get_id());
    // The queue's thread needs a moment to be idle again.
    for (int i = 0; i < 1000 && ran_on != std::this_thread::get_id(); ++i) commit_and_wait_for(*recorded(), 3600);
    CHECK(ran_on == std::this_thread::get_id());
  }
};

TEST(who_commits_and_waits_runs_short_work) {
  Waiting w;
  auto buffer = w.recorded();
  CHECK(commit_and_wait_for(*buffer, 3600));
  CHECK(w.ran_on == std::this_thread::get_id());
  CHECK(buffer->status() == Status::Completed);
  CHECK_THROWS(InvalidArgument, "already committed", commit_and_wait_for(*buffer, 3600));

  auto failing = w.recorded();
  failing->record(fail);
  CHECK(commit_and_wait_for(*failing, 3600));
  CHECK(w.ran_on == std::this_thread::get_id());
  CHECK(failing->status() == Status::Error);
  CHECK_THROWS(BackendError, "", failing->wait_until_completed());
}

TEST(work_longer_than_the_wait_runs_on_the_queue) {
  Waiting w;
  auto slow = w.queue->command_buffer();
  slow->record([] { std::this_thread::sleep_for(std::chrono::milliseconds(30)); });
  slow->commit();
  slow->wait_until_completed();
  auto buffer = w.recorded();
  commit_and_wait_for(*buffer, 0.01);
  while (!buffer->wait_for(0)) std::this_thread::yield();
  CHECK(w.ran_on != std::this_thread::get_id());
}

TEST(handlers_keep_work_on_the_queue) {
  Waiting w;
  auto buffer = w.recorded();
  std::thread::id handled_on;
  buffer->add_completed_handler([&](const CommandBufferPtr&) { handled_on = std::this_thread::get_id(); });
  commit_and_wait_for(*buffer, 3600);
  buffer->wait_until_completed();
  CHECK(handled_on != std::this_thread::get_id());
  CHECK(handled_on == w.ran_on);
}

TEST(who_runs_its_own_work_keeps_the_order) {
  Waiting w;
  constexpr int kThreads = 4, kBuffers = 200;
  int count = 0;  // only one piece of the queue's work runs at a time
  std::atomic<int> in_order{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kBuffers; ++i) {
        auto a = w.queue->command_buffer(), b = w.queue->command_buffer();
        int before = 0, after = 0;
        a->record([&] { before = ++count; });
        b->record([&] { after = ++count; });
        a->commit();
        if ((t + i) % 2 == 0) {
          commit_and_wait_for(*b, 3600);
        } else {
          b->commit();
        }
        b->wait_until_completed();
        in_order += before > 0 && after > before;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK_EQUAL(count, 2 * kThreads * kBuffers);
  CHECK_EQUAL(in_order.load(), kThreads * kBuffers);
}

TEST(a_wait_within_work_that_the_waiter_runs) {
  Waiting w;
  auto buffer = w.queue->command_buffer();
  auto other = w.queue->command_buffer();
  auto elsewhere = CommandQueue::make()->command_buffer();
  bool has_run = false;
  elsewhere->record([&] { has_run = true; });
  buffer->record([&] {
    commit_and_wait_for(*elsewhere, 3600);
    elsewhere->wait_until_completed();
    commit_and_wait_for(*other, 3600);
  });
  CHECK(commit_and_wait_for(*buffer, 3600));
  CHECK(has_run);
  CHECK_THROWS(InvalidArgument, "would wait for ever", buffer->wait_until_completed());
  other->wait_until_completed();
}

// Last: what was committed before runs to its end, later work is refused on old queues.
TEST(stopping_all_queues) {
  auto queue = CommandQueue::make();
  std::atomic<int> runs{0};
  for (int i = 0; i < 5; ++i) {
    auto buffer = queue->command_buffer();
    buffer->record([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ++runs;
    });
    buffer->commit();
  }
  stop_all_queues();
  CHECK_EQUAL(runs.load(), 5);
  auto buffer = queue->command_buffer();
  CHECK_THROWS(BackendError, "shutting down", buffer->commit());
}

}  // namespace
