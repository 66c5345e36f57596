// Blocks as objects: `[block copy]`, blocks in arrays. Debian's blocks runtime has room for their classes, 256 bytes of zeros
// each, and no classes. They are made here as the compiler makes classes, and handed to the Objective-C runtime in the same way.
#include <Block.h>
#import <Foundation/Foundation.h>
#import <objc/runtime.h>

// What a block does with messages about memory, whichever of the classes below it is of.
@interface MPSBlock : NSObject
@end

extern "C" {

// The binary interface of GCC's Objective-C runtime, version 8.
struct ClassRecord {
  const void *meta, *superclass;  // before the class is known to the runtime: the superclass's name
  const char *name;
  long version;
  unsigned long kind;
  long instance_size;
  void *tables[7];
};
struct SymbolTable {
  unsigned long selector_count;
  void *selectors;
  unsigned short class_count, category_count;
  void *definitions[3];  // classes; then no static objects
};
struct Module {
  unsigned long version, size;
  const char *name;
  SymbolTable *symbols;
};
void __objc_exec_class(void *module);

extern ClassRecord _NSConcreteStackBlock, _NSConcreteGlobalBlock;

}  // extern "C"

namespace {

constexpr unsigned long kIsClass = 1, kIsMeta = 2;

// A copy has the class of what it is a copy of.
bool is_copy(id block) {
  struct Header {
    void *its_class;
    int flags;
  };
  constexpr int kIsFreed = 1 << 24;  // with its last reference
  return reinterpret_cast<const Header *>(block)->flags & kIsFreed;
}

void describe(ClassRecord &meta, ClassRecord &its_class, const char *name) {
  meta = {"NSObject", "MPSBlock", name, 0, kIsMeta, sizeof(ClassRecord), {}};
  its_class = {&meta, "MPSBlock", name, 0, kIsClass, sizeof(Class), {}};
}

__attribute__((constructor)) void make_block_classes() {
  static ClassRecord metas[2];
  describe(metas[0], _NSConcreteStackBlock, "__NSStackBlock__");
  describe(metas[1], _NSConcreteGlobalBlock, "__NSGlobalBlock__");
  static SymbolTable symbols{0, nullptr, 2, 0, {&_NSConcreteStackBlock, &_NSConcreteGlobalBlock, nullptr}};
  static Module module{8, sizeof(Module), "blocks", &symbols};
  __objc_exec_class(&module);
}

}  // namespace

@implementation MPSBlock

- (id)copy {
  return (id)_Block_copy(self);
}

- (id)copyWithZone:(NSZone *)zone {
  (void)zone;
  return [self copy];
}

// As on Apple's systems, a block on the stack is not moved by this.
- (instancetype)retain {
  return is_copy(self) ? [self copy] : self;
}

- (oneway void)release {
  if (is_copy(self)) _Block_release(self);
}

- (NSUInteger)retainCount {
  return 1;
}

@end
