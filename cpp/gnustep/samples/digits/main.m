// Trains a digit classifier, then tests it: Apple's sample "Training a Neural Network with Metal Performance Shaders".
#import <Foundation/Foundation.h>
#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#import "DigitData.h"
#import "DigitNetwork.h"

enum { BatchSize = 64, StepsPerLine = 100, TestBatchSize = 100 };

typedef struct {
  const char *data;
  NSUInteger epochs;
  uint64_t seed;
  BOOL isQuick;
} Options;

static void PrintUsage(FILE *file) {
  fputs("usage: digits [--data DIR] [--epochs N] [--seed N] [--quick]\n"
        "  --data DIR   folder with the four files of the MNIST database, gzipped or not; tests/data/mnist unless given\n"
        "  --epochs N   how often the network sees every picture; 1 unless given\n"
        "  --seed N     of the weights at the start and of the order of the pictures; 0 unless given\n"
        "  --quick      a tenth of the pictures only\n",
        file);
}

static BOOL ParseNumber(const char *text, unsigned long long *number) {
  char *end = NULL;
  *number = strtoull(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == '\0';
}

static Options ParseOptions(int argc, char **argv) {
  Options options = {.data = "tests/data/mnist", .epochs = 1};
  static const struct option known[] = {{"data", required_argument, NULL, 'd'}, {"epochs", required_argument, NULL, 'e'},
                                        {"seed", required_argument, NULL, 's'}, {"quick", no_argument, NULL, 'q'},
                                        {"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0}};
  int option;
  while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
    unsigned long long number = 0;
    BOOL isValid = option != '?';
    if (option == 'e' || option == 's') isValid = ParseNumber(optarg, &number);
    if (option == 'd') options.data = optarg;
    if (option == 'e') options.epochs = (NSUInteger)number;
    if (option == 's') options.seed = number;
    if (option == 'q') options.isQuick = YES;
    if (option == 'h' || !isValid) {
      PrintUsage(option == 'h' ? stdout : stderr);
      exit(option == 'h' ? EXIT_SUCCESS : EXIT_FAILURE);
    }
  }
  return options;
}

/// Puts the numbers below `count` into a random order, by linear congruence (Knuth's MMIX) and Fisher and Yates' shuffle.
static void Shuffle(uint32_t *order, NSUInteger count, uint64_t *state) {
  for (NSUInteger i = 0; i < count; ++i) order[i] = (uint32_t)i;
  for (NSUInteger left = count; left > 1; --left) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    const NSUInteger chosen = (NSUInteger)((*state >> 33) % left);
    const uint32_t other = order[left - 1];
    order[left - 1] = order[chosen];
    order[chosen] = other;
  }
}

static BOOL TrainOneEpoch(DigitNetwork *network, DigitData *data, id<MTLDevice> device, NSUInteger epoch, uint64_t *random,
                          NSError **error) {
  const NSUInteger steps = data.count / BatchSize;
  NSMutableData *order = [NSMutableData dataWithLength:data.count * sizeof(uint32_t)];
  const uint32_t *chosen = [order bytes];
  Shuffle([order mutableBytes], data.count, random);
  NSDate *start = [NSDate date];
  for (NSUInteger step = 1; step <= steps; ++step) {
    @autoreleasepool {
      NSMutableArray<MPSImage *> *images = [NSMutableArray arrayWithCapacity:BatchSize];
      NSMutableArray<MPSCNNLossLabels *> *labels = [NSMutableArray arrayWithCapacity:BatchSize];
      for (NSUInteger i = 0; i < BatchSize; ++i, ++chosen) {
        [images addObject:[data imageAtIndex:*chosen device:device]];
        [labels addObject:[data labelsAtIndex:*chosen device:device]];
      }
      [network trainWithImages:images labels:labels];
      if (step % StepsPerLine == 0 || step == steps) {
        if (step == steps && ![network finishTrainingWithError:error]) return NO;
        const double seconds = -[start timeIntervalSinceNow];
        printf("epoch %lu, step %lu of %lu: loss %.4f, %.0f images/s\n", (unsigned long)epoch, (unsigned long)step,
               (unsigned long)steps, [network takeMeanLoss], (double)(step * BatchSize) / seconds);
        fflush(stdout);
      }
    }
  }
  return YES;
}

static BOOL Test(DigitNetwork *network, DigitData *data, id<MTLDevice> device, NSError **error) {
  NSUInteger correct = 0;
  for (NSUInteger first = 0; first < data.count; first += TestBatchSize) {
    @autoreleasepool {
      const NSUInteger end = MIN(first + TestBatchSize, data.count);
      NSMutableArray<MPSImage *> *images = [NSMutableArray arrayWithCapacity:TestBatchSize];
      for (NSUInteger i = first; i < end; ++i) [images addObject:[data imageAtIndex:i device:device]];
      NSArray<NSNumber *> *digits = [network digitsInImages:images error:error];
      if (!digits) return NO;
      for (NSUInteger i = first; i < end; ++i) {
        correct += [[digits objectAtIndex:i - first] unsignedIntegerValue] == [data digitAtIndex:i];
      }
    }
  }
  printf("%.2f %% of %lu test digits read correctly\n", 100.0 * (double)correct / (double)data.count, (unsigned long)data.count);
  return YES;
}

static BOOL Run(Options options, NSError **error) {
  id<MTLDevice> device = [MTLCreateSystemDefaultDevice() autorelease];
  if (!device) {
    if (error) *error = [NSError errorWithDomain:@"Digits" code:1 userInfo:@{NSLocalizedDescriptionKey : @"no Metal device"}];
    return NO;
  }
  NSString *folder = @(options.data);
  const NSUInteger step = options.isQuick ? 10 : 1;
  DigitData *training = [[[DigitData alloc] initWithFolder:folder part:@"train" step:step error:error] autorelease];
  if (!training) return NO;
  DigitData *test = [[[DigitData alloc] initWithFolder:folder part:@"t10k" step:step error:error] autorelease];
  if (!test) return NO;

  id<MTLCommandQueue> queue = [[device newCommandQueue] autorelease];
  DigitNetwork *network = [[[DigitNetwork alloc] initWithCommandQueue:queue
                                                            batchSize:BatchSize
                                                         learningRate:1e-3f
                                                                 seed:options.seed] autorelease];
  if (!network) {
    if (error) *error = [NSError errorWithDomain:@"Digits" code:2 userInfo:@{NSLocalizedDescriptionKey : @"no graph"}];
    return NO;
  }
  printf("%s\n", [device.name UTF8String]);
  uint64_t random = options.seed;
  for (NSUInteger epoch = 1; epoch <= options.epochs; ++epoch) {
    if (!TrainOneEpoch(network, training, device, epoch, &random, error)) return NO;
  }
  return Test(network, test, device, error);
}

int main(int argc, char **argv) {
  const Options options = ParseOptions(argc, argv);
  BOOL isDone = NO;
  @autoreleasepool {
    NSError *error = nil;
    isDone = Run(options, &error);
    if (!isDone) fprintf(stderr, "digits: %s\n", [[error localizedDescription] UTF8String]);
  }
  return isDone ? EXIT_SUCCESS : EXIT_FAILURE;
}
