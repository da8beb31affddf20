// Shapes of events and where each keeps its time.
#include "lib/event/shape.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <string_view>

#include "lib/event/civil_time.h"
#include "lib/event/xml_json.h"
#include "vedette/event.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, kEventShapeCount> kNames = {
    "generic",        "windows-flat", "windows-evtx", "winlogbeat",
    "winlogbeat-old", "ecs",          "ocsf",         "zeek"};

// An object, asked for many names of which it has few.
class Names {
 public:
  using Parse = std::function<EventTime(const Value&)>;
  // `parse` stands for ParseEventTime.
  Names(const Value& root, uint64_t key_bits, const Parse* parse = nullptr)
      : root_(root), key_bits_(key_bits), parse_(parse) {}

  Value Find(std::string_view name) const {
    return (key_bits_ & KeyBit(name)) == 0 ? Value() : root_.Find(name);
  }
  bool Has(std::string_view name) const { return !Find(name).absent(); }
  bool HasObject(std::string_view name) const { return Find(name).is_object(); }
  bool HasAny(std::span<const std::string_view> names) const {
    return std::any_of(names.begin(), names.end(), [this](auto name) { return Has(name); });
  }
  EventTime FirstTime(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      const Value v = Find(name);
      if (v.absent()) continue;
      const bool own = parse_ != nullptr && name != "UtcTime";
      const EventTime t = own ? (*parse_)(v) : ParseEventTime(v);
      if (t != kNoEventTime) return t;
    }
    return kNoEventTime;
  }

 private:
  const Value& root_;
  uint64_t key_bits_;
  const Parse* parse_;
};

// Winlogbeat documents whose keys were flattened have some of these. The whole list is known to
// lib/json/wanted_fields.cc, which lets no other keys through unless a rule asks for them.
constexpr std::array<std::string_view, 5> kFlatWinlogbeat = {
    "winlog.channel", "winlog.event_id", "winlog.provider_name", "winlog.record_id",
    "winlog.event_data"};

Value Child(const Value& v, std::string_view name) {
  return v.is_object() ? v.Find(name) : Value();
}

EventTime EvtxTime(const Names& root) {
  const Value system = Child(root.Find("Event"), "System");
  const Value created = Child(system, "TimeCreated");
  const EventTime t = ParseEventTime(XmlAttribute(created, "SystemTime"));
  if (t != kNoEventTime) return t;
  return ParseEventTime(Child(Child(system, "TimeCreated_attributes"), "SystemTime"));
}

EventTime TimeOf(const Names& root, const Value& tree, EventShape shape) {
  if (!tree.is_object()) return kNoEventTime;
  switch (shape) {
    case EventShape::kWindowsEvtx:
      return EvtxTime(root);
    case EventShape::kWindowsFlat:
      // UtcTime is Sysmon's own; forwarders add the others.
      return root.FirstTime({"UtcTime", "TimeCreated", "SystemTime", "TimeCreated_SystemTime",
                             "@timestamp", "EventTime", "TimeGenerated", "timestamp", "time"});
    case EventShape::kWinlogbeat:
    case EventShape::kWinlogbeatOld:
    case EventShape::kEcs:
      return root.FirstTime({"@timestamp", "timestamp"});
    case EventShape::kOcsf: {
      const Value nanos = root.Find("time_ns");
      if (nanos.kind() == ValueKind::kInt) return nanos.integer();
      return root.FirstTime({"time", "time_dt"});
    }
    case EventShape::kZeek:
      return root.FirstTime({"ts", "_write_ts", "@timestamp"});
    case EventShape::kGeneric:
      break;
  }
  const EventTime own = root.FirstTime({"@timestamp",
                                        "timestamp",
                                        "time",
                                        "eventTime",
                                        "published",
                                        "ts",
                                        "UtcTime",
                                        "TimeGenerated",
                                        "requestReceivedTimestamp",
                                        "stageTimestamp",
                                        "activityDateTime",
                                        "createdDateTime",
                                        "CreationTime",
                                        "creationTime",
                                        "Timestamp",
                                        "created_at",
                                        "receiveTimestamp",
                                        "eventTimestamp",
                                        "EventTime",
                                        "date",
                                        "local_time"});
  if (own != kNoEventTime) return own;
  return ParseEventTime(Child(root.Find("id"), "time"));  // Google Workspace
}

}  // namespace

std::string_view EventShapeName(EventShape shape) { return kNames[static_cast<size_t>(shape)]; }

std::optional<EventShape> EventShapeByName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<EventShape>(i);
  }
  return std::nullopt;
}

uint64_t KeyBitsOf(const Value& root) {
  if (!root.is_object()) return ~uint64_t{0};
  uint64_t bits = 0;
  for (const Member& member : root.members()) bits |= KeyBit(member.name);
  return bits;
}

EventShape DetectShape(const Value& root) { return DetectShape(root, KeyBitsOf(root)); }

EventShape DetectShape(const Value& tree, uint64_t key_bits) {
  if (!tree.is_object()) return EventShape::kGeneric;
  const Names root(tree, key_bits);
  if (Child(root.Find("Event"), "System").is_object()) return EventShape::kWindowsEvtx;
  if (root.HasObject("winlog") || root.HasAny(kFlatWinlogbeat)) return EventShape::kWinlogbeat;
  if (root.HasObject("event_data") || (root.Has("log_name") && root.Has("event_id"))) {
    return EventShape::kWinlogbeatOld;
  }
  if (root.Find("class_uid").is_number()) return EventShape::kOcsf;
  if (root.Has("Channel") || (root.Has("EventID") && !root.HasObject("EventID"))) {
    return EventShape::kWindowsFlat;
  }
  if (root.Has("_path") || root.Has("id.orig_h")) return EventShape::kZeek;
  if (root.HasObject("ecs") || root.Has("ecs.version")) return EventShape::kEcs;
  if (root.Has("@timestamp") &&
      (root.HasObject("event") || root.HasObject("process") || root.Has("event.category"))) {
    return EventShape::kEcs;
  }
  return EventShape::kGeneric;
}

EventTime FindEventTime(const Value& root, EventShape shape) {
  return FindEventTime(root, shape, KeyBitsOf(root));
}

EventTime FindEventTime(const Value& root, EventShape shape, uint64_t key_bits) {
  return TimeOf(Names(root, key_bits), root, shape);
}

EventTime FindEventTime(const Value& root, EventShape shape, uint64_t key_bits,
                        const std::function<EventTime(const Value&)>& parse) {
  return TimeOf(Names(root, key_bits, &parse), root, shape);
}

EventTime ParseEventTime(const Value& v) {
  WallClock w;
  if (!ParseWallClock(v, &w)) return kNoEventTime;
  // Years that int64 nanoseconds hold whole; others are no times of events.
  return w.year >= 1678 && w.year <= 2261 ? ToNanos(w) : kNoEventTime;
}

std::string FormatEventTime(EventTime t) {
  if (t == kNoEventTime) return "";
  const WallClock w = FromNanos(t);
  const auto two = [](int n) {
    return std::string{static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
  };
  std::string year = std::to_string(w.year);
  year.insert(0, year.size() < 4 ? 4 - year.size() : 0, '0');
  std::string out = year + "-" + two(w.month) + "-" + two(w.day) + "T" + two(w.hour) + ":" +
                    two(w.minute) + ":" + two(w.second);
  if (w.nanos != 0) {
    std::string fraction = std::to_string(w.nanos);
    fraction.insert(0, 9 - fraction.size(), '0');
    fraction.erase(fraction.find_last_not_of('0') + 1);
    out += "." + fraction;
  }
  return out + "Z";
}

}  // namespace vedette::inline v0
