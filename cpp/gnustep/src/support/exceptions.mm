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

// Threads of the engine are not NSThreads; Foundation wants to know them.
void register_thread() {
  thread_local bool is_known = false;
  if (!is_known) {
    GSRegisterCurrentThread();
    is_known = true;
  }
}

}  // namespace

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

void call_client_block(void (^work)(void), bool has_pool) {
  register_thread();
  NSAutoreleasePool *pool = has_pool ? [[NSAutoreleasePool alloc] init] : nil;
  NSException *raised = mpsnn_try(work);
  if (!raised) {
    [pool drain];
    return;
  }
  const ClientError error(raised);
  [pool drain];
  throw error;
}

}  // namespace mpsnn::gnustep
