// The event schemas: which fields events have, and the three vocabularies (OCSF, Sigma, ECS) in
// which each is called. Built from include/vedette/proto/*.proto; the core links no protobuf.
#ifndef VEDETTE_SCHEMA_H_
#define VEDETTE_SCHEMA_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace vedette::inline v0 {

enum class FieldType : uint8_t {
  kString,
  kInteger,
  kNumber,
  kBoolean,
  kBytes,
  kTime,
  kIp,
  kObject
};

// One field of one event class. Immutable, static lifetime.
struct FieldSpec {
  int32_t class_uid;      // OCSF class; 0 = every class (metadata, device, ...)
  std::string_view path;  // OCSF attribute path, e.g. "process.cmd_line"
  FieldType type;
  bool repeated;
  std::string_view sigma_names;  // joined by '|', preferred first; may be empty
  std::string_view ecs_names;    // likewise
};

struct EventClass {
  int32_t class_uid;
  std::string_view name;     // "process_activity"
  std::string_view message;  // "ProcessActivity"
};

// Calls `f(name)` for each part of a '|'-joined list.
template <typename F>
void ForEachName(std::string_view joined, F f) {
  while (!joined.empty()) {
    const size_t bar = joined.find('|');
    f(joined.substr(0, bar));
    if (bar == std::string_view::npos) return;
    joined.remove_prefix(bar + 1);
  }
}

// The schema table. Thread-safe; all memory is static.
class Schema {
 public:
  static const Schema& Builtin();

  std::span<const FieldSpec> fields() const;
  std::span<const EventClass> classes() const;
  const EventClass* FindClass(int32_t class_uid) const;
  const EventClass* FindClass(std::string_view name) const;
  // Calls `f(spec)` for every field that `name` means in any vocabulary, the fields of
  // `class_uid` before those of every class; with class_uid 0 also the fields of all classes.
  template <typename F>
  void ForEachMeaning(std::string_view name, int32_t class_uid, F f) const {
    for (const uint32_t i : MeaningsOf(name)) {
      if (fields()[i].class_uid == class_uid && class_uid != 0) f(fields()[i]);
    }
    for (const uint32_t i : MeaningsOf(name)) {
      const FieldSpec& spec = fields()[i];
      if (spec.class_uid == 0 || class_uid == 0) f(spec);
    }
  }

 private:
  std::span<const uint32_t> MeaningsOf(std::string_view name) const;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_SCHEMA_H_
