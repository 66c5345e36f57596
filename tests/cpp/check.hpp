#pragma once

#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <vector>

// A test program is one file: it includes this once, which gives it `main`, and has TEST(name) { ... } functions. A check that
// fails is printed and counted; the test goes on. An exception ends its test and counts as well.
namespace check {

struct Test {
  const char* name;
  void (*run)();
};

inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Registration {
  Registration(const char* name, void (*run)()) { tests().push_back({name, run}); }
};

inline void fail(const char* file, int line, const std::string& what) {
  ++failures();
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
}

template <class A, class B>
void equal(const A& a, const B& b, const char* text, const char* file, int line) {
  if (a == b) return;
  std::ostringstream out;
  out << text << ": " << a << " is not " << b;
  fail(file, line, out.str());
}

/// `call` must throw an E whose message contains `part`.
template <class E, class Call>
void throws(const Call& call, const std::string& part, const char* text, const char* file, int line) {
  try {
    call();
    fail(file, line, std::string(text) + ": nothing was thrown");
  } catch (const E& e) {
    const std::string message = e.what();
    if (message.find(part) == std::string::npos) fail(file, line, std::string(text) + ": \"" + part + "\" is not in: " + message);
  } catch (const std::exception& e) {
    fail(file, line, std::string(text) + ": another error was thrown: " + e.what());
  }
}

}  // namespace check

#define TEST(name)                                                 \
  static void name();                                              \
  static const check::Registration name##_registered(#name, name); \
  static void name()
#define CHECK(condition)                                           \
  do {                                                             \
    if (!(condition)) check::fail(__FILE__, __LINE__, #condition); \
  } while (false)
#define CHECK_EQUAL(a, b) check::equal(a, b, #a " == " #b, __FILE__, __LINE__)
#define CHECK_THROWS(E, part, ...) check::throws<E>([&] { __VA_ARGS__; }, part, #__VA_ARGS__, __FILE__, __LINE__)

int main() {
  for (const auto& test : check::tests()) {
    const int before = check::failures();
    try {
      test.run();
    } catch (const std::exception& e) {
      check::fail(test.name, 0, std::string("threw ") + e.what());
    }
    std::printf("%s %s\n", check::failures() == before ? "ok    " : "FAILED", test.name);
  }
  return check::failures() ? 1 : 0;
}
