// The C interface, third part: events of the host that are read in place, field by field.
// See base.h for what holds for every function.
#ifndef VEDETTE_C_EVENT_H_
#define VEDETTE_C_EVENT_H_

#include "vedette/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Values -----------------------------------------------------------------------------------

enum {
  VEDETTE_VALUE_ABSENT = 0,  // the event has no such field
  VEDETTE_VALUE_NULL = 1,
  VEDETTE_VALUE_BOOL = 2,  // as.integer, 0 or 1
  VEDETTE_VALUE_INT = 3,
  VEDETTE_VALUE_UINT = 4,
  VEDETTE_VALUE_DOUBLE = 5,
  VEDETTE_VALUE_STRING = 6,  // `size` bytes, at most 4 GiB - 1
  VEDETTE_VALUE_LIST = 7,    // `size` values; a test holds if it holds for one of them
  VEDETTE_VALUE_OBJECT = 8   // `size` members
};

typedef struct vedette_member vedette_member;
typedef struct vedette_value vedette_value;
struct vedette_value {
  int32_t kind;
  uint32_t reserved;  // 0
  size_t size;
  union {
    int64_t integer;
    uint64_t unsigned_integer;
    double number;
    const char* string;
    const vedette_value* list;
    const vedette_member* members;
  } as;
};
struct vedette_member {
  vedette_string name;
  vedette_value value;
};

// Sets `*value` to a borrowed text.
static inline void vedette_value_set_string(vedette_value* value, const char* text, size_t size) {
  value->kind = VEDETTE_VALUE_STRING;
  value->reserved = 0;
  value->size = size;
  value->as.string = text;
}
static inline void vedette_value_set_int(vedette_value* value, int64_t number) {
  value->kind = VEDETTE_VALUE_INT;
  value->reserved = 0;
  value->size = 0;
  value->as.integer = number;
}

// ---- Adapters ---------------------------------------------------------------------------------

// Memory that lives until the event has been processed, for what a callback makes.
typedef struct vedette_arena vedette_arena;
// Uninitialised, aligned for any type; NULL if there is no memory. Only within a callback.
VEDETTE_API void* vedette_arena_allocate(vedette_arena* arena, size_t bytes);

typedef struct vedette_visitor vedette_visitor;
// Shows a value to a search of the whole event: scalars, and those in lists and objects. Only
// within `visit`.
VEDETTE_API void vedette_visit(vedette_visitor* visitor, const vedette_value* value);

// In which dress events come: how their fields are called and where they stand.
enum {
  VEDETTE_SHAPE_GENERIC = 0,  // Sigma, ECS and OCSF names are all tried
  VEDETTE_SHAPE_WINDOWS_FLAT = 1,
  VEDETTE_SHAPE_WINDOWS_EVTX = 2,
  VEDETTE_SHAPE_WINLOGBEAT = 3,
  VEDETTE_SHAPE_WINLOGBEAT_OLD = 4,
  VEDETTE_SHAPE_ECS = 5,
  VEDETTE_SHAPE_OCSF = 6,
  VEDETTE_SHAPE_ZEEK = 7
};

// The callbacks run on the thread that processes the event, many times for one event, and on
// several threads at once if several process events of this adapter. They must not call functions
// of the processor, and must give the same for the same event.
typedef struct vedette_adapter_options {
  uint32_t struct_size;
  int32_t shape;
  // A number (0 or more) by which `get` knows the field, or -1 if no event of this kind has it.
  // Called once for each name that rules use and program. NULL: all fields have the number 0.
  int32_t (*bind)(const char* field, size_t field_size, void* user);
  // Sets `*value`, which is VEDETTE_VALUE_ABSENT before. What it points at must live as long as the
  // event, or be in the arena. A value that is none (an unknown kind, NULL with a size, more than
  // 64 levels, more than a million values) counts as absent and in
  // vedette_adapter_invalid_values. Required.
  void (*get)(const void* event, const char* field, size_t field_size, int32_t binding,
              vedette_arena* arena, vedette_value* value, void* user);
  // Calls vedette_visit for every value of the event, for rules that search whole events. NULL:
  // such rules find nothing in these events.
  void (*visit)(const void* event, vedette_arena* arena, vedette_visitor* visitor, void* user);
  void* user;  // given to the callbacks; must live until the adapter and its processors are freed
} vedette_adapter_options;
VEDETTE_API void vedette_adapter_options_init(vedette_adapter_options* options, size_t size);

// Reads one kind of host object; one for each kind, for all threads. Immutable and thread-safe.
typedef struct vedette_adapter vedette_adapter;
VEDETTE_API vedette_status vedette_adapter_new(const vedette_adapter_options* options,
                                               vedette_adapter** adapter, vedette_error** error);
// How many values of `get` and `visit` were none. Thread-safe.
VEDETTE_API uint64_t vedette_adapter_invalid_values(const vedette_adapter* adapter);
// A processor that saw events of the adapter keeps what it needs of it until it is freed, too.
VEDETTE_API void vedette_adapter_free(vedette_adapter* adapter);

// ---- What the host knows of an event ----------------------------------------------------------

typedef struct vedette_event_info {
  uint32_t struct_size;
  uint32_t has_tiebreak;  // 0: events of one time are ordered as they come
  vedette_time time;      // VEDETTE_NO_TIME: the one in the event, if it is JSON
  uint64_t tiebreak;      // orders events of one time; equal ones are concurrent
  uint64_t line;          // 1-based line or number in its stream; 0: unknown
  vedette_string stream;  // file or stream, for people and for the watermark
  // The log source, lower case, if the host knows it; all "": derived from the event's fields.
  vedette_string product;
  vedette_string category;
  vedette_string service;
  // For a triage: whose event it is ("": the triage's own tenant; of rules over several events, the
  // tenant of the last one), when the host got it, and what its clock says (VEDETTE_NO_TIME: the
  // time of the event).
  vedette_string tenant;
  vedette_time ingest_time;
  vedette_time now;
} vedette_event_info;
VEDETTE_API void vedette_event_info_init(vedette_event_info* info, size_t size);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_EVENT_H_
