// The C interface, first part: status codes, errors, texts, versions. A host includes
// "vedette/c/vedette.h", which has all parts. C11, needs nothing but the C library.
//
// What holds for every function:
//  - Nothing throws, aborts, prints, reads a clock or opens a file. Memory that is refused for
//    something large is VEDETTE_NO_MEMORY. A process in which even small allocations fail ends: the
//    hash tables inside do not survive that. Options bound what is asked for.
//  - Functions that can fail return a status. Their last parameter takes an error object and may be
//    NULL: it is set to NULL on success and to an object of the caller on failure (or to NULL if
//    there is no memory for one). Handles that they hand out are NULL on failure.
//  - Pointers must not be NULL unless it is said that they may; such calls give
//    VEDETTE_INVALID_ARGUMENT. Functions without a status take NULL and give 0, NULL or "".
//  - Texts are UTF-8 with a length in bytes; they may be NULL if the length is 0. Those that go in
//    are borrowed for the call. Those that come out are borrowed from the handle they are asked of,
//    never NULL, and followed by a 0 byte that does not count.
//  - vedette_X_free takes NULL. Handles may be freed in any order: what needs another keeps it.
//  - Structs begin with `struct_size`. The caller sets it to sizeof, option structs by their _init
//    function; later versions add members at the end only. An option struct that is longer than the
//    library's is taken if the rest is 0, and is VEDETTE_UNSUPPORTED otherwise.
//  - Numbers of status codes, enumerators and flags never change.
//  - "Thread-safe": any number of threads at once. "One thread at a time": the host sees to it.
//    Different handles are independent of each other unless one keeps the other.
#ifndef VEDETTE_C_BASE_H_
#define VEDETTE_C_BASE_H_

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(_WIN32) || defined(__CYGWIN__)
#define VEDETTE_API
#elif defined(__GNUC__)
#define VEDETTE_API __attribute__((visibility("default")))
#else
#define VEDETTE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t vedette_status;
enum {
  VEDETTE_OK = 0,
  VEDETTE_INVALID_ARGUMENT = 1,     // NULL, a struct of a wrong size, a number out of its range
  VEDETTE_NOT_FOUND = 2,            // no rule of that name
  VEDETTE_FAILED_PRECONDITION = 3,  // rules refused; a program of another form
  VEDETTE_UNSUPPORTED = 4,          // an option or format of a later version
  VEDETTE_DATA_LOSS = 5,            // damaged bytes: a program, a snapshot
  VEDETTE_LIMIT = 6,                // beyond a limit of the options or of the library
  VEDETTE_NO_MEMORY = 7,
  VEDETTE_STOPPED = 8,  // a callback of the host asked for it
  VEDETTE_BUSY = 9,     // called from a callback of the same handle, or by two threads at once
  VEDETTE_BROKEN_EVENT = 10,  // the bytes are no event
  VEDETTE_INTERNAL = 11,      // a mistake of the library, or an exception of a callback
  VEDETTE_CONFLICT = 12       // changed by somebody else since; something of that id is there
};
// "OK", "INVALID_ARGUMENT", ...; "UNKNOWN" for other numbers. Static. Thread-safe.
VEDETTE_API const char* vedette_status_name(vedette_status status);

// Text with its length. As an argument `data` may be NULL if `size` is 0.
typedef struct vedette_string {
  const char* data;
  size_t size;
} vedette_string;

// A name and its value.
typedef struct vedette_pair {
  vedette_string name;
  vedette_string value;
} vedette_pair;

// The text up to its 0 byte; borrowed. NULL gives "".
static inline vedette_string vedette_string_of(const char* text) {
  vedette_string out;
  out.data = text != NULL ? text : "";
  out.size = strlen(out.data);
  return out;
}

// Why a call failed. Belongs to the caller; one thread at a time.
typedef struct vedette_error vedette_error;
VEDETTE_API vedette_status vedette_error_code(const vedette_error* error);
// For people; of one line or more, without an end of line.
VEDETTE_API vedette_string vedette_error_message(const vedette_error* error);
// The rule file or the stream that the error is in, "" if none, and the 1-based line, 0 if unknown.
VEDETTE_API vedette_string vedette_error_file(const vedette_error* error);
VEDETTE_API uint64_t vedette_error_line(const vedette_error* error);
VEDETTE_API void vedette_error_free(vedette_error* error);

// Bytes that belong to the caller: a saved program, a snapshot, JSON. Immutable and thread-safe
// until freed.
typedef struct vedette_bytes vedette_bytes;
VEDETTE_API const char* vedette_bytes_data(const vedette_bytes* bytes);
VEDETTE_API size_t vedette_bytes_size(const vedette_bytes* bytes);
VEDETTE_API void vedette_bytes_free(vedette_bytes* bytes);

// Nanoseconds since 1970-01-01T00:00:00Z, and the two that are none: the event has no time; the
// stream has ended (for vedette_processor_advance_watermark).
typedef int64_t vedette_time;
#define VEDETTE_NO_TIME INT64_MIN
#define VEDETTE_END_OF_TIME INT64_MAX

// "0.1.0": the version of the library that runs. Static. Thread-safe.
VEDETTE_API const char* vedette_version(void);
// Of this interface; the number in the library's SONAME. A host that was built against another one
// must not go on. 0 until version 1.0 of the library: compatible within one minor version.
#define VEDETTE_ABI_VERSION 0
VEDETTE_API uint32_t vedette_abi_version(void);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_BASE_H_
