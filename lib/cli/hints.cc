#include "lib/cli/hints.h"

#include <initializer_list>
#include <utility>

namespace vedette::inline v0::cli {
namespace {

constexpr size_t kMaxKeys = 5;

std::vector<FieldPath> Paths(std::initializer_list<std::string_view> names) {
  std::vector<FieldPath> out;
  for (const std::string_view name : names) {
    absl::StatusOr<FieldPath> path = FieldPath::Parse(name);
    if (path.ok()) out.push_back(*std::move(path));
  }
  return out;
}

}  // namespace

EventHints::EventHints()
    : host_(Paths({"Computer", "Event.System.Computer", "winlog.computer_name", "computer_name",
                   "host.name", "host.hostname", "Hostname", "hostname", "HostName",
                   "device.hostname", "device.name", "agent.hostname", "node", "host",
                   "syslog.hostname", "dvchost"})) {
  kinds_.push_back(
      {{"Channel", Paths({"Channel", "Event.System.Channel", "winlog.channel", "log_name"})},
       {"Provider", Paths({"Provider_Name", "Event.System.Provider.#attributes.Name", "SourceName",
                           "winlog.provider_name", "source_name"})},
       {"EventID",
        Paths({"EventID", "Event.System.EventID", "winlog.event_id", "event.code", "event_id"})}});
  for (const std::string_view name : {"_path",         "eventSource",  "protoPayload.serviceName",
                                      "event.dataset", "event.module", "data_stream.dataset",
                                      "class_name",    "class_uid",    "RecordType",
                                      "Workload",      "apiVersion",   "log_type",
                                      "logtype",       "event_type",   "eventType",
                                      "EventType",     "type",         "category",
                                      "kind",          "action",       "deviceProduct",
                                      "program"}) {
    kinds_.push_back({{std::string(name), Paths({name})}});
  }
}

bool EventHints::AppendFirst(const Value& root, const std::vector<FieldPath>& paths,
                             std::string* out) {
  for (const FieldPath& path : paths) {
    Value v = Lookup(root, path, &arena_);
    if (v.is_object()) v = v.Find("#text");
    if (!v.is_scalar()) continue;
    const size_t before = out->size();
    v.AppendText(out);
    if (out->size() > before) return true;
  }
  return false;
}

const Value* EventHints::Reread(const Event& event) {
  if (event.raw().empty()) return nullptr;
  whole_.Clear();
  return parser_.Parse(event.raw(), &whole_).ok() ? &whole_.root() : nullptr;
}

std::string_view EventHints::Host(const Event& event) {
  text_.clear();
  arena_.Reset();
  if (!AppendFirst(event.root(), host_, &text_)) {
    const Value* root = Reread(event);
    if (root != nullptr) AppendFirst(*root, host_, &text_);
  }
  return text_;
}

void EventHints::AppendKind(const Value& root) {
  for (const std::vector<Field>& kind : kinds_) {
    for (const Field& field : kind) {
      const size_t before = text_.size();
      if (before > 0) text_.push_back(' ');
      text_.append(field.label).push_back('=');
      if (!AppendFirst(root, field.paths, &text_)) text_.resize(before);
    }
    if (!text_.empty()) return;
  }
}

std::string_view EventHints::Kind(const Event& event) {
  text_.clear();
  arena_.Reset();
  AppendKind(event.root());
  if (!text_.empty()) return text_;
  const Value* root = Reread(event);
  if (root == nullptr) root = &event.root();
  AppendKind(*root);
  if (!text_.empty() || !root->is_object()) return text_;
  text_ = "keys";
  size_t shown = 0;
  for (const Member& member : root->members()) {
    if (shown++ == kMaxKeys) {
      text_.append(", ...");
      break;
    }
    text_.append(shown > 1 ? ", " : " ").append(member.name.substr(0, 40));
  }
  return text_;
}

}  // namespace vedette::inline v0::cli
