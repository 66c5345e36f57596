// Makes mistakes with every method of a list: mistakes < methods
//
//   CLASS [+-]SELECTOR ARGUMENT...   a method of a class, or of a protocol in angle brackets, that the library's objects answer
//
// An argument is a class or a protocol, `[` and one for an array of such, `block`, or `-` for what is no object. Each method is
// sent to an object that was never initialized, and to a good one with each of its arguments in turn nil, of another class, and
// never initialized, with NULL for pointers, and with numbers that are 0 or huge. It may do what it likes but crash, or raise
// something else than an NSException. Prints what it could not try.
#import "samples.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char doing[512];

/// An object of the class, or of the class of such an object, that was never initialized.
static id unfinished(NSString *what) {
  if ([what hasPrefix:@"["]) {
    id element = unfinished([what substringFromIndex:1]);
    return element ? [NSMutableArray arrayWithObject:element] : nil;
  }
  if ([what hasPrefix:@"NS"] || [what isEqual:@"-"] || [what isEqual:@"block"]) return nil;
  Class cls = [what hasPrefix:@"<"] ? [sample(what) class] : NSClassFromString(what);
  return [[cls alloc] autorelease];
}

static void make(NSArray *words, const char *mistake, id receiver, NSArray *objects) {
  snprintf(doing, sizeof doing, "%s %s: %s", [[words objectAtIndex:0] UTF8String], [[words objectAtIndex:1] UTF8String], mistake);
  @try {
    called(receiver, words, objects);
  } @catch (NSException *exception) {
    if (![[exception reason] length]) printf("%s: %s without a reason\n", doing, [[exception name] UTF8String]);
    if ([[exception reason] rangeOfString:@"std::"].location != NSNotFound)
      printf("%s: %s\n", doing, [[exception reason] UTF8String]);
  }
}

/// Runs what was encoded.
static void run(NSArray *words, const char *mistake, NSArray *objects) {
  for (id object in objects) {
    if (![object conformsToProtocol:@protocol(MTLCommandBuffer)]) continue;
    make(@[ [words objectAtIndex:0], @"-commit" ], mistake, object, @[]);
    make(@[ [words objectAtIndex:0], @"-waitUntilCompleted" ], mistake, object, @[]);
  }
}

static id receiverFor(NSArray *words) {
  NSString *class = [words objectAtIndex:0], *method = [words objectAtIndex:1];
  if ([method hasPrefix:@"+"]) return NSClassFromString(class);
  return [method hasPrefix:@"-init"] ? [NSClassFromString(class) alloc] : sample(class);
}

static void makeMistakes(NSArray *words) {
  NSString *method = [words objectAtIndex:1];
  NSArray *good = samples(words);
  if ([method hasPrefix:@"-"] && ![method hasPrefix:@"-init"]) {
    make(words, "never initialized", unfinished([words objectAtIndex:0]), good);
  }
  id receiver = receiverFor(words);
  if (!receiver) {
    printf("%s %s has no receiver\n", [[words objectAtIndex:0] UTF8String], method.UTF8String);
    return;
  }
  make(words, "no mistake", receiver, good);
  run(words, method.UTF8String, good);
  for (int i = 0; i < 2 && [words containsObject:@"-"]; ++i) {
    receiver = receiverFor(words);
    good = samples(words);
    number = i == 0 ? 0 : NSUIntegerMax;
    pointsNowhere = YES;
    make(words, i == 0 ? "nothing but zeros" : "huge numbers", receiver, good);
    number = 1;
    pointsNowhere = NO;
    run(words, method.UTF8String, good);
  }
  for (NSUInteger i = 0; i < good.count; ++i) {
    NSString *what = [words objectAtIndex:i + 2];
    if ([what isEqual:@"-"]) continue;
    NSMutableArray *wrong = [NSMutableArray arrayWithObject:[NSNull null]];
    if (![what isEqual:@"block"]) [wrong addObject:@"another class"];
    if ([what hasPrefix:@"["]) [wrong addObject:@[ @"another class" ]];
    if (unfinished(what)) [wrong addObject:unfinished(what)];
    for (id object in wrong) {
      NSMutableArray *objects = [[samples(words) mutableCopy] autorelease];
      [objects replaceObjectAtIndex:i withObject:object];
      char mistake[256];
      snprintf(mistake, sizeof mistake, "argument %d is %s of class %s", (int)i + 1,
               object == [NSNull null] ? "nil" : "an object", object_getClassName(object));
      make(words, mistake, receiverFor(words), objects);
      run(words, method.UTF8String, objects);
    }
  }
}

static void crashed(int signal_number) {
  static const char text[] = "crash: ";
  if (write(STDERR_FILENO, text, sizeof text - 1) < 0 || write(STDERR_FILENO, doing, strlen(doing)) < 0) _exit(4);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

int main(void) {
  NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
  signal(SIGSEGV, crashed);
  signal(SIGABRT, crashed);
  signal(SIGBUS, crashed);
  signal(SIGFPE, crashed);
  device = MTLCreateSystemDefaultDevice();
  queue = [device newCommandQueue];
  methods = [[NSMutableDictionary alloc] init];
  NSData *input = [[NSFileHandle fileHandleWithStandardInput] readDataToEndOfFile];
  NSString *lines = [[[NSString alloc] initWithData:input encoding:NSUTF8StringEncoding] autorelease];
  NSMutableArray *all = [NSMutableArray array];
  for (NSString *line in [lines componentsSeparatedByString:@"\n"]) {
    if (!line.length) continue;
    NSArray *words = [line componentsSeparatedByString:@" "];
    NSMutableArray *known = [methods objectForKey:[words objectAtIndex:0]];
    if (!known) [methods setObject:known = [NSMutableArray array] forKey:[words objectAtIndex:0]];
    [known addObject:words];
    [all addObject:words];
  }
  for (NSArray *words in all) {
    NSAutoreleasePool *inner = [[NSAutoreleasePool alloc] init];
    makeMistakes(words);
    [inner drain];
  }
  fprintf(stderr, "%lu calls\n", (unsigned long)calls);
  [pool drain];
  return 0;
}
