#ifndef DARKROOM_TESTS_FUZZ_CHECK_H_
#define DARKROOM_TESTS_FUZZ_CHECK_H_

#include <cstdlib>
#include <iostream>

// Ends a fuzzer, which keeps the input, where a promise is broken.
#define CHECK(condition)                                        \
  do {                                                          \
    if (!(condition)) {                                         \
      std::cerr << __LINE__ << ": " << #condition << std::endl; \
      std::abort();                                             \
    }                                                           \
  } while (false)

#endif  // DARKROOM_TESTS_FUZZ_CHECK_H_
