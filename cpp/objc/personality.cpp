// Clang gives every function of Objective-C++ the personality of Objective-C on GCC's runtime, under which a `catch` of C++
// catches nothing. A function of the same name, hidden in each library, hands all frames to that of C++ but one: `mpsnn_try`.
#include <dlfcn.h>
#include <unwind.h>

#include <cstdint>

extern "C" {

using Personality = _Unwind_Reason_Code(int, int, std::uint64_t, _Unwind_Exception*, _Unwind_Context*);

Personality __gxx_personality_v0;
void* mpsnn_try(void*);

__attribute__((visibility("hidden"))) _Unwind_Reason_Code __gnu_objc_personality_v0(int version, int actions,
                                                                                    std::uint64_t exception_class,
                                                                                    _Unwind_Exception* exception,
                                                                                    _Unwind_Context* context) {
  Personality* chosen = &__gxx_personality_v0;
  if (_Unwind_GetRegionStart(context) == reinterpret_cast<_Unwind_Ptr>(&mpsnn_try)) {
    static const auto objective_c = reinterpret_cast<Personality*>(dlsym(RTLD_NEXT, "__gnu_objc_personality_v0"));
    chosen = objective_c;
  }
  return chosen(version, actions, exception_class, exception, context);
}

}  // extern "C"
