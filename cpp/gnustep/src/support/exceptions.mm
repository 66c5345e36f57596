#import "support/exceptions.hpp"

#include <exception>

#import "../../objc/try.h"

namespace mpsnn::gnustep {

namespace {

NSString *text_of(const char *message) {
  NSString *text = [NSString stringWithUTF8String:message];
  return text ? text : @"(a message that is not UTF-8)";
}

// The user's information says which of the library's errors it was, for those who want to know.
NSException *exception_named(NSString *name, const char *message, NSString *kind = nil) {
  NSDictionary *info = kind ? [NSDictionary dictionaryWithObject:kind forKey:@"mpsnn.error"] : nil;
  return [NSException exceptionWithName:name reason:text_of(message) userInfo:info];
}

}  // namespace

// Threads of the engine are not NSThreads; Foundation wants to know them.
void register_thread() {
  thread_local bool is_known = false;
  if (!is_known) {
    GSRegisterCurrentThread();
    is_known = true;
  }
}

ClientError::ClientError(NSException *exception)
    : Error([[exception reason] length] ? [[exception reason] UTF8String] : [[exception name] UTF8String]),
      exception_([exception retain]) {}

ClientError::ClientError(const ClientError &other) : Error(other), exception_([other.exception_ retain]) {}

ClientError::~ClientError() { [exception_ release]; }

MisuseError::~MisuseError() = default;

NSException *current_as_ns_exception() {
  try {
    throw;
  } catch (const ClientError &error) {
    return [[error.exception() retain] autorelease];
  } catch (const ShapeError &error) {
    return exception_named(NSInvalidArgumentException, error.what(), @"ShapeError");
  } catch (const InvalidArgument &error) {
    return exception_named(NSInvalidArgumentException, error.what());
  } catch (const GraphError &error) {
    return exception_named(NSInvalidArgumentException, error.what(), @"GraphError");
  } catch (const Unsupported &error) {
    return exception_named(NSGenericException, error.what(), @"Unsupported");
  } catch (const OutOfMemory &error) {
    return exception_named(NSMallocException, error.what());
  } catch (const std::bad_alloc &) {
    return exception_named(NSMallocException, "out of memory");
  } catch (const std::exception &error) {
    return exception_named(NSGenericException, error.what());
  } catch (...) {
    return exception_named(NSGenericException, "unknown error");
  }
}

NSError *as_ns_error(const std::exception_ptr &error) {
  if (!error) return nil;
  NSException *exception = nil;
  try {
    std::rethrow_exception(error);
  } catch (...) {
    exception = current_as_ns_exception();
  }
  NSString *reason = [exception reason] ? [exception reason] : [exception name];
  return [NSError errorWithDomain:@"MTLCommandBufferErrorDomain"
                             code:1
                         userInfo:[NSDictionary dictionaryWithObject:reason forKey:NSLocalizedDescriptionKey]];
}

void log_nil(NSException *reason) { NSLog(@"%@", [reason reason]); }

void translate(void (^work)(void)) {
  if (NSException *raised = mpsnn_try(work)) throw ClientError(raised);
}

ThreadPool::ThreadPool() {
  register_thread();
  pool_ = [[NSAutoreleasePool alloc] init];
}
ThreadPool::~ThreadPool() { [pool_ drain]; }

void call_handler(void (^work)(void)) {
  const ThreadPool pool;
  if (NSException *raised = mpsnn_try(work)) NSLog(@"a handler raised %@: %@", [raised name], [raised reason]);
}

void release_client(id object) {
  call_handler(^{
    [object release];
  });
}

}  // namespace mpsnn::gnustep
