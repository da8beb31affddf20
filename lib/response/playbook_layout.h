// What a playbook is once it is loaded.
#ifndef VEDETTE_LIB_RESPONSE_PLAYBOOK_LAYOUT_H_
#define VEDETTE_LIB_RESPONSE_PLAYBOOK_LAYOUT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/doc/doc_tree.h"
#include "lib/response/condition.h"
#include "vedette/response/playbook.h"
#include "vedette/response/policy.h"

namespace vedette::inline v0 {

inline constexpr size_t kMaxPlaybookDepth = 8;  // of playbooks that run playbooks

enum class StepType : uint8_t {
  kStart,
  kEnd,
  kAction,
  kPlaybookAction,
  kParallel,
  kIf,
  kWhile,
  kSwitch,
};
std::string_view StepTypeName(StepType type);

// What a playbook asks for, with references to variables as whole strings.
struct CommandTemplate {
  std::string action;
  std::string target_type;
  DocNode target;  // the value of the target
  DocNode args;    // null kind: none
};

struct PlaybookCommand {
  std::string type;  // "openc2-http", "manual", "x-host-action", or one of the host's
  CommandTemplate ask;
  std::string text;  // of manual steps and of the host's own types, as it stands in the file
  std::optional<CommandTemplate> undo;
  bool undo_at_duration = false;
};

struct PlaybookStep {
  std::string id;
  StepType type = StepType::kEnd;
  std::string name;
  int64_t delay_ns = 0;
  int64_t timeout_ns = 0;  // 0: the policy's
  std::string on_completion;
  std::string on_success;
  std::string on_failure;
  std::vector<std::string> in_args;
  std::vector<std::string> out_args;
  std::map<std::string, TypedValue> values;  // step_variables
  std::string agent;
  std::vector<PlaybookCommand> commands;
  std::string playbook_id;
  std::optional<ConditionNode> condition;
  std::vector<std::string> branches;  // parallel: all; if: true, false ("" none); while: the body
  std::string switch_variable;
  std::vector<std::pair<TypedValue, std::string>> cases;
  std::string default_case;
  uint32_t max_iterations = 0;
  int64_t max_time_ns = 0;
  size_t offset = 0;  // of its id in the file
  size_t length = 0;
};

struct PlaybookVariable {
  VariableInfo info;
  TypedValue value;  // if info.has_value
};

struct PlaybookLayout {
  std::string id;
  std::string name;
  std::string version;
  std::string hash;
  bool verified = false;
  EventTime valid_from = kNoEventTime;
  EventTime valid_until = kNoEventTime;
  std::string workflow_start;
  std::string workflow_exception;
  std::map<std::string, PlaybookVariable> variables;
  std::vector<VariableInfo> variable_infos;
  std::map<std::string, PlaybookStep> steps;
};

// A command with values in place of references: JSON as OpenC2 has it, and what a policy looks at.
struct FilledCommand {
  std::string json;   // {"action":..,"target":{..},"args":{..}}
  std::string shown;  // the same with [masked] in place of secrets
  CommandTarget target;
  int64_t duration_ns = 0;  // args.duration
};
absl::StatusOr<FilledCommand> FillCommand(const CommandTemplate& ask, const ValueOf& value_of);

// All steps that may come next or are run within the step.
std::vector<std::string> StepsAfter(const PlaybookStep& step);

class DocReporter;
// Finds steps that cannot be reached, circles, and what should be there.
void LintPlaybook(const PlaybookLayout& layout, DocReporter* reporter);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_PLAYBOOK_LAYOUT_H_
