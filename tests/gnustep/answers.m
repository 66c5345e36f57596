// Asks a library of Objective-C classes what it has: answers LIBRARY < questions > what is missing
//
//   class NAME SUPERCLASS      the class is there, with this superclass
//   adopts NAME PROTOCOL       the class adopts the protocol
//   answers NAME [+-]SELECTOR  the class (+) or its instances (-) answer the selector
//   some PROTOCOL              some class adopts the protocol
//   all PROTOCOL [+-]SELECTOR  every class that adopts the protocol answers the selector
//   symbol NAME                the library exports the function or constant
#import <Foundation/Foundation.h>
#include <dlfcn.h>
#include <objc/runtime.h>

static void missing(NSString *text) { printf("%s\n", text.UTF8String); }

static BOOL adopts(Class cls, Protocol *protocol) {
  for (; cls != Nil; cls = class_getSuperclass(cls)) {
    if (protocol != nil && class_conformsToProtocol(cls, protocol)) {
      return YES;
    }
  }
  return NO;
}

static NSArray *adopters(NSString *protocol) {
  int count = objc_getClassList(NULL, 0);
  Class *classes = calloc(count, sizeof(Class));
  count = objc_getClassList(classes, count);
  NSMutableArray *found = [NSMutableArray array];
  for (int i = 0; i < count; ++i) {
    if (adopts(classes[i], NSProtocolFromString(protocol))) {
      [found addObject:NSStringFromClass(classes[i])];
    }
  }
  free(classes);
  return [found sortedArrayUsingSelector:@selector(compare:)];
}

static void askToAnswer(NSString *name, NSString *method) {
  Class cls = NSClassFromString(name);
  SEL selector = NSSelectorFromString([method substringFromIndex:1]);
  BOOL is_there = [method hasPrefix:@"+"] ? [cls respondsToSelector:selector] : [cls instancesRespondToSelector:selector];
  if (!is_there) {
    missing([NSString stringWithFormat:@"%@ does not answer %@", name, method]);
  }
}

static void ask(void *library, NSArray *words) {
  NSString *what = [words objectAtIndex:0];
  NSString *name = [words objectAtIndex:1];
  NSString *detail = words.count > 2 ? [words objectAtIndex:2] : nil;
  Class cls = NSClassFromString(name);
  if ([what isEqual:@"class"]) {
    Class superclass = cls == Nil ? Nil : class_getSuperclass(cls);
    if (cls == Nil) {
      missing([NSString stringWithFormat:@"%@ is not there", name]);
    } else if (superclass != NSClassFromString(detail)) {
      missing([NSString stringWithFormat:@"%@ has superclass %@, not %@", name, NSStringFromClass(superclass), detail]);
    }
  } else if ([what isEqual:@"adopts"]) {
    if (!adopts(cls, NSProtocolFromString(detail))) {
      missing([NSString stringWithFormat:@"%@ does not adopt %@", name, detail]);
    }
  } else if ([what isEqual:@"answers"]) {
    askToAnswer(name, detail);
  } else if ([what isEqual:@"some"]) {
    if (adopters(name).count == 0) {
      missing([NSString stringWithFormat:@"no class adopts %@", name]);
    }
  } else if ([what isEqual:@"all"]) {
    for (NSString *adopter in adopters(name)) {
      askToAnswer(adopter, detail);
    }
  } else if ([what isEqual:@"symbol"]) {
    if (dlsym(library, name.UTF8String) == NULL) {
      missing([NSString stringWithFormat:@"%@ is not exported", name]);
    }
  } else {
    missing([NSString stringWithFormat:@"not a question: %@", [words componentsJoinedByString:@" "]]);
  }
}

int main(int count, char **arguments) {
  NSAutoreleasePool *pool = [NSAutoreleasePool new];
  void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW) : NULL;
  if (library == NULL) {
    fprintf(stderr, "%s\n", count == 2 ? dlerror() : "usage: answers LIBRARY < questions");
    return 2;
  }
  NSData *input = [[NSFileHandle fileHandleWithStandardInput] readDataToEndOfFile];
  NSString *questions = [[[NSString alloc] initWithData:input encoding:NSUTF8StringEncoding] autorelease];
  for (NSString *line in [questions componentsSeparatedByString:@"\n"]) {
    if (line.length != 0) {
      ask(library, [line componentsSeparatedByString:@" "]);
    }
  }
  [pool drain];
  return 0;
}
