// Shapes of events and where each keeps its time.
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

bool HasObject(const Value& root, std::string_view name) { return root.Find(name).is_object(); }
bool Has(const Value& root, std::string_view name) { return !root.Find(name).absent(); }

// Winlogbeat documents whose keys were flattened have some of these. The whole list is known to
// lib/json/wanted_fields.cc, which lets no other keys through unless a rule asks for them.
constexpr std::array<std::string_view, 5> kFlatWinlogbeat = {
    "winlog.channel", "winlog.event_id", "winlog.provider_name", "winlog.record_id",
    "winlog.event_data"};

bool HasAny(const Value& root, std::span<const std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&root](std::string_view name) { return Has(root, name); });
}

EventTime FirstTime(const Value& root, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const Value v = root.Find(name);
    if (v.absent()) continue;
    const EventTime t = ParseEventTime(v);
    if (t != kNoEventTime) return t;
  }
  return kNoEventTime;
}

Value Child(const Value& v, std::string_view name) {
  return v.is_object() ? v.Find(name) : Value();
}

EventTime EvtxTime(const Value& root) {
  const Value system = Child(Child(root, "Event"), "System");
  const Value created = Child(system, "TimeCreated");
  const EventTime t = ParseEventTime(XmlAttribute(created, "SystemTime"));
  if (t != kNoEventTime) return t;
  return ParseEventTime(Child(Child(system, "TimeCreated_attributes"), "SystemTime"));
}

}  // namespace

std::string_view EventShapeName(EventShape shape) { return kNames[static_cast<size_t>(shape)]; }

std::optional<EventShape> EventShapeByName(std::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<EventShape>(i);
  }
  return std::nullopt;
}

EventShape DetectShape(const Value& root) {
  if (!root.is_object()) return EventShape::kGeneric;
  if (Child(root.Find("Event"), "System").is_object()) return EventShape::kWindowsEvtx;
  if (HasObject(root, "winlog") || HasAny(root, kFlatWinlogbeat)) return EventShape::kWinlogbeat;
  if (HasObject(root, "event_data") || (Has(root, "log_name") && Has(root, "event_id"))) {
    return EventShape::kWinlogbeatOld;
  }
  if (root.Find("class_uid").is_number()) return EventShape::kOcsf;
  if (Has(root, "Channel") || (Has(root, "EventID") && !HasObject(root, "EventID"))) {
    return EventShape::kWindowsFlat;
  }
  if (Has(root, "_path") || Has(root, "id.orig_h")) return EventShape::kZeek;
  if (HasObject(root, "ecs") || Has(root, "ecs.version")) return EventShape::kEcs;
  if (Has(root, "@timestamp") &&
      (HasObject(root, "event") || HasObject(root, "process") || Has(root, "event.category"))) {
    return EventShape::kEcs;
  }
  return EventShape::kGeneric;
}

EventTime FindEventTime(const Value& root, EventShape shape) {
  if (!root.is_object()) return kNoEventTime;
  switch (shape) {
    case EventShape::kWindowsEvtx:
      return EvtxTime(root);
    case EventShape::kWindowsFlat:
      // UtcTime is Sysmon's own; forwarders add the others.
      return FirstTime(root, {"UtcTime", "TimeCreated", "SystemTime", "TimeCreated_SystemTime",
                              "@timestamp", "EventTime", "TimeGenerated", "timestamp", "time"});
    case EventShape::kWinlogbeat:
    case EventShape::kWinlogbeatOld:
    case EventShape::kEcs:
      return FirstTime(root, {"@timestamp", "timestamp"});
    case EventShape::kOcsf: {
      const Value nanos = root.Find("time_ns");
      if (nanos.kind() == ValueKind::kInt) return nanos.integer();
      return FirstTime(root, {"time", "time_dt"});
    }
    case EventShape::kZeek:
      return FirstTime(root, {"ts", "_write_ts", "@timestamp"});
    case EventShape::kGeneric:
      break;
  }
  const EventTime own = FirstTime(root, {"@timestamp",
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
