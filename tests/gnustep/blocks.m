// Blocks that the library copies keep what they use.
#import "check.h"

static int alive;

@interface Witness : NSObject
@end

@implementation Witness

- (id)init {
  self = [super init];
  ++alive;
  return self;
}

- (void)dealloc {
  --alive;
  [super dealloc];
}

- (int)answer {
  return 42;
}

@end

int main(void) {
  @autoreleasepool {
    id<MTLDevice> device = [MTLCreateSystemDefaultDevice() autorelease];
    id<MTLCommandQueue> queue = [[device newCommandQueue] autorelease];
    __block int answer = 0;
    __block int aliveInHandler = 0;
    @autoreleasepool {
      MPSCommandBuffer *commandBuffer = [MPSCommandBuffer commandBufferFromCommandQueue:queue];
      @autoreleasepool {
        Witness *witness = [[[Witness alloc] init] autorelease];
        NSArray *array = @[ witness ];
        [commandBuffer addCompletedHandler:^(id<MTLCommandBuffer> completed) {
          (void)completed;
          aliveInHandler = alive;
          answer = [[array objectAtIndex:0] answer];
        }];
      }
      CHECK(alive == 1);
      [commandBuffer commit];
      [commandBuffer waitUntilCompleted];
    }
    CHECK(answer == 42 && aliveInHandler == 1);
    CHECK(alive == 0);

    // Blocks are objects.
    NSMutableArray *blocks = [NSMutableArray array];
    @autoreleasepool {
      Witness *witness = [[[Witness alloc] init] autorelease];
      int (^block)(void) = ^{
        return [witness answer];
      };
      [blocks addObject:[[block copy] autorelease]];
      [blocks addObject:[[^{
                return 7;
              } copy] autorelease]];
    }
    CHECK(alive == 1);
    CHECK(((int (^)(void))[blocks objectAtIndex:0])() == 42);
    CHECK(((int (^)(void))[blocks objectAtIndex:1])() == 7);
    CHECK([[blocks objectAtIndex:0] isKindOfClass:[NSObject class]]);
    [blocks removeAllObjects];
    CHECK(alive == 0);
  }
  return CHECK_RESULT;
}
