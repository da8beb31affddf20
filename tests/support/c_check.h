/* Checks for test programs in C: they print what failed and go on; the program's status tells. */
#ifndef VEDETTE_TESTS_SUPPORT_C_CHECK_H_
#define VEDETTE_TESTS_SUPPORT_C_CHECK_H_

#include <stdio.h>
#include <string.h>

#include "vedette/c/vedette.h"

static int check_failures = 0;

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      ++check_failures;                                               \
    }                                                                 \
  } while (0)

/* The status, and what the library says if it is another one. Uses a variable `error`. */
#define CHECK_STATUS(wanted, call)                                           \
  do {                                                                       \
    const vedette_status got_ = (call);                                      \
    if (got_ != (wanted) || (got_ == VEDETTE_OK) != (error == NULL)) {       \
      fprintf(stderr, "%s:%d: %s gives %s: %s\n", __FILE__, __LINE__, #call, \
              vedette_status_name(got_), vedette_error_message(error).data); \
      ++check_failures;                                                      \
    }                                                                        \
    if (error != NULL) {                                                     \
      CHECK(vedette_error_code(error) == got_);                              \
      CHECK(vedette_error_message(error).size > 0);                          \
    }                                                                        \
    vedette_error_free(error);                                               \
    error = NULL;                                                            \
  } while (0)
#define CHECK_OK(call) CHECK_STATUS(VEDETTE_OK, call)

/* Equal, and followed by a 0 byte. */
static inline int IsString(vedette_string s, const char* text) {
  return s.data != NULL && strlen(s.data) == s.size && strcmp(s.data, text) == 0;
}

static inline int Contains(const char* text, const char* part) {
  return text != NULL && strstr(text, part) != NULL;
}

static inline int CheckResult(void) {
  if (check_failures == 0) puts("ok");
  return check_failures == 0 ? 0 : 1;
}

#endif /* VEDETTE_TESTS_SUPPORT_C_CHECK_H_ */
