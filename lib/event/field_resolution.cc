#include "lib/event/field_resolution.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "vedette/schema.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxPaths = 32;

// The record header's fields, which each shipper calls differently. An empty cell has no name.
struct SystemName {
  std::string_view name;            // as the Windows event XML calls it, attributes joined by `_`
  std::string_view winlogbeat;      // below "winlog"
  std::string_view winlogbeat_old;  // top level
  std::string_view flat;            // other names seen in flat events, '|' between
};
constexpr SystemName kSystemNames[] = {
    {"EventID", "event_id", "event_id", "EventId|event_id|Id"},
    {"Channel", "channel", "log_name", "LogName|log_name"},
    {"Provider_Name", "provider_name", "source_name", "SourceName|ProviderName|Source|Provider"},
    {"Provider_Guid", "provider_guid", "provider_guid", "ProviderGuid"},
    {"Computer", "computer_name", "computer_name", "Hostname|ComputerName|host"},
    {"EventRecordID", "record_id", "record_number", "RecordNumber|RecordID"},
    {"Opcode", "opcode", "opcode", "OpcodeValue"},
    {"Task", "task", "task", "TaskCategory"},
    {"Keywords", "keywords", "keywords", ""},
    {"Level", "level", "level", "Severity"},
    {"Version", "version", "version", ""},
    {"Execution_ProcessID", "process.pid", "process_id", "ExecutionProcessID"},
    {"Execution_ThreadID", "process.thread.id", "thread_id", "ExecutionThreadID|ThreadID"},
    {"Correlation_ActivityID", "activity_id", "activity_id", "ActivityID"},
    {"Security_UserID", "user.identifier", "user.identifier", "UserID"},
};

const SystemName* FindSystemName(std::string_view name) {
  for (const SystemName& s : kSystemNames) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

class Resolver {
 public:
  Resolver(EventShape shape, int32_t class_uid) : shape_(shape), class_uid_(class_uid) {}

  void AddHeader(std::string_view name) {
    if (shape_ == EventShape::kWindowsEvtx) AddEvtxSystem(std::string(name));
  }

  void AddName(std::string_view name) {
    AddDotted(name);
    AddContainers(name);
  }

  void AddAliases(std::string_view name) {
    bool is_sigma = false;
    Schema::Builtin().ForEachMeaning(name, class_uid_, [&](const FieldSpec& spec) {
      ForEachName(spec.sigma_names, [&](std::string_view n) { is_sigma |= n == name; });
    });
    Schema::Builtin().ForEachMeaning(name, class_uid_, [&](const FieldSpec& spec) {
      if (UsesSigma() && !is_sigma) {
        ForEachName(spec.sigma_names, [&](std::string_view n) { AddName(n); });
      }
      if (UsesEcs()) ForEachName(spec.ecs_names, [&](std::string_view n) { AddDotted(n); });
      if (shape_ == EventShape::kOcsf || shape_ == EventShape::kGeneric) AddDotted(spec.path);
    });
  }

  std::vector<FieldPath> Take() { return std::move(paths_); }

 private:
  bool UsesSigma() const { return shape_ != EventShape::kOcsf; }
  bool UsesEcs() const {
    return shape_ == EventShape::kEcs || shape_ == EventShape::kWinlogbeat ||
           shape_ == EventShape::kGeneric;
  }

  void Add(FieldPath path) {
    const auto same = [&path](const FieldPath& other) {
      return other == path && other.exact_names() == path.exact_names() &&
             other.ignore_blanks() == path.ignore_blanks();
    };
    if (paths_.size() < kMaxPaths && std::none_of(paths_.begin(), paths_.end(), same)) {
      paths_.push_back(std::move(path));
    }
  }
  void AddDotted(std::string_view name) {
    absl::StatusOr<FieldPath> path = FieldPath::Parse(name);
    if (path.ok()) Add(*std::move(path));
  }
  void AddNames(std::vector<std::string> names, bool ignore_blanks = false) {
    Add(FieldPath::OfNames(std::move(names), ignore_blanks));
  }
  // Also as one key, "winlog.event_data.Image", or half of it.
  void AddFlatOrNested(std::vector<std::string> names) {
    Add(FieldPath::OfNames(std::move(names), /*ignore_blanks=*/true, /*dotted_keys=*/true));
  }

  void AddContainers(std::string_view name) {
    const std::string n(name);
    const SystemName* system = FindSystemName(name);
    switch (shape_) {
      case EventShape::kWindowsFlat:
        if (system != nullptr) {
          ForEachName(system->flat, [this](std::string_view s) { AddNames({std::string(s)}); });
        } else {
          AddNames({n}, /*ignore_blanks=*/true);
        }
        return;
      case EventShape::kWindowsEvtx:
        // `Data` is what has no name; that others have one does not make them Data.
        if (name == "Data") Add(FieldPath::OfXmlElement({"Event", "EventData", "Data", ""}));
        AddNames({"Event", "EventData", n}, true);
        Add(FieldPath::OfXmlElement({"Event", "EventData", "Data", n}, true));
        AddNames({"Event", "UserData", "*", n}, true);
        AddEvtxSystem(n);
        return;
      case EventShape::kWinlogbeat:
        if (system != nullptr) AddDotted("winlog." + std::string(system->winlogbeat));
        AddFlatOrNested({"winlog", "event_data", n});
        AddFlatOrNested({"winlog", "user_data", n});
        return;
      case EventShape::kWinlogbeatOld:
        if (system != nullptr) AddDotted(system->winlogbeat_old);
        AddFlatOrNested({"event_data", n});
        AddFlatOrNested({"user_data", n});
        return;
      case EventShape::kGeneric:
      case EventShape::kEcs:
      case EventShape::kOcsf:
      case EventShape::kZeek:
        return;
    }
  }

  void AddEvtxSystem(const std::string& name) {
    AddNames({"Event", "System", name});
    const size_t underscore = name.find('_');
    if (underscore == std::string::npos || underscore == 0) return;
    const std::string element = name.substr(0, underscore);
    const std::string attribute = name.substr(underscore + 1);
    Add(FieldPath::OfXmlAttribute({"Event", "System", element, attribute}));
    AddNames({"Event", "System", element + "_attributes", attribute});
  }

  EventShape shape_;
  int32_t class_uid_;
  std::vector<FieldPath> paths_;
};

}  // namespace

std::vector<FieldPath> ResolveRoutingField(std::string_view name, EventShape shape) {
  Resolver resolver(shape, 0);
  resolver.AddHeader(name);
  resolver.AddName(name);
  resolver.AddAliases(name);
  return resolver.Take();
}

std::vector<FieldPath> ResolveField(std::string_view name, EventShape shape, int32_t class_uid,
                                    const FieldRenames& renames) {
  Resolver resolver(shape, class_uid);
  resolver.AddName(name);
  for (const auto& [rule_name, event_name] : renames) {
    if (rule_name == name) resolver.AddName(event_name);
  }
  resolver.AddAliases(name);
  return resolver.Take();
}

}  // namespace vedette::inline v0
