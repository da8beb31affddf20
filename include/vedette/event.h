// Events: adapters to read them in place, borrowed views for matching, owned events for reading and
// keeping.
#ifndef VEDETTE_EVENT_H_
#define VEDETTE_EVENT_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "vedette/field_path.h"
#include "vedette/logsource.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// In which dress an event comes: where its fields stand and which vocabulary they use.
enum class EventShape : uint8_t {
  kGeneric,        // names as they are; Sigma, ECS and OCSF aliases are all tried
  kWindowsFlat,    // {"Channel":..,"EventID":..,"Image":..}: Sysmon, Security, nxlog
  kWindowsEvtx,    // {"Event":{"System":{..},"EventData":{..}}}
  kWinlogbeat,     // {"winlog":{"event_data":{..}}} with ECS beside it
  kWinlogbeatOld,  // {"event_data":{..},"log_name":..}: Winlogbeat 6
  kEcs,            // Elastic Common Schema without winlog
  kOcsf,           // OCSF: class_uid and the attribute names of the schemas
  kZeek,           // Zeek JSON logs
};
inline constexpr int kEventShapeCount = 8;
std::string_view EventShapeName(EventShape shape);
std::optional<EventShape> EventShapeByName(std::string_view name);

// Reads one kind of host object. One adapter serves many events and threads: methods are const and
// must be thread-safe; it must outlive every evaluator that saw its events.
class EventAdapter {
 public:
  virtual ~EventAdapter() = default;

  virtual EventShape Shape(const void* /*event*/) const { return EventShape::kGeneric; }
  // Called once per field and evaluator, before Get: a number of the adapter's own choice (>= 0)
  // that Get receives back, or -1 if no event of this kind ever has the field.
  virtual int Bind(const FieldPath& /*path*/) const { return 0; }
  // The value of the field, absent if this event has none; several values as a list. What it
  // points at lives as long as the event or, if made here, in `arena`.
  virtual Value Get(const void* event, const FieldPath& path, int binding,
                    ValueArena* arena) const = 0;
  // Calls `visit` for every scalar value, as keyword searches see the whole event. Values live as
  // long as the event or, if made here, in `arena`.
  virtual void VisitScalars(const void* event, ValueArena* arena,
                            const std::function<void(const Value&)>& visit) const = 0;
};

// The adapter of value trees (`Event`): the object is an `Event`.
const EventAdapter& TreeAdapter();

// Nanoseconds since 1970-01-01T00:00:00Z, event time. The library reads no clock.
using EventTime = int64_t;
inline constexpr EventTime kNoEventTime = INT64_MIN;  // the event carries no usable time

// Where an event came from, for the reader of a detection. Borrowed text.
struct EventRef {
  std::string_view source;  // file or stream name
  uint64_t line = 0;        // 1-based line or record number; 0 unknown
};

// A borrowed event: an object of the host and the adapter that reads it. Cheap to copy; valid as
// long as both. Thread-compatible.
class EventView {
 public:
  EventView(const EventAdapter& adapter, const void* object)
      : adapter_(&adapter), object_(object) {}

  const EventAdapter& adapter() const { return *adapter_; }
  const void* object() const { return object_; }
  EventShape shape() const { return adapter_->Shape(object_); }

  EventTime time() const { return time_; }
  void set_time(EventTime t) { time_ = t; }
  // Orders events of one time for rules over several events; equal ones are concurrent. Unless
  // set, such events are ordered as they come.
  std::optional<uint64_t> tiebreak() const { return tiebreak_; }
  void set_tiebreak(std::optional<uint64_t> t) { tiebreak_ = t; }
  // A log source that the host knows; it replaces what the table would derive. The pointer must
  // outlive the view; null derives.
  const LogSource* log_source() const { return log_source_; }
  void set_log_source(const LogSource* s) { log_source_ = s; }
  const EventRef& ref() const { return ref_; }
  void set_ref(EventRef r) { ref_ = r; }

 private:
  const EventAdapter* adapter_;
  const void* object_;
  EventTime time_ = kNoEventTime;
  std::optional<uint64_t> tiebreak_;
  const LogSource* log_source_ = nullptr;
  EventRef ref_;
};

// An owned event: a value tree in its own arena. Readers fill one again and again without
// allocating. Movable; views of it die with the next Clear or move. Thread-compatible.
class Event {
 public:
  Event() = default;
  Event(Event&&) = default;
  Event& operator=(Event&&) = default;

  const Value& root() const { return root_; }
  // Sets the tree (parts in arena()), detects its shape and its time, and forgets the token.
  void set_root(Value root);
  // The same for readers that know these already: `key_bits` as below, `shape` as DetectShape says,
  // `names_token` as below.
  void set_root(Value root, uint64_t key_bits, EventShape shape, uint64_t names_token);
  ValueArena& arena() { return arena_; }

  // KeyBit of every top-level name; all ones if the root is no object.
  uint64_t key_bits() const { return key_bits_; }
  // Trees with the same token have the same top-level names in the same order; 0: the reader does
  // not say. Saves evaluators from comparing the names.
  uint64_t names_token() const { return names_token_; }
  void set_names_token(uint64_t token) { names_token_ = token; }
  EventShape shape() const { return shape_; }
  void set_shape(EventShape shape) { shape_ = shape; }
  EventTime time() const { return time_; }
  void set_time(EventTime t) { time_ = t; }
  const LogSource* log_source() const { return has_log_source_ ? &log_source_ : nullptr; }
  void set_log_source(LogSource s) {
    log_source_ = std::move(s);
    has_log_source_ = true;
  }
  void set_ref(std::string_view source, uint64_t line);
  const EventRef& ref() const { return ref_; }
  // The bytes the event was read from, if the reader keeps them; borrowed from the reader.
  std::string_view raw() const { return raw_; }
  void set_raw(std::string_view raw) { raw_ = raw; }

  // Empties the event and keeps its memory.
  void Clear();
  EventView view() const;

 private:
  ValueArena arena_;
  Value root_;
  uint64_t key_bits_ = ~uint64_t{0};
  uint64_t names_token_ = 0;
  EventShape shape_ = EventShape::kGeneric;
  EventTime time_ = kNoEventTime;
  bool has_log_source_ = false;
  LogSource log_source_;
  EventRef ref_;
  std::string_view raw_;
};

// The time in `v`: RFC 3339 text, `2026-11-25 10:00:00.123` (UTC unless a zone is given), epoch
// seconds, milliseconds, microseconds or nanoseconds by magnitude. kNoEventTime if it is none.
EventTime ParseEventTime(const Value& v);
// `2026-11-25T10:00:00.123456789Z` with no more fraction digits than needed; "" for kNoEventTime.
std::string FormatEventTime(EventTime t);

// The shape of a value tree, by the keys that each format always has.
EventShape DetectShape(const Value& root);
// The event time of a tree of that shape, from the first of its time fields that parses.
EventTime FindEventTime(const Value& root, EventShape shape);

}  // namespace vedette::inline v0

#endif  // VEDETTE_EVENT_H_
