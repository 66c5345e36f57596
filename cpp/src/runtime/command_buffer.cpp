#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

#include "mpsnn/commit_and_wait.hpp"
#include "mpsnn/error.hpp"
#include "runtime/recorded_work.hpp"
#include "runtime/thread_team.hpp"

namespace mpsnn {

namespace {

std::string message_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown error";
  }
}

}  // namespace

// The worker that this thread is, or whose work it runs.
thread_local const void* current_worker = nullptr;

// One unit of committed work. Encoding is for one thread; after `commit` the worker owns the lists.
struct CommandBuffer::Submission : std::enable_shared_from_this<CommandBuffer::Submission> {
  ~Submission() {
    if (!finished) release_writes("the command buffer was dropped before it was committed");
  }

  void release_writes(const std::string& failure) {
    for (auto& buffer : writes) buffer->end_write(failure.empty() ? nullptr : &failure);
    writes.clear();
  }

  // Never throws: a failure is stored for the wait.
  void execute(const std::shared_ptr<CommandBuffer>& facade) {
    set_status(CommandBufferStatus::Scheduled);
    run_handlers(scheduled, facade);
    bool has_run = false;
    try {
      for (auto& work : operations) work();
      has_run = true;
    } catch (...) {
      fail(std::current_exception());
    }
    release_writes(has_run ? std::string() : message_of(error));
    if (has_run) run_completions();
    {
      // Handlers see how it ended; waiters are let go after them.
      std::lock_guard lock(mutex);
      status = error ? CommandBufferStatus::Error : CommandBufferStatus::Completed;
    }
    run_handlers(completed, facade);
    operations.clear();
    completions.clear();
    completed.clear();
    retained.clear();
    {
      std::lock_guard lock(mutex);
      if (error) status = CommandBufferStatus::Error;
      finished = true;
    }
    changed.notify_all();
  }

  // One that fails does not keep the others from their turn.
  void run_completions() {
    for (auto& work : completions) {
      try {
        work();
      } catch (...) {
        fail(std::current_exception());
      }
    }
  }

  void run_handlers(std::vector<Handler>& handlers, const std::shared_ptr<CommandBuffer>& facade) {
    for (auto& handler : handlers) {
      try {
        handler(facade);
      } catch (...) {
        fail(std::current_exception());
      }
    }
  }

  void fail(std::exception_ptr reason) {
    std::lock_guard lock(mutex);
    if (!error) error = std::move(reason);
  }

  void set_status(CommandBufferStatus value) {
    {
      std::lock_guard lock(mutex);
      status = value;
    }
    changed.notify_all();
  }

  // What the caller has written runs on the worker, so that whoever waits can go on while it runs.
  bool calls_back() const { return !(completions.empty() && completed.empty() && scheduled.empty()); }

  std::vector<std::function<void()>> operations, completions;
  std::vector<std::function<bool()>> preparations;
  std::vector<std::shared_ptr<Buffer>> writes;
  std::vector<std::shared_ptr<void>> retained;
  std::vector<Handler> completed, scheduled;

  mutable std::mutex mutex;
  std::condition_variable changed;
  CommandBufferStatus status = CommandBufferStatus::NotEnqueued;
  std::exception_ptr error;
  bool finished = false;
  double patience = -1;  // seconds that the thread which commits it waits then
};

// The thread of one queue. It owns itself, so that a queue may be dropped anywhere, also by its own worker: what is committed
// still runs. Only `stop_all_queues` waits.
struct CommandQueue::Worker : std::enable_shared_from_this<CommandQueue::Worker> {
  struct Item {
    std::shared_ptr<CommandBuffer::Submission> submission;
    std::shared_ptr<CommandBuffer> facade;
  };

  void submit(Item item) {
    std::unique_lock lock(mutex);
    if (stopping) throw BackendError("CommandQueue: the library is shutting down, no work can be committed");
    const auto& submission = *items.emplace_back(std::move(item)).submission;
    if (!started) {
      started = true;
      all().add(shared_from_this());
      std::thread([self = shared_from_this()] {
        current_worker = self.get();
        self->run();
        all().remove(self);
      }).detach();
    }
    if (can_run_here(submission, submission.patience)) {
      run_here(lock, submission.patience);
    } else {
      lock.unlock();
      changed.notify_one();
    }
  }

  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return must_release_team || (!is_running && (stopping || has_work())); });
      if (must_release_team) {
        has_team = must_release_team = false;
        lock.unlock();
        release_thread_team();
        lock.lock();
        continue;
      }
      if (stopping && !preparations.empty()) {
        auto dropped = std::move(preparations);
        preparations.clear();
        lock.unlock();  // what the work holds may be the caller's, with locks of its own
        dropped.clear();
        lock.lock();
        continue;
      }
      if (!has_work()) return;
      has_team = true;
      if (preparations.empty()) {
        run_first(lock);
      } else {
        prepare(lock);
      }
    }
  }

  bool has_work() const { return !items.empty() || !preparations.empty(); }

  // The lock is free meanwhile.
  void prepare(std::unique_lock<std::mutex>& lock) {
    auto work = std::move(preparations.front());
    preparations.pop_front();
    is_running = true;
    lock.unlock();
    bool is_unfinished = false;
    try {
      is_unfinished = work();
    } catch (...) {  // where it matters, the run that misses it fails as well
    }
    if (!is_unfinished) work = {};
    lock.lock();
    is_running = false;
    if (is_unfinished) preparations.push_front(std::move(work));
  }

  // A thread that waits for work that is next, and as short as its patience by the time that the queue's last work took, runs it
  // itself: to wake a thread takes as long as a small network, and its team of threads would wait beside that of the worker.
  bool can_run_here(const CommandBuffer::Submission& submission, double patience) const {
    return !current_worker && !is_running && last_seconds <= patience && preparations.empty() && !items.empty() &&
           items.front().submission.get() == &submission && !submission.calls_back();
  }

  void run_here(std::unique_lock<std::mutex>& lock, double patience) {
    if (has_team && !must_release_team) {
      must_release_team = true;
      changed.notify_one();
    }
    current_worker = this;
    run_first(lock);
    current_worker = nullptr;
    const bool is_idle = !has_work() && !stopping, is_next_elsewhere = last_seconds > patience || !preparations.empty();
    lock.unlock();
    if (!is_idle) changed.notify_one();
    if (is_next_elsewhere) release_thread_team();
  }

  void run_for_waiter(const CommandBuffer::Submission& submission, double patience) {
    std::unique_lock lock(mutex);
    if (can_run_here(submission, patience)) run_here(lock, patience);
  }

  // The lock is free meanwhile.
  void run_first(std::unique_lock<std::mutex>& lock) {
    Item item = std::move(items.front());
    items.pop_front();
    is_running = true;
    lock.unlock();
    const auto start = std::chrono::steady_clock::now();
    item.submission->execute(item.facade);
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    auto left = std::move(item.submission->preparations);
    item = {};
    lock.lock();
    std::move(left.begin(), left.end(), std::back_inserter(preparations));
    is_running = false;
    last_seconds = time.count();
  }

  void finish() {
    {
      std::lock_guard lock(mutex);
      stopping = true;
    }
    changed.notify_all();
  }

  // The workers whose threads run.
  struct Registry {
    void add(std::shared_ptr<Worker> worker) {
      std::lock_guard lock(mutex);
      workers.insert(std::move(worker));
    }
    void remove(const std::shared_ptr<Worker>& worker) {
      {
        std::lock_guard lock(mutex);
        workers.erase(worker);
      }
      changed.notify_all();
    }
    void stop_and_wait() {
      std::unique_lock lock(mutex);
      while (!workers.empty()) {
        // Without the lock: `finish` takes the worker's, under which `add` is called.
        const auto running = workers;
        lock.unlock();
        for (const auto& worker : running) worker->finish();
        lock.lock();
        changed.wait(lock, [&] {
          return std::none_of(running.begin(), running.end(), [&](const auto& w) { return workers.count(w) > 0; });
        });
      }
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::set<std::shared_ptr<Worker>> workers;
  };
  static Registry& all() {
    static auto* registry = new Registry;  // outlives the static destructors of programs that leave a queue running
    return *registry;
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Item> items;
  std::deque<std::function<bool()>> preparations;  // come before the items
  bool started = false, stopping = false, is_running = false;
  bool has_team = false, must_release_team = false;               // the worker's thread
  double last_seconds = std::numeric_limits<double>::infinity();  // the first work may take any time
};

void stop_all_queues() { CommandQueue::Worker::all().stop_and_wait(); }

CommandQueue::CommandQueue(std::shared_ptr<Device> device) : device_(std::move(device)), worker_(std::make_shared<Worker>()) {}

CommandQueue::~CommandQueue() { worker_->finish(); }

std::shared_ptr<CommandQueue> CommandQueue::make(std::shared_ptr<Device> device) {
  return std::shared_ptr<CommandQueue>(new CommandQueue(device ? std::move(device) : default_device()));
}

std::shared_ptr<CommandBuffer> CommandQueue::command_buffer() { return CommandBuffer::from_command_queue(shared_from_this()); }

// What a command buffer and its wrappers share: the submission that is being recorded.
struct CommandBuffer::Core {
  std::shared_ptr<Submission> current = std::make_shared<Submission>();
};

CommandBuffer::CommandBuffer(std::shared_ptr<CommandQueue> queue, std::shared_ptr<Core> core)
    : queue_(std::move(queue)), core_(std::move(core)) {}

CommandBuffer::~CommandBuffer() = default;

std::shared_ptr<CommandBuffer> CommandBuffer::from_command_queue(const std::shared_ptr<CommandQueue>& queue) {
  if (!queue) throw InvalidArgument("MPSCommandBuffer: command_queue is missing");
  return std::shared_ptr<CommandBuffer>(new CommandBuffer(queue, std::make_shared<Core>()));
}

std::shared_ptr<CommandBuffer> CommandBuffer::with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer) {
  if (!command_buffer) throw InvalidArgument("MPSCommandBuffer: command_buffer is missing");
  auto wrapper = std::shared_ptr<CommandBuffer>(new CommandBuffer(command_buffer->queue_, command_buffer->core_));
  wrapper->wrapped_ = command_buffer;
  return wrapper;
}

std::shared_ptr<CommandBuffer> CommandBuffer::root_command_buffer() {
  auto core = std::make_shared<Core>();
  core->current = core_->current;
  return std::shared_ptr<CommandBuffer>(new CommandBuffer(queue_, std::move(core)));
}

std::shared_ptr<Device> CommandBuffer::device() const { return queue_->device(); }

void CommandBuffer::check_recordable(const std::string& encoder) const {
  switch (status()) {
    case CommandBufferStatus::NotEnqueued:
    case CommandBufferStatus::Enqueued:
      return;
    case CommandBufferStatus::Error:
      throw InvalidArgument(encoder + ": the command buffer has failed (" + error() + "); make a new one from its queue");
    default:
      throw InvalidArgument(encoder + ": the command buffer is already committed; make a new one from its queue");
  }
}

void CommandBuffer::record(std::function<void()> work, std::vector<std::shared_ptr<Buffer>> writes) {
  check_recordable("MPSCommandBuffer");
  auto& submission = *core_->current;
  // Twice as much each time: one record after the other must not copy all of them each time.
  const std::size_t count = submission.writes.size() + writes.size();
  if (count > submission.writes.capacity()) submission.writes.reserve(2 * count);
  submission.operations.push_back(std::move(work));
  for (auto& buffer : writes) {
    buffer->begin_write();
    submission.writes.push_back(std::move(buffer));
  }
}

void CommandBuffer::retain(std::shared_ptr<void> object) {
  check_recordable("MPSCommandBuffer");
  core_->current->retained.push_back(std::move(object));
}

void CommandBuffer::record_completion(std::function<void()> work) {
  check_recordable("MPSCommandBuffer");
  core_->current->completions.push_back(std::move(work));
}

void CommandBuffer::record_preparation(std::function<bool()> work) {
  check_recordable("MPSCommandBuffer");
  core_->current->preparations.push_back(std::move(work));
}

CommandBuffer::Mark CommandBuffer::mark() const {
  const auto& s = *core_->current;
  return {&s, s.operations.size(), s.writes.size(), s.completions.size(), s.retained.size(), s.preparations.size()};
}

void CommandBuffer::roll_back(const Mark& mark) {
  auto& s = *core_->current;
  // Work that was committed meanwhile, by a callback, cannot be taken back: it is the worker's.
  if (&s != mark.submission || status() >= CommandBufferStatus::Committed) return;
  const std::string failure = "the encode that was to write it failed";
  for (std::size_t i = mark.writes; i < s.writes.size(); ++i) s.writes[i]->end_write(&failure);
  s.writes.resize(mark.writes);
  s.operations.resize(mark.operations);
  s.completions.resize(std::min(mark.completions, s.completions.size()));
  s.retained.resize(std::min(mark.retained, s.retained.size()));
  s.preparations.resize(std::min(mark.preparations, s.preparations.size()));
}

std::function<void()> take_recorded_since(const CommandBuffer::Mark& mark, CommandBuffer& command_buffer) {
  // What was committed meanwhile is the worker's.
  if (command_buffer.mark().submission != mark.submission || command_buffer.status() >= CommandBufferStatus::Committed) return {};
  auto& all = const_cast<CommandBuffer::Submission*>(mark.submission)->operations;  // the mark is not what makes it constant
  if (all.size() <= mark.operations) return {};
  const auto first = all.begin() + std::ptrdiff_t(mark.operations);
  std::vector<std::function<void()>> taken(std::make_move_iterator(first), std::make_move_iterator(all.end()));
  all.erase(first, all.end());
  return [taken = std::move(taken)] {
    for (const auto& work : taken) work();
  };
}

void CommandBuffer::add_completed_handler(Handler handler) {
  check_recordable("MPSCommandBuffer.add_completed_handler");
  core_->current->completed.push_back(std::move(handler));
}

void CommandBuffer::add_scheduled_handler(Handler handler) {
  check_recordable("MPSCommandBuffer.add_scheduled_handler");
  core_->current->scheduled.push_back(std::move(handler));
}

void CommandBuffer::enqueue() {
  check_recordable("MPSCommandBuffer.enqueue");
  core_->current->set_status(CommandBufferStatus::Enqueued);
}

void CommandBuffer::commit() {
  check_recordable("MPSCommandBuffer.commit");
  auto submission = core_->current;
  submission->set_status(CommandBufferStatus::Committed);
  queue_->worker_->submit({submission, shared_from_this()});
}

bool commit_and_wait_for(CommandBuffer& command_buffer, double seconds) {
  const auto mark = command_buffer.mark();
  command_buffer.check_recordable("MPSCommandBuffer.commit");
  const_cast<CommandBuffer::Submission*>(mark.submission)->patience = seconds;  // the mark is not what makes it constant
  command_buffer.commit();
  return command_buffer.wait_for(seconds);
}

void CommandBuffer::commit_and_continue() {
  auto finished = root_command_buffer();
  finished->label = label;
  finished->commit();
  core_->current = std::make_shared<Submission>();
}

bool CommandBuffer::wait_for(double seconds) {
  auto submission = core_->current;
  std::unique_lock lock(submission->mutex);
  if (!submission->finished && current_worker == queue_->worker_.get()) {
    throw InvalidArgument(
        "MPSCommandBuffer: a wait in a handler or an update that the same queue runs would wait for ever; use another queue");
  }
  if (submission->status == CommandBufferStatus::NotEnqueued || submission->status == CommandBufferStatus::Enqueued) {
    throw InvalidArgument("MPSCommandBuffer: wait_until_completed before commit would wait for ever");
  }
  if (submission->status == CommandBufferStatus::Committed) {
    lock.unlock();
    queue_->worker_->run_for_waiter(*submission, seconds);
    lock.lock();
  }
  return submission->changed.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return submission->finished; });
}

void CommandBuffer::wait_until_completed() {
  while (!wait_for(3600)) {
  }
  if (auto reason = exception()) std::rethrow_exception(reason);
}

void CommandBuffer::wait_until_scheduled() {
  if (status() == CommandBufferStatus::Committed) wait_for(0);  // throws where it would never come
  auto submission = core_->current;
  std::unique_lock lock(submission->mutex);
  if (submission->status == CommandBufferStatus::NotEnqueued || submission->status == CommandBufferStatus::Enqueued) {
    throw InvalidArgument("MPSCommandBuffer: wait_until_scheduled before commit would wait for ever");
  }
  submission->changed.wait(lock, [&] { return submission->status >= CommandBufferStatus::Scheduled; });
}

CommandBufferStatus CommandBuffer::status() const {
  std::lock_guard lock(core_->current->mutex);
  return core_->current->status;
}

std::exception_ptr CommandBuffer::exception() const {
  std::lock_guard lock(core_->current->mutex);
  return core_->current->error;
}

std::string CommandBuffer::error() const {
  const auto reason = exception();
  return reason ? message_of(reason) : std::string();
}

}  // namespace mpsnn
