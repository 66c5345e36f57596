// Checks that say where they failed, and go on. A program returns `CHECK_RESULT` from main.
#import <Foundation/Foundation.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures;
/// nil, as an argument where the compiler knows that the interface does not take it.
__attribute__((unused)) static id nothing;

static inline void report(BOOL passed, const char *file, int line, NSString *what) {
  if (passed) return;
  ++failures;
  fprintf(stderr, "%s:%d: %s\n", file, line, [what UTF8String]);
}

static inline void check_near(double value, double expected, double tolerance, const char *file, int line, const char *text) {
  report(fabs(value - expected) <= tolerance, file, line,
         [NSString stringWithFormat:@"%s is %.9g, expected %.9g", text, value, expected]);
}

static inline void check_raised(NSException *raised, NSString *name, NSString *part, const char *file, int line,
                                const char *text) {
  BOOL passed = [[raised name] isEqualToString:name] && [[raised reason] rangeOfString:part].location != NSNotFound;
  report(passed, file, line,
         [NSString
             stringWithFormat:@"%s raised %@ (%@), expected %@ with \"%@\"", text, [raised name], [raised reason], name, part]);
}

#define CHECK(condition) report((condition), __FILE__, __LINE__, @ #condition)
#define CHECK_NEAR(value, expected, tolerance) check_near((value), (expected), (tolerance), __FILE__, __LINE__, #value)
/// That the statement raises an exception of this name, whose reason contains the text.
#define CHECK_RAISES(exception_name, part_of_reason, ...)                                   \
  do {                                                                                      \
    NSException *raised = nil;                                                              \
    @try {                                                                                  \
      __VA_ARGS__;                                                                          \
    } @catch (NSException * exception) {                                                    \
      raised = exception;                                                                   \
    }                                                                                       \
    check_raised(raised, exception_name, part_of_reason, __FILE__, __LINE__, #__VA_ARGS__); \
  } while (0)
#define CHECK_RESULT (failures ? 1 : 0)
