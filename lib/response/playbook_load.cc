#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/base/strings.h"
#include "lib/doc/doc_reader.h"
#include "lib/response/command_reader.h"
#include "lib/response/crypto.h"
#include "lib/response/playbook_layout.h"
#include "vedette/response/privacy.h"

namespace vedette::inline v0 {
namespace {

using Kind = DocNode::Kind;

constexpr size_t kMaxPlaybookBytes = size_t{4} << 20;
constexpr size_t kMaxSteps = 1000;
constexpr size_t kMaxCommands = 64;
constexpr size_t kMaxBranches = 64;
constexpr size_t kMaxVariables = 256;
constexpr int64_t kMaxMs = int64_t{366} * 86'400'000;
constexpr std::array<std::string_view, 8> kStepTypes = {
    "start",    "end",          "action",          "playbook-action",
    "parallel", "if-condition", "while-condition", "switch-condition"};
constexpr std::array<VariableType, 12> kVariableTypes = {
    VariableType::kString, VariableType::kInteger,    VariableType::kBool,
    VariableType::kUuid,   VariableType::kMacAddress, VariableType::kIpv4,
    VariableType::kIpv6,   VariableType::kUri,        VariableType::kSha256,
    VariableType::kHex,    VariableType::kDictionary, VariableType::kSecret};
// Members of the playbook that say nothing about what it does.
constexpr std::array<std::string_view, 20> kDescriptive = {"description",
                                                           "playbook_types",
                                                           "playbook_activities",
                                                           "created_by",
                                                           "created",
                                                           "derived_from",
                                                           "related_to",
                                                           "priority",
                                                           "severity",
                                                           "impact",
                                                           "industry_sectors",
                                                           "labels",
                                                           "external_references",
                                                           "markings",
                                                           "data_marking_definitions",
                                                           "playbook_processing_summary",
                                                           "playbook_complexity",
                                                           "playbook_abstraction",
                                                           "organization_types",
                                                           "aliases"};

class PlaybookReader {
 public:
  PlaybookReader(const SourceText* source, const PlaybookOptions* options, DocReporter* reporter)
      : source_(source), reporter_(reporter), commands_(&options->host_command_types, reporter) {}

  void Read(const DocNode& root, PlaybookLayout* out) {
    out_ = out;
    MapReader in(root, "the playbook", reporter_);
    if (!in.ok()) return;
    Expect(&in, "type", "playbook");
    Expect(&in, "spec_version", "cacao-2.0");
    out_->id = Id(&in, "id", "playbook--");
    out_->name = in.Text("name", true);
    out_->version = in.Text("modified", true);
    for (const std::string_view name : kDescriptive) in.Any(name);
    if (in.Bool("revoked", false)) {
      reporter_->Error("0022", *root.Find("revoked"), "the playbook is revoked");
    }
    out_->valid_from = Time(&in, "valid_from");
    out_->valid_until = Time(&in, "valid_until");
    signatures_ = in.Of("signatures", Kind::kList);
    Credentials(in.Of("authentication_info_definitions", Kind::kMap));
    Agents(in.Of("agent_definitions", Kind::kMap));
    Agents(in.Of("target_definitions", Kind::kMap));
    if (const DocNode* extensions = in.Any("extension_definitions")) {
      reporter_->Error("0021", *extensions, "'extension_definitions' are not supported");
    }
    Variables(in.Of("playbook_variables", Kind::kMap), "playbook_variables", &out_->variables);
    for (const auto& [name, variable] : out_->variables) {
      out_->variable_infos.push_back(variable.info);
    }
    const DocNode* const start = in.Required("workflow_start", Kind::kString);
    const DocNode* const exception = in.Of("workflow_exception", Kind::kString);
    const DocNode* const workflow = in.Required("workflow", Kind::kMap);
    in.Done();
    if (workflow != nullptr) Workflow(*workflow);
    if (start != nullptr && Step(start, "workflow_start")) {
      out_->workflow_start = start->text;
      if (out_->steps[start->text].type != StepType::kStart) {
        reporter_->Error("0008", *start, "'workflow_start' names a step that is no start");
      }
    }
    if (exception != nullptr && Step(exception, "workflow_exception")) {
      out_->workflow_exception = exception->text;
    }
    for (const auto& [node, what] : references_) Step(node, what);
  }

  const DocNode* signatures() const { return signatures_; }

 private:
  void Expect(MapReader* in, std::string_view name, std::string_view value) {
    const DocNode* const node = in->Required(name, Kind::kString);
    if (node == nullptr || node->text == value) return;
    reporter_->Error("0007", *node, "'" + std::string(name) + "' is not " + std::string(value));
  }

  std::string Id(MapReader* in, std::string_view name, std::string_view prefix) {
    const DocNode* const node = in->Required(name, Kind::kString);
    if (node == nullptr) return "";
    if (!node->text.starts_with(prefix) || node->text.size() > 200) {
      reporter_->Error(kBadValue, *node,
                       "'" + std::string(name) + "' does not begin with " + std::string(prefix));
    }
    return node->text;
  }

  EventTime Time(MapReader* in, std::string_view name) {
    const DocNode* const node = in->Of(name, Kind::kString);
    if (node == nullptr) return kNoEventTime;
    const EventTime time = ParseEventTime(Value::String(node->text));
    if (time == kNoEventTime) reporter_->Error(kBadValue, *node, "this is no time");
    return time;
  }

  // Definitions may name how somebody signs in, and never hold what it takes.
  void Credentials(const DocNode* node) {
    if (node == nullptr) return;
    for (const DocEntry& definition : node->entries) {
      for (const DocEntry& member : definition.value.entries) {
        const bool empty = member.value.kind == Kind::kString && member.value.text.empty();
        if (!IsCredentialName(member.key) || empty) continue;
        reporter_->Report(Severity::kError, "0016", member.offset, member.length,
                          "'" + member.key + "' is a credential in the file",
                          "name it; the host looks it up");
      }
    }
  }

  void Agents(const DocNode* node) {
    if (node == nullptr) return;
    for (const DocEntry& definition : node->entries) {
      MapReader in(definition.value, "'" + definition.key + "'", reporter_);
      for (const DocEntry& member : definition.value.entries) in.Any(member.key);
      Credentials(&definition.value);
      for (const DocEntry& member : definition.value.entries) {
        if (!IsCredentialName(member.key)) continue;
        reporter_->Report(Severity::kError, "0016", member.offset, member.length,
                          "'" + member.key + "' is a credential in the file",
                          "name it; the host looks it up");
      }
      agents_.insert(definition.key);
    }
  }

  void Variables(const DocNode* node, std::string_view what,
                 std::map<std::string, PlaybookVariable>* out) {
    if (node == nullptr) return;
    if (node->entries.size() > kMaxVariables) {
      reporter_->Error("0028", *node, "more than 256 variables");
      return;
    }
    for (const DocEntry& entry : node->entries) {
      MapReader in(entry.value, "variable " + entry.key, reporter_);
      if (!VariableReference(entry.key + ":value").has_value()) {
        reporter_->Report(Severity::kError, "0024", entry.offset, entry.length,
                          "a variable of '" + std::string(what) + "' is called __name__");
      }
      PlaybookVariable variable;
      variable.info.name = entry.key;
      const DocNode* const type = in.Required("type", Kind::kString);
      if (type != nullptr) {
        bool known = false;
        for (const VariableType t : kVariableTypes) {
          if (VariableTypeName(t) != type->text) continue;
          variable.info.type = t;
          known = true;
        }
        if (!known) {
          reporter_->Error("0024", *type, "no type of variable is called '" + type->text + "'");
        }
      }
      variable.info.description = in.Text("description");
      variable.info.constant = in.Bool("constant", false);
      variable.info.external = in.Bool("external", false);
      const DocNode* const value = in.Any("value");
      in.Done();
      if (value != nullptr) ReadValue(*value, &variable);
      if (variable.info.constant && !variable.info.has_value) {
        reporter_->Report(Severity::kError, "0024", entry.offset, entry.length,
                          "a constant without a value");
      }
      (*out)[entry.key] = std::move(variable);
    }
  }

  void ReadValue(const DocNode& node, PlaybookVariable* out) {
    if (out->info.type == VariableType::kSecret) {
      reporter_->Error("0016", node, "the value of a secret stands in the file",
                       "make it external; the host gives it at the start");
      return;
    }
    std::string text = node.text;
    if (node.kind == Kind::kInt) text = std::to_string(node.integer);
    if (node.kind == Kind::kBool) text = node.boolean ? "true" : "false";
    if (node.kind == Kind::kMap) text = DocToJson(node);
    if (node.kind == Kind::kString && text.empty() && !out->info.constant) return;  // none yet
    absl::StatusOr<TypedValue> value = MakeValue(out->info.type, text);
    if (!value.ok()) {
      reporter_->Error("0024", node, std::string(ToStd(value.status().message())));
      return;
    }
    if (MaskSecrets(text) != text) {
      reporter_->Error("0016", node, "the value holds a credential");
    }
    out->value = *std::move(value);
    out->info.has_value = true;
  }

  bool Step(const DocNode* node, std::string_view what) {
    if (out_->steps.contains(node->text)) return true;
    std::vector<std::string_view> names;
    for (const auto& [id, step] : out_->steps) names.push_back(id);
    reporter_->Error("0008", *node,
                     "'" + std::string(what) + "' names a step that is not in the workflow: " +
                         node->text + DidYouMean(node->text, names));
    return false;
  }

  void Workflow(const DocNode& node) {
    if (node.entries.size() > kMaxSteps) {
      reporter_->Error("0028", node, "more than 1000 steps");
      return;
    }
    for (const DocEntry& entry : node.entries) {
      PlaybookStep step;
      step.id = entry.key;
      step.offset = entry.offset;
      step.length = entry.length;
      if (entry.key.empty() || entry.key.size() > 200) {
        reporter_->Report(Severity::kError, kBadValue, entry.offset, entry.length,
                          "the id of a step is empty, or longer than 200 bytes");
      }
      ReadStep(entry.value, &step);
      out_->steps[entry.key] = std::move(step);
    }
  }

  void ReadStep(const DocNode& node, PlaybookStep* step) {
    MapReader in(node, "step " + step->id, reporter_);
    const DocNode* const type = in.Required("type", Kind::kString);
    if (type == nullptr) return;
    const auto found = std::ranges::find(kStepTypes, type->text);
    if (found == kStepTypes.end()) {
      reporter_->Error(
          "0014", *type,
          "no type of step is called '" + type->text + "'" + DidYouMean(type->text, kStepTypes));
      return;
    }
    step->type = static_cast<StepType>(found - kStepTypes.begin());
    step->name = in.Text("name");
    for (const char* const name : {"description", "external_references", "owner"}) in.Any(name);
    for (const char* const name : {"step_extensions", "extension_definitions"}) {
      if (const DocNode* other = in.Any(name)) {
        reporter_->Error("0021", *other, "'" + std::string(name) + "' are not supported");
      }
    }
    step->delay_ns = in.Int("delay", 0, kMaxMs).value_or(0) * 1'000'000;
    step->timeout_ns = in.Int("timeout", 1, kMaxMs).value_or(0) * 1'000'000;
    std::map<std::string, PlaybookVariable> own;
    Variables(in.Of("step_variables", Kind::kMap), "step_variables", &own);
    for (auto& [name, variable] : own) {
      if (variable.info.has_value) step->values[name] = variable.value;
    }
    const TypeOf type_of = [this, &own](std::string_view name) -> std::optional<VariableType> {
      for (const auto* scope : {&own, &out_->variables}) {
        const auto v = scope->find(std::string(name));
        if (v != scope->end()) return v->second.info.type;
      }
      return std::nullopt;
    };
    Successors(&in, step);
    ReadBody(&in, type_of, step);
    if (step->type == StepType::kAction || step->type == StepType::kPlaybookAction) {
      step->in_args = Arguments(&in, "in_args", type_of);
      step->out_args = Arguments(&in, "out_args", type_of);
    }
    in.Done();
  }

  std::vector<std::string> Arguments(MapReader* in, std::string_view name, const TypeOf& type_of) {
    const DocNode* const node = in->Of(name, Kind::kList);
    if (node == nullptr) return {};
    std::vector<std::string> out = in->Texts(name);
    for (const DocNode& item : node->items) {
      if (item.kind != Kind::kString) continue;
      if (!type_of(item.text).has_value()) {
        reporter_->Error("0017", item, "no variable is called " + item.text);
      }
      const auto v = out_->variables.find(item.text);
      if (name == "out_args" && v != out_->variables.end() && v->second.info.constant) {
        reporter_->Error("0024", item, item.text + " is constant and cannot take a result");
      }
    }
    return out;
  }

  void Reference(const DocNode* node, std::string_view what, std::string* out) {
    if (node == nullptr) return;
    *out = node->text;
    references_.emplace_back(node, std::string(what));
  }

  void Successors(MapReader* in, PlaybookStep* step) {
    const DocNode* const completion = in->Of("on_completion", Kind::kString);
    const DocNode* const success = in->Of("on_success", Kind::kString);
    const DocNode* const failure = in->Of("on_failure", Kind::kString);
    Reference(completion, "on_completion", &step->on_completion);
    Reference(success, "on_success", &step->on_success);
    Reference(failure, "on_failure", &step->on_failure);
    if (completion != nullptr && (success != nullptr || failure != nullptr)) {
      reporter_->Error("0020", *completion,
                       "a step has on_completion, or on_success and on_failure, never both");
    }
    const DocNode* const any = completion != nullptr ? completion
                               : success != nullptr  ? success
                                                     : failure;
    if (step->type == StepType::kEnd && any != nullptr) {
      reporter_->Error("0020", *any, "nothing comes after an end");
    }
  }

  void ReadBody(MapReader* in, const TypeOf& type_of, PlaybookStep* step) {
    switch (step->type) {
      case StepType::kStart:
      case StepType::kEnd:
        return;
      case StepType::kAction:
        return Action(in, type_of, step);
      case StepType::kPlaybookAction:
        step->playbook_id = Id(in, "playbook_id", "playbook--");
        in->Any("playbook_version");
        if (const DocNode* version = in->node().Find("playbook_version")) {
          reporter_->Error("0021", *version, "'playbook_version' is not supported",
                           "the host adds one version of each playbook");
        }
        return;
      case StepType::kParallel:
        return Branches(in, step);
      case StepType::kIf:
        Condition(in, type_of, step);
        step->branches.resize(2);
        Reference(in->Required("on_true", Kind::kString), "on_true", &step->branches[0]);
        Reference(in->Of("on_false", Kind::kString), "on_false", &step->branches[1]);
        return;
      case StepType::kWhile:
        return While(in, type_of, step);
      case StepType::kSwitch:
        return Switch(in, type_of, step);
    }
  }

  void Action(MapReader* in, const TypeOf& type_of, PlaybookStep* step) {
    step->agent = in->Text("agent");
    for (const char* const name : {"targets", "actuators"}) {
      if (const DocNode* other = in->Any(name)) {
        reporter_->Error("0021", *other, "'" + std::string(name) + "' of a step are not supported",
                         "each command names its target; the host chooses who carries it out");
      }
    }
    if (!step->agent.empty() && !agents_.contains(step->agent)) {
      reporter_->Error("0008", *in->node().Find("agent"),
                       "'agent' names what is not in agent_definitions");
    }
    const DocNode* const list = in->Required("commands", Kind::kList);
    if (list == nullptr) return;
    if (list->items.empty() || list->items.size() > kMaxCommands) {
      reporter_->Error("0028", *list, "a step has 1 to 64 commands");
    }
    for (const DocNode& item : list->items) {
      auto command = commands_.Read(item, type_of);
      if (command.has_value()) step->commands.push_back(*std::move(command));
    }
  }

  void Branches(MapReader* in, PlaybookStep* step) {
    const DocNode* const list = in->Required("next_steps", Kind::kList);
    if (list == nullptr) return;
    if (list->items.empty() || list->items.size() > kMaxBranches) {
      reporter_->Error("0028", *list, "a parallel step has 1 to 64 branches");
    }
    for (const DocNode& item : list->items) {
      if (item.kind != Kind::kString) {
        reporter_->Error(kWrongType, item, "'next_steps' holds what is no id of a step");
        continue;
      }
      step->branches.emplace_back();
      Reference(&item, "next_steps", &step->branches.back());
    }
  }

  void Condition(MapReader* in, const TypeOf& type_of, PlaybookStep* step) {
    const DocNode* const node = in->Required("condition", Kind::kString);
    if (node == nullptr) return;
    ConditionError error;
    step->condition = ParseCondition(node->text, type_of, &error);
    if (step->condition.has_value()) return;
    const LocatedText located =
        LocateString(source_->text(), node->offset, StringSyntax::kJson, node->text);
    reporter_->Report(Severity::kError, error.undeclared ? "0017" : "0019",
                      located.FileOffset(error.offset), std::max<size_t>(error.length, 1),
                      "in the condition: " + error.message);
  }

  void While(MapReader* in, const TypeOf& type_of, PlaybookStep* step) {
    Condition(in, type_of, step);
    step->branches.resize(1);
    Reference(in->Required("on_true", Kind::kString), "on_true", &step->branches[0]);
    const auto times = in->Int("x_max_iterations", 1, 1000);
    const auto time = in->Int("x_max_time", 1, kMaxMs);
    step->max_iterations = static_cast<uint32_t>(times.value_or(0));
    step->max_time_ns = time.value_or(0) * 1'000'000;
    const bool given =
        in->node().Find("x_max_iterations") != nullptr && in->node().Find("x_max_time") != nullptr;
    if (!given) {
      reporter_->Report(Severity::kError, "0013", step->offset, step->length,
                        "a while step needs 'x_max_iterations' and 'x_max_time' (milliseconds)");
    }
  }

  void Switch(MapReader* in, const TypeOf& type_of, PlaybookStep* step) {
    const DocNode* const variable = in->Required("switch", Kind::kString);
    const DocNode* const cases = in->Required("cases", Kind::kMap);
    if (variable == nullptr || cases == nullptr) return;
    const auto name = VariableReference(variable->text);
    step->switch_variable = name.value_or("");
    const std::optional<VariableType> type = type_of(step->switch_variable);
    if (!name.has_value()) {
      reporter_->Error("0019", *variable, "a switch is about one variable, as __name__:value");
      return;
    }
    if (!type.has_value()) {
      reporter_->Error("0017", *variable, "no variable is called " + *name);
      return;
    }
    for (const DocEntry& entry : cases->entries) {
      if (entry.value.kind != Kind::kString) {
        reporter_->Error(kWrongType, entry.value, "a case names no step");
        continue;
      }
      std::string target;
      Reference(&entry.value, "cases", &target);
      if (entry.key == "default") {
        step->default_case = target;
        continue;
      }
      absl::StatusOr<TypedValue> value = MakeValue(*type, entry.key);
      if (!value.ok()) {
        reporter_->Report(Severity::kError, "0019", entry.offset, entry.length,
                          std::string(ToStd(value.status().message())));
        continue;
      }
      step->cases.emplace_back(*std::move(value), target);
    }
    if (cases->entries.empty()) reporter_->Error("0019", *cases, "a switch without cases");
  }

  const SourceText* source_;
  DocReporter* reporter_;
  CommandReader commands_;
  PlaybookLayout* out_ = nullptr;
  const DocNode* signatures_ = nullptr;
  std::set<std::string> agents_;
  std::vector<std::pair<const DocNode*, std::string>> references_;
};

}  // namespace

Playbook::Loaded Playbook::Load(std::string name, std::string text,
                                const PlaybookOptions& options) {
  Loaded out;
  DiagnosticSink sink;
  const RuleSource source = {std::move(name), std::move(text)};
  const SourceText places(source);
  DocReporter reporter("PBK", &places, &sink);
  DocError error;
  std::optional<DocNode> root;
  if (source.text.size() > kMaxPlaybookBytes) {
    reporter.Report(Severity::kError, "0002", 0, 0, "the file is larger than 4 MiB");
  } else {
    root = ParseJsonTree(places, 0, source.text.size(), &error);
    if (!root.has_value()) {
      reporter.Report(Severity::kError, error.too_deep ? "0002" : kBadJson, error.offset,
                      error.length, error.message);
    }
  }
  auto layout = std::make_unique<PlaybookLayout>();
  if (root.has_value()) {
    PlaybookReader reader(&places, &options, &reporter);
    reader.Read(*root, layout.get());
    if (reporter.errors() == 0) LintPlaybook(*layout, &reporter);
    const DocNode* const signatures = reader.signatures();
    if (reporter.errors() == 0 && options.verifier != nullptr) {
      const std::string json = signatures == nullptr ? "" : DocToJson(*signatures);
      const absl::Status status = options.verifier(source.text, json);
      layout->verified = status.ok();
      if (!status.ok()) {
        reporter.Report(Severity::kError, "0025", signatures == nullptr ? 0 : signatures->offset, 1,
                        "the signatures are not good: " + std::string(ToStd(status.message())));
      }
    }
  }
  if (root.has_value() && reporter.errors() == 0) {
    layout->hash = Sha256Hex(source.text);
    out.playbook = std::make_shared<const Playbook>(std::move(layout));
  }
  out.diagnostics = sink.Take();
  return out;
}

}  // namespace vedette::inline v0
