#include "vedette/response/playbook.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/doc/doc_reader.h"
#include "lib/response/playbook_layout.h"

namespace vedette::inline v0 {
namespace {

// Follows a graph without recursion: steps are as many as a file has.
class CycleFinder {
 public:
  explicit CycleFinder(const PlaybookLayout& layout) : layout_(layout) {}

  // A step from which one comes back to itself, or null.
  const PlaybookStep* Find(const std::string& from) {
    std::vector<std::pair<const PlaybookStep*, size_t>> stack = {{&layout_.steps.at(from), 0}};
    open_.insert(from);
    while (!stack.empty()) {
      auto& [step, index] = stack.back();
      const std::vector<std::string> next = StepsAfter(*step);
      if (index == next.size()) {
        open_.erase(step->id);
        done_.insert(step->id);
        stack.pop_back();
        continue;
      }
      const std::string& id = next[index++];
      if (open_.contains(id)) return step;
      if (done_.contains(id)) continue;
      open_.insert(id);
      stack.emplace_back(&layout_.steps.at(id), 0);
    }
    return nullptr;
  }
  bool Reached(const std::string& id) const { return done_.contains(id); }

 private:
  const PlaybookLayout& layout_;
  std::set<std::string> open_;
  std::set<std::string> done_;
};

}  // namespace

std::string_view StepTypeName(StepType type) {
  static constexpr std::array<std::string_view, 8> kNames = {
      "start",    "end",          "action",          "playbook-action",
      "parallel", "if-condition", "while-condition", "switch-condition"};
  return kNames[static_cast<size_t>(type)];
}

std::vector<std::string> StepsAfter(const PlaybookStep& step) {
  std::vector<std::string> out;
  const auto add = [&out](const std::string& id) {
    if (!id.empty() && std::ranges::find(out, id) == out.end()) out.push_back(id);
  };
  for (const std::string& id : step.branches) add(id);
  for (const auto& [value, id] : step.cases) add(id);
  add(step.default_case);
  add(step.on_completion);
  add(step.on_success);
  add(step.on_failure);
  return out;
}

void LintPlaybook(const PlaybookLayout& layout, DocReporter* reporter) {
  CycleFinder finder(layout);
  const PlaybookStep* circle = finder.Find(layout.workflow_start);
  if (circle == nullptr && !layout.workflow_exception.empty() &&
      !finder.Reached(layout.workflow_exception)) {
    circle = finder.Find(layout.workflow_exception);
  }
  if (circle != nullptr) {
    reporter->Report(Severity::kError, "0012", circle->offset, circle->length,
                     "steps go in a circle: step " + circle->id + " leads back to itself",
                     "repeat with a while step, whose body ends without a next step");
    return;
  }
  for (const auto& [id, step] : layout.steps) {
    if (!finder.Reached(id)) {
      reporter->Report(Severity::kError, "0009", step.offset, step.length,
                       "no step leads to step " + id, "remove it, or let a step lead to it");
      continue;
    }
    const bool works = step.type == StepType::kAction || step.type == StepType::kPlaybookAction;
    if (!works) continue;
    if (step.timeout_ns == 0) {
      reporter->Report(Severity::kWarning, "0010", step.offset, step.length,
                       "step " + id + " has no timeout; the policy's step_timeout holds");
    }
    if (step.on_failure.empty() && layout.workflow_exception.empty()) {
      reporter->Report(Severity::kWarning, "0011", step.offset, step.length,
                       "nothing is said about what happens if step " + id + " fails",
                       "give it on_failure, or the playbook workflow_exception");
    }
  }
}

Playbook::Playbook(std::unique_ptr<PlaybookLayout> layout) : layout_(std::move(layout)) {}
Playbook::~Playbook() = default;

const std::string& Playbook::id() const { return layout_->id; }
const std::string& Playbook::name() const { return layout_->name; }
const std::string& Playbook::version() const { return layout_->version; }
const std::string& Playbook::hash() const { return layout_->hash; }
bool Playbook::is_verified() const { return layout_->verified; }
EventTime Playbook::valid_from() const { return layout_->valid_from; }
EventTime Playbook::valid_until() const { return layout_->valid_until; }
const std::vector<VariableInfo>& Playbook::variables() const { return layout_->variable_infos; }

std::vector<StepInfo> Playbook::steps() const {
  std::vector<StepInfo> out;
  for (const auto& [id, step] : layout_->steps) {
    StepInfo info;
    info.id = id;
    info.type = std::string(StepTypeName(step.type));
    info.name = step.name;
    info.next = StepsAfter(step);
    for (const PlaybookCommand& c : step.commands) {
      info.commands.push_back(c.ask.action + " " + c.ask.target_type);
    }
    out.push_back(std::move(info));
  }
  return out;
}

std::vector<std::string> Playbook::playbooks_used() const {
  std::set<std::string> ids;
  for (const auto& [id, step] : layout_->steps) {
    if (!step.playbook_id.empty()) ids.insert(step.playbook_id);
  }
  return {ids.begin(), ids.end()};
}

}  // namespace vedette::inline v0
