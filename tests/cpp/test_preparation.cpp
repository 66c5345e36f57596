#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include "check.hpp"
#include "digit_network.hpp"

namespace {

using namespace mpsnn;

/// What `work` writes to the standard output.
std::string output_of(const std::function<void()>& work) {
  std::fflush(stdout);
  std::FILE* file = std::tmpfile();
  const int saved = dup(STDOUT_FILENO);
  dup2(fileno(file), STDOUT_FILENO);
  work();
  std::fflush(stdout);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  std::string text;
  std::rewind(file);
  for (int c; (c = std::fgetc(file)) != EOF;) text += char(c);
  std::fclose(file);
  return text;
}

int count(const std::string& text, const std::string& part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// oneDNN tells on request what it makes and what it runs.
TEST(second_inference_makes_no_primitive_and_reorders_nothing) {
  setenv("ONEDNN_VERBOSE", "2", 1);
  digits::Network network;
  NNGraph graph(network.inference());
  graph.format = ImageFeatureChannelFormat::Float32;
  const auto queue = CommandQueue::make();
  ImageDescriptor d;
  d.height = d.width = digits::kSize;
  d.channel_format = ImageFeatureChannelFormat::Float32;
  const auto image = std::make_shared<Image>(queue->device(), d);
  const auto run = [&] {
    const auto command_buffer = queue->command_buffer();
    graph.encode_to_command_buffer(command_buffer, {image});
    command_buffer->commit();
    command_buffer->wait_until_completed();
  };
  const auto prepare = [&] {  // before the queue's next work
    const auto command_buffer = queue->command_buffer();
    command_buffer->commit();
    command_buffer->wait_until_completed();
  };
  const std::string first = output_of(run);
  output_of(prepare);
  const std::string second = output_of(run);
  const CNNConvolutionNode convolution(std::make_shared<NNImageNode>(), network.conv1);
  const auto names = implementations(convolution);
  const bool has_onednn = std::find(names.begin(), names.end(), "onednn") != names.end();
  CHECK_EQUAL(count(first, "create") > 0, has_onednn);
  CHECK_EQUAL(count(second, "exec") > 0, has_onednn);
  CHECK_EQUAL(count(second, "create"), 0);
  CHECK_EQUAL(count(second, "reorder"), 0);
  if (check::failures()) std::printf("first run:\n%s\nsecond run:\n%s", first.c_str(), second.c_str());
}

}  // namespace
