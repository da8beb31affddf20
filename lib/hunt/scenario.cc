// Reading scenario files.
#include <algorithm>
#include <set>
#include <utility>

#include "lib/doc/doc_reader.h"
#include "lib/doc/doc_tree.h"
#include "lib/doc/source_text.h"
#include "vedette/hunt/training.h"

namespace vedette::inline v0 {
namespace {

using Kind = DocNode::Kind;

constexpr size_t kMaxScenarioBytes = size_t{16} << 20;
constexpr size_t kMaxCases = 1000;
constexpr std::string_view kFormat = "vedette-training-1";

// "T1059" or "T1059.001".
bool IsTechnique(std::string_view s) {
  const auto digits = [](std::string_view part, size_t n) {
    return part.size() == n &&
           std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!s.starts_with('T') || s.size() < 5 || !digits(s.substr(1, 4), 4)) return false;
  return s.size() == 5 || (s[5] == '.' && digits(s.substr(6), 3));
}

class ScenarioReader {
 public:
  explicit ScenarioReader(DocReporter* reporter) : reporter_(reporter) {}

  TrainingScenario Read(const DocNode& root) {
    MapReader in(root, "the scenario", reporter_);
    const DocNode* const format = in.Required("format", Kind::kString);
    if (format != nullptr && format->text != kFormat) {
      reporter_->Error(kBadValue, *format, "the format is not known", "\"vedette-training-1\"");
    }
    out_.id = in.Text("id", true);
    out_.title = in.Text("title", true);
    out_.actions = in.Texts("actions");
    const DocNode* const cases = in.Required("cases", Kind::kList);
    in.Done();
    if (cases == nullptr) return std::move(out_);
    if (cases->items.empty() || cases->items.size() > kMaxCases) {
      reporter_->Error(kBadValue, *cases, "a scenario has 1 to 1000 cases");
      return std::move(out_);
    }
    for (const DocNode& one : cases->items) Case(one);
    return std::move(out_);
  }

 private:
  void Case(const DocNode& node) {
    TrainingCase c;
    MapReader in(node, "the case", reporter_);
    const DocNode* const id = in.Required("id", Kind::kString);
    if (id != nullptr) {
      c.id = id->text;
      if (!ids_.insert(c.id).second) reporter_->Error(kBadValue, *id, "two cases have this id");
    }
    c.title = in.Text("title", true);
    c.briefing = in.Text("briefing");
    c.events_file = in.Text("events_file");
    Events(in.Of("events", Kind::kList), &c);
    if (in.ok() && c.events.empty() == c.events_file.empty()) {
      reporter_->Error(kBadValue, node, "a case has 'events' or an 'events_file', and not both");
    }
    Time(in.Of("from", Kind::kString), &c.from);
    Time(in.Of("to", Kind::kString), &c.to);
    if (const DocNode* const answer = in.Required("answer", Kind::kMap)) Answer(*answer, &c);
    in.Done();
    out_.cases.push_back(std::move(c));
  }

  void Events(const DocNode* list, TrainingCase* c) {
    if (list == nullptr) return;
    for (const DocNode& event : list->items) {
      if (event.kind == Kind::kMap) {
        c->events.push_back(DocToJson(event));
      } else {
        reporter_->Error(kWrongType, event, "an event is an object");
      }
    }
  }

  void Time(const DocNode* node, EventTime* out) {
    if (node == nullptr) return;
    const EventTime t = ParseEventTime(Value::String(node->text));
    if (t == kNoEventTime) {
      reporter_->Error(kBadValue, *node, "'" + node->text + "' is no time", "2026-11-17T09:00:00Z");
    } else {
      *out = t;
    }
  }

  void Answer(const DocNode& node, TrainingCase* c) {
    MapReader in(node, "the answer", reporter_);
    if (const DocNode* const verdict = in.Required("verdict", Kind::kString)) {
      c->verdict = VerdictByName(verdict->text).value_or(Verdict::kNone);
      if (c->verdict == Verdict::kNone) {
        reporter_->Error(kBadValue, *verdict, "'" + verdict->text + "' is no verdict",
                         "true_positive, false_positive, benign, suspicious, test, ..");
      }
    }
    if (const DocNode* const entities = in.Of("entities", Kind::kList)) {
      for (const DocNode& e : entities->items) EntityOf(e, c);
    }
    if (const DocNode* const techniques = in.Of("techniques", Kind::kList)) {
      for (const DocNode& t : techniques->items) {
        if (t.kind != Kind::kString || !IsTechnique(t.text)) {
          reporter_->Error(kBadValue, t, "a technique is written as T1059 or T1059.001");
        } else {
          c->techniques.push_back(t.text);
        }
      }
    }
    if (const DocNode* const actions = in.Of("actions", Kind::kList)) {
      for (const DocNode& a : actions->items) {
        const auto& known = out_.actions;
        if (a.kind != Kind::kString ||
            std::find(known.begin(), known.end(), a.text) == known.end()) {
          reporter_->Error(kBadValue, a, "the scenario has no such action among its 'actions'");
        } else {
          c->actions.push_back(a.text);
        }
      }
    }
    c->explanation = in.Text("explanation");
    c->par_ns = in.Duration("par", 0);
    in.Done();
  }

  void EntityOf(const DocNode& node, TrainingCase* c) {
    MapReader in(node, "the entity", reporter_);
    const DocNode* const type = in.Required("type", Kind::kString);
    const std::string value = NormalizeEntity(in.Text("value", true));
    in.Done();
    if (type == nullptr) return;
    const std::optional<EntityType> known = EntityTypeByName(type->text);
    if (!known.has_value()) {
      reporter_->Error(kBadValue, *type, "'" + type->text + "' is no type of entities");
    } else if (!value.empty()) {
      c->entities.push_back({*known, value});
    }
  }

  DocReporter* reporter_;
  TrainingScenario out_;
  std::set<std::string> ids_;
};

}  // namespace

std::optional<TrainingScenario> LoadTrainingScenario(const RuleSource& source,
                                                     DiagnosticSink* diagnostics) {
  const SourceText places(source);
  DocReporter reporter("TRN", &places, diagnostics);
  if (source.text.size() > kMaxScenarioBytes) {
    reporter.Report(Severity::kError, "0002", 0, 0, "the file is larger than 16 MiB");
    return std::nullopt;
  }
  DocError error;
  const std::optional<DocNode> root = ParseJsonTree(places, 0, source.text.size(), &error);
  if (!root.has_value()) {
    reporter.Report(Severity::kError, error.too_deep ? "0002" : kBadJson, error.offset,
                    error.length, error.message);
    return std::nullopt;
  }
  TrainingScenario scenario = ScenarioReader(&reporter).Read(*root);
  if (reporter.errors() > 0) return std::nullopt;
  return scenario;
}

}  // namespace vedette::inline v0
