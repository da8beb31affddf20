#include "lib/response/run_state.h"

#include <array>
#include <concepts>
#include <type_traits>
#include <utility>

#include "lib/base/json_text.h"
#include "lib/base/strings.h"
#include "lib/doc/doc_tree.h"

namespace vedette::inline v0 {
namespace {

constexpr int kStateVersion = 1;

// Writes members; Reader below reads the same ones, so that both are described once.
class Writer {
 public:
  explicit Writer(std::string* out) : out_(out) {}

  template <typename T>
  void operator()(std::string_view name, const T& value) {
    if (!out_->ends_with('{')) out_->push_back(',');
    AppendJsonString(name, out_);
    out_->push_back(':');
    Any(value);
  }
  template <typename T>
  void Any(const T& value) {
    if constexpr (std::same_as<T, bool>) {
      out_->append(value ? "true" : "false");
    } else if constexpr (std::is_enum_v<T>) {
      out_->append(std::to_string(static_cast<int>(value)));
    } else if constexpr (std::integral<T>) {
      out_->append(std::to_string(value));
    } else {
      Part(value);
    }
  }

 private:
  void Part(const std::string& value) { AppendJsonString(value, out_); }
  template <typename T>
  void Part(const std::vector<T>& list) {
    out_->push_back('[');
    for (size_t i = 0; i < list.size(); ++i) {
      if (i > 0) out_->push_back(',');
      Any(list[i]);
    }
    out_->push_back(']');
  }
  template <typename K, typename T>
  void Part(const std::map<K, T>& map) {
    out_->push_back('{');
    bool first = true;
    for (const auto& [key, value] : map) {
      if (!std::exchange(first, false)) out_->push_back(',');
      if constexpr (std::same_as<K, std::string>) {
        AppendJsonString(key, out_);
      } else {
        AppendJsonString(std::to_string(key), out_);
      }
      out_->push_back(':');
      Any(value);
    }
    out_->push_back('}');
  }
  template <typename T>
  void Part(const T& value) {
    out_->push_back('{');
    // The description takes what may be read into, too.
    Describe(*this, const_cast<T&>(value));
    out_->push_back('}');
  }

  std::string* out_;
};

class Reader {
 public:
  explicit Reader(const DocNode& node) : node_(&node) {}

  bool ok() const { return ok_; }

  template <typename T>
  void operator()(std::string_view name, T& value) {
    const DocNode* const found = node_->Find(name);
    if (found == nullptr) {
      ok_ = false;
      return;
    }
    Any(*found, value);
  }
  template <typename T>
  void Any(const DocNode& node, T& value) {
    if constexpr (std::same_as<T, bool>) {
      ok_ = ok_ && node.kind == DocNode::Kind::kBool;
      value = node.boolean;
    } else if constexpr (std::is_enum_v<T>) {
      ok_ =
          ok_ && node.kind == DocNode::Kind::kInt && node.integer >= 0 && node.integer <= Last(T{});
      if (ok_) value = static_cast<T>(node.integer);
    } else if constexpr (std::integral<T>) {
      ok_ = ok_ && node.kind == DocNode::Kind::kInt && std::in_range<T>(node.integer);
      if (ok_) value = static_cast<T>(node.integer);
    } else {
      Part(node, value);
    }
  }

 private:
  static int64_t Last(VariableType) { return static_cast<int64_t>(VariableType::kSecret); }
  static int64_t Last(CommandPhase) { return static_cast<int64_t>(CommandPhase::kOpen); }
  static int64_t Last(FramePhase) { return static_cast<int64_t>(FramePhase::kChildren); }
  static int64_t Last(RunMode) { return static_cast<int64_t>(RunMode::kDryRun); }
  static int64_t Last(RunOutcome) { return static_cast<int64_t>(RunOutcome::kTimeout); }

  void Part(const DocNode& node, std::string& value) {
    ok_ = ok_ && node.kind == DocNode::Kind::kString;
    value = node.text;
  }
  template <typename T>
  void Part(const DocNode& node, std::vector<T>& list) {
    ok_ = ok_ && node.kind == DocNode::Kind::kList;
    if (!ok_) return;
    list.resize(node.items.size());
    for (size_t i = 0; i < list.size(); ++i) Any(node.items[i], list[i]);
  }
  template <typename K, typename T>
  void Part(const DocNode& node, std::map<K, T>& map) {
    ok_ = ok_ && node.kind == DocNode::Kind::kMap;
    if (!ok_) return;
    for (const DocEntry& entry : node.entries) {
      if constexpr (std::same_as<K, std::string>) {
        Any(entry.value, map[entry.key]);
      } else {
        const absl::StatusOr<TypedValue> key = MakeValue(VariableType::kInteger, entry.key);
        ok_ = ok_ && key.ok();
        if (!ok_) return;
        Any(entry.value, map[std::stoll(key->text)]);
      }
    }
  }
  template <typename T>
  void Part(const DocNode& node, T& value) {
    ok_ = ok_ && node.kind == DocNode::Kind::kMap;
    if (!ok_) return;
    Reader inner(node);
    Describe(inner, value);
    ok_ = inner.ok();
  }

  const DocNode* node_;
  bool ok_ = true;
};

void Describe(auto& v, TypedValue& s) {
  v("type", s.type);
  v("text", s.text);
}

void Describe(auto& v, Actor& s) {
  v("id", s.id);
  v("roles", s.roles);
  v("automation", s.automation);
}

void Describe(auto& v, StepRecord& s) {
  v("step", s.step);
  v("path", s.path);
  v("name", s.name);
  v("start", s.start);
  v("end", s.end);
  v("outcome", s.outcome);
}

void Describe(auto& v, RunRecord& s) {
  v("id", s.id);
  v("playbook", s.playbook);
  v("playbook_name", s.playbook_name);
  v("playbook_version", s.playbook_version);
  v("playbook_hash", s.playbook_hash);
  v("incident", s.incident);
  v("initiator", s.initiator);
  v("policy", s.policy);
  v("mode", s.mode);
  v("outcome", s.outcome);
  v("reason", s.reason);
  v("started", s.started);
  v("finished", s.finished);
  v("steps", s.steps);
}

void Describe(auto& v, CommandState& s) {
  v("key", s.key);
  v("frame", s.frame);
  v("playbook", s.playbook);
  v("step", s.step);
  v("path", s.path);
  v("type", s.type);
  v("action", s.action);
  v("target_type", s.target_type);
  v("names", s.names);
  v("command", s.command);
  v("shown", s.shown);
  v("text", s.text);
  v("agent", s.agent);
  v("arguments", s.arguments);
  v("hash", s.hash);
  v("phase", s.phase);
  v("attempts", s.attempts);
  v("status", s.status);
  v("detail", s.detail);
  v("approved_by", s.approved_by);
  v("needed", s.needed);
  v("reason", s.reason);
  v("approver_roles", s.approver_roles);
  v("announced", s.announced);
  v("asked", s.asked);
  v("sent", s.sent);
  v("answered", s.answered);
  v("deadline", s.deadline);
  v("expires", s.expires);
  v("results_hash", s.results_hash);
  v("undo_of", s.undo_of);
  v("due", s.due);
}

void Describe(auto& v, FrameState& s) {
  v("id", s.id);
  v("parent", s.parent);
  v("playbook", s.playbook);
  v("scope", s.scope);
  v("depth", s.depth);
  v("path", s.path);
  v("step", s.step);
  v("phase", s.phase);
  v("at", s.at);
  v("started", s.started);
  v("deadline", s.deadline);
  v("command", s.command);
  v("key", s.key);
  v("iteration", s.iteration);
  v("loop_deadline", s.loop_deadline);
  v("children", s.children);
  v("child_failed", s.child_failed);
  v("failing", s.failing);
}

void Describe(auto& v, RunState& s) {
  v("record", s.record);
  v("next_frame", s.next_frame);
  v("frames", s.frames);
  v("scopes", s.scopes);
  v("playbooks", s.playbooks);
  v("commands", s.commands);
}

void Describe(auto& v, Emission& s) {
  v("time", s.time);
  v("action", s.action);
  v("target_type", s.target_type);
  v("target", s.target);
}

// The first line of a record.
struct Head {
  int version = kStateVersion;
  bool kill_switch = false;
  EventTime now = kNoEventTime;
  std::vector<std::string> removed;
};
void Describe(auto& v, Head& s) {
  v("version", s.version);
  v("kill_switch", s.kill_switch);
  v("now", s.now);
  v("removed", s.removed);
}

template <typename T>
void AppendLine(const T& value, std::string* out) {
  Writer(out).Any(value);
  out->push_back('\n');
}

// Whether what refers to something refers to what there is.
bool IsSound(const RunState& run) {
  if (run.record.id.empty() || run.commands.size() > kMaxRunCommands + 1) return false;
  for (const auto& [id, frame] : run.frames) {
    if (id != frame.id || id >= run.next_frame || frame.scope >= run.scopes.size()) return false;
    // Parents come before their children, so that no circle can be.
    if (frame.parent >= 0 && (frame.parent >= id || !run.frames.contains(frame.parent))) {
      return false;
    }
    if (!run.playbooks.contains(frame.playbook)) return false;
  }
  for (const CommandState& command : run.commands) {
    if (command.key.empty() || !run.playbooks.contains(command.playbook)) return false;
  }
  return true;
}

template <typename T>
bool ReadLine(std::string_view line, T* out) {
  const RuleSource source = {"state", std::string(line)};
  const SourceText text(source);
  DocError error;
  const std::optional<DocNode> doc = ParseJsonTree(text, 0, line.size(), &error);
  if (!doc.has_value()) return false;
  Reader reader(*doc);
  reader.Any(*doc, *out);
  return reader.ok();
}

}  // namespace

std::string_view CommandPhaseName(CommandPhase phase) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "waiting", "sent", "done", "failed", "refused", "expired", "abandoned", "open"};
  return kNames[static_cast<size_t>(phase)];
}

std::string WriteChange(const StateChange& change) {
  constexpr size_t kEmissionsPerLine = 10000;
  std::string out;
  Head head;
  head.kill_switch = change.kill_switch;
  head.now = change.now;
  head.removed = change.removed;
  AppendLine(head, &out);
  for (const RunState* run : change.runs) AppendLine(*run, &out);
  for (size_t i = 0; i < change.emission_count; i += kEmissionsPerLine) {
    const size_t end = std::min(change.emission_count, i + kEmissionsPerLine);
    AppendLine(std::vector<Emission>(change.emissions + i, change.emissions + end), &out);
  }
  return out;
}

absl::Status ApplyChange(std::string_view record, ExecutorState* state) {
  bool first = true;
  while (!record.empty()) {
    const size_t end = record.find('\n');
    if (end == std::string_view::npos) return absl::DataLossError("the state is not whole");
    const std::string_view line = record.substr(0, end);
    record.remove_prefix(end + 1);
    if (std::exchange(first, false)) {
      Head head;
      if (!ReadLine(line, &head)) return absl::DataLossError("the state has no head");
      if (head.version != kStateVersion) {
        return absl::DataLossError("the state is of another version");
      }
      state->kill_switch = head.kill_switch;
      state->now = std::max(state->now, head.now);
      for (const std::string& id : head.removed) state->runs.erase(id);
      continue;
    }
    if (line.starts_with('[')) {
      std::vector<Emission> emissions;
      if (!ReadLine(line, &emissions)) return absl::DataLossError("emissions are damaged");
      state->emissions.insert(state->emissions.end(), emissions.begin(), emissions.end());
      continue;
    }
    RunState run;
    if (!ReadLine(line, &run) || !IsSound(run)) return absl::DataLossError("a run is damaged");
    std::string id = run.record.id;
    state->runs[std::move(id)] = std::move(run);
  }
  return first ? absl::DataLossError("the state is empty") : absl::OkStatus();
}

}  // namespace vedette::inline v0
