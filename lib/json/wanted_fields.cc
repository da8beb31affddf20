#include "lib/json/wanted_fields.h"

#include "lib/event/field_resolution.h"

namespace vedette::inline v0 {
namespace {

// What tells an event's shape, and where shapes keep fields and times (lib/event/shape.cc).
constexpr std::string_view kAlways[] = {"Event",
                                        "winlog",
                                        "winlog.channel",
                                        "winlog.event_id",
                                        "winlog.provider_name",
                                        "winlog.record_id",
                                        "winlog.event_data",
                                        "event_data",
                                        "user_data",
                                        "event",
                                        "ecs",
                                        "ecs.version",
                                        "class_uid",
                                        "Channel",
                                        "EventID",
                                        "_path",
                                        "id.orig_h",
                                        "log_name",
                                        "event_id",
                                        "process",
                                        "event.category",
                                        "@timestamp",
                                        "timestamp",
                                        "time",
                                        "time_ns",
                                        "time_dt",
                                        "ts",
                                        "_write_ts",
                                        "UtcTime",
                                        "TimeCreated",
                                        "SystemTime",
                                        "TimeCreated_SystemTime",
                                        "EventTime",
                                        "TimeGenerated",
                                        "eventTime",
                                        "published",
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
                                        "date",
                                        "local_time",
                                        "id"};

}  // namespace

WantedFields::WantedFields(const Program& program) {
  for (const std::string_view name : kAlways) names_.insert(std::string(name));
  for (const std::string& field : program.required_fields()) AddField(field);
  for (const LogSourceTable::Row& row : program.log_sources().rows()) {
    for (const LogSourceTable::Condition& condition : row.when) AddField(condition.field);
    for (const auto& [rule_name, event_name] : row.renames) AddField(event_name);
  }
}

void WantedFields::AddPath(std::string_view path) {
  for (size_t end = path.find_first_of(".["); end != std::string_view::npos;
       end = path.find_first_of(".[", end + 1)) {
    names_.insert(std::string(path.substr(0, end)));
  }
  names_.insert(std::string(path));
}

void WantedFields::AddField(std::string_view name) {
  for (int shape = 0; shape < kEventShapeCount; ++shape) {
    for (const FieldPath& path : ResolveField(name, static_cast<EventShape>(shape), 0, {})) {
      AddPath(path.flat_key());
    }
  }
}

}  // namespace vedette::inline v0
