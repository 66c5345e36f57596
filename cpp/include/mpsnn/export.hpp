#pragma once

/// Classes that cross the library's border, so that an exception can be caught on the other side.
#if defined(_WIN32)
#define MPSNN_API
#else
#define MPSNN_API __attribute__((visibility("default")))
#endif
