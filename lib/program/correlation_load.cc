#include <algorithm>
#include <bit>
#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/program/program_load.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

using Shape = ProgramCorrelation::Shape;
using Role = CorrelationInput::Role;
using SlotKind = CorrelationSlot::Kind;

// The least that one of these takes, which bounds how many there can be.
constexpr size_t kLeastCorrelation = 70;
constexpr size_t kLeastInput = 10;
constexpr size_t kLeastAggregate = 12;
constexpr size_t kLeastSlot = 3;
constexpr size_t kLeastExpr = 3;
constexpr size_t kLeastFeed = 6;
constexpr size_t kLeastColumn = 2;
// A sequence has a level for each repetition of a stage.
constexpr size_t kMaxRuns = 100;
constexpr uint32_t kMaxDepth = 16;

uint32_t LoadNumber(ByteReader* reader) {
  return reader->Index(size_t{UINT32_MAX} + 1, "a number");
}

// The slots of `join` must be there before it is read, so that it comes after the rest.
CorrelationInput LoadInput(ByteReader* reader) {
  CorrelationInput input;
  input.role = reader->Enum(Role::kTrack, "the role of a source");
  input.alias = reader->Text();
  LoadTexts(reader, &input.columns);
  for (uint32_t* n : {&input.runs, &input.min_count, &input.max_count, &input.min_distinct}) {
    *n = LoadNumber(reader);
  }
  if (input.min_distinct > 0) {
    input.distinct_column = reader->Index(input.columns.size(), "a column");
  }
  input.within_previous_ns = LoadDuration(reader);
  input.after_previous_ns = LoadDuration(reader);
  input.has_join = reader->Flag();
  const bool fits = input.runs >= 1 && input.runs <= kMaxRuns && input.min_count >= 1 &&
                    (input.max_count == 0 || input.max_count >= input.min_count);
  if (!fits) reader->Fail("a stage has no sensible number of events");
  return input;
}

size_t ColumnsOf(Function function, size_t given) {
  switch (function) {
    case Function::kCount:
    case Function::kRate:
    case Function::kSeen:
      return 0;
    case Function::kDistinct:
    case Function::kHostAggregate:
      return std::max<size_t>(given, 1);
    default:
      return 1;
  }
}

// The aggregate that `name` is; nothing after a refusal.
void FindAggregate(std::string_view name, ByteReader* reader, LoadContext* context,
                   CorrelationAggregate* out) {
  if (!reader->ok()) return;
  if (name.starts_with(kSavedHostAggregate)) {
    name.remove_prefix(kSavedHostAggregate.size());
    out->function = Function::kHostAggregate;
    out->host = context->functions == nullptr ? nullptr : context->functions->FindAggregate(name);
    if (out->host != nullptr && out->host->name == name) return;  // as it is spelled
    context->Refuse(absl::FailedPreconditionError(
                        absl::StrCat("the host has no aggregate '", ToAbsl(name.substr(0, 80)),
                                     "', which a rule of the saved program uses")),
                    reader);
    return;
  }
  const FunctionSpec* spec = name.empty() ? nullptr : FindFunction(name);
  if (spec != nullptr && spec->is_aggregate && spec->name == name) {
    out->function = spec->function;
    return;
  }
  context->Refuse(absl::FailedPreconditionError(
                      absl::StrCat("this version has no aggregate '", ToAbsl(name.substr(0, 80)),
                                   "', which a rule of the saved program uses")),
                  reader);
}

CorrelationAggregate LoadAggregate(const ProgramCorrelation& c, ByteReader* reader,
                                   LoadContext* context) {
  CorrelationAggregate a;
  FindAggregate(reader->Text(), reader, context, &a);
  a.source = reader->Index(c.sources.size(), "a source");
  a.columns.resize(reader->Count(1));
  for (uint32_t& column : a.columns) {
    column = reader->Index(reader->ok() ? c.sources[a.source].columns.size() : 0, "a column");
  }
  a.percent = std::bit_cast<double>(reader->Fixed(8));
  a.text = reader->Text();
  if (!reader->ok()) return a;
  if (a.host != nullptr && a.host->arguments.size() != a.columns.size()) {
    context->Refuse(
        absl::FailedPreconditionError(absl::StrCat(
            "the host's aggregate '", a.host->name, "' takes ", a.host->arguments.size(),
            " arguments; the saved program gives ", a.columns.size())),
        reader);
    return a;
  }
  if (!(a.percent >= 0 && a.percent <= 100)) reader->Fail("a percentile is out of range");
  if (a.columns.size() != ColumnsOf(a.function, a.columns.size())) {
    reader->Fail("an aggregate has the wrong number of columns");
  }
  return a;
}

CorrelationSlot LoadSlot(const ProgramCorrelation& c, size_t tests, ByteReader* reader) {
  CorrelationSlot slot;
  slot.kind = reader->Enum(SlotKind::kTest, "the kind of a slot");
  slot.source = reader->Index(c.sources.size(), "a source");
  const size_t limit = slot.kind == SlotKind::kAggregate ? c.aggregates.size()
                       : slot.kind == SlotKind::kKey     ? c.key_names.size()
                       : slot.kind == SlotKind::kTest    ? tests
                       : reader->ok()                    ? c.sources[slot.source].columns.size()
                                                         : 0;
  slot.index = reader->Index(limit, "a slot");
  return slot;
}

// That `expr` uses slots of these kinds only.
void CheckSlots(const ProgramCorrelation& c, const CompiledExpr& expr, bool joins, bool tests,
                ByteReader* reader) {
  for (const uint32_t field : expr.fields) {
    const SlotKind kind = c.slots[field].kind;
    const bool fits = kind == SlotKind::kColumn || (kind == SlotKind::kTest ? tests : !joins);
    if (!fits) return reader->Fail("an expression uses what it cannot");
  }
}

void LoadExpressions(ByteReader* reader, LoadContext* context, ProgramCorrelation* c) {
  const size_t tests = reader->Count(kLeastExpr);
  const size_t slots = reader->Count(kLeastSlot);
  for (size_t i = 0; i < slots && reader->ok(); ++i) {
    c->slots.push_back(LoadSlot(*c, tests, reader));
  }
  if (!reader->ok()) return;
  for (size_t i = 0; i < tests && reader->ok(); ++i) {
    c->tests.push_back(LoadExpr(c->slots.size(), reader, context));
    if (reader->ok()) CheckSlots(*c, c->tests.back(), false, false, reader);
  }
  for (CorrelationInput& input : c->sources) {
    if (!input.has_join || !reader->ok()) continue;
    input.join = LoadExpr(c->slots.size(), reader, context);
    if (!reader->ok()) return;
    CheckSlots(*c, input.join, true, true, reader);
    for (const uint32_t field : input.join.fields) {
      if (c->slots[field].kind != SlotKind::kTest) continue;
      CheckSlots(*c, c->tests[c->slots[field].index], true, false, reader);
    }
  }
  if (c->has_having) c->having = LoadExpr(c->slots.size(), reader, context);
  c->outcomes = LoadOutcomes(c->slots.size(), reader, context);
  c->suppress_by = LoadKeys(c->slots.size(), reader, context);
  if (!reader->ok()) return;
  CheckSlots(*c, c->having, false, true, reader);
  for (const auto& [name, expr] : c->outcomes) CheckSlots(*c, expr, false, false, reader);
  for (const CompiledKey& key : c->suppress_by) CheckSlots(*c, key.expr, false, false, reader);
}

bool HasColumns(const ProgramCorrelation& c, size_t source, size_t count) {
  return source < c.sources.size() && c.sources[source].columns.size() >= count;
}

// That the sources are what the shape needs. Nothing, or what is wrong.
std::string_view RoleProblem(const ProgramCorrelation& c) {
  size_t stages = 0;
  for (size_t i = 0; i < c.sources.size(); ++i) {
    const CorrelationInput& input = c.sources[i];
    const bool last = i + 1 == c.sources.size();
    if (input.has_join && c.shape != Shape::kSequence) return "only a sequence looks back";
    switch (input.role) {
      case Role::kStage:
        ++stages;
        break;
      case Role::kNegated:
        if (c.shape != Shape::kSequence) return "only a sequence has negated stages";
        break;
      case Role::kUntil:
        if (c.shape != Shape::kSequence || !last) return "an end is in the wrong place";
        break;
      case Role::kTrack:
        if (c.shape != Shape::kLineage || !last) return "a tracked source is in the wrong place";
        break;
    }
  }
  return stages == 0 ? "a correlation has no source" : std::string_view();
}

std::string_view ShapeProblem(const ProgramCorrelation& c) {
  const size_t sources = c.sources.size();
  const bool windowed = c.shape == Shape::kWindow || c.shape == Shape::kAll;
  if (c.rearm == ProgramCorrelation::Rearm::kDefault) return "a rearm is not decided";
  if (c.at_close && (!windowed || !c.has_having)) return "nothing is judged at a close";
  if ((windowed || c.shape == Shape::kAbsence) && c.span_ns == 0) return "a timespan is missing";
  if (c.new_value_columns > 0 && c.shape != Shape::kNewValue) return "columns without use";
  if (c.depth < 1 || c.depth > kMaxDepth) return "a depth is out of range";
  switch (c.shape) {
    case Shape::kWindow:
      return c.has_having ? std::string_view() : "a window has no condition";
    case Shape::kAbsence:
      return sources <= 2 ? std::string_view() : "an absence has too many sources";
    case Shape::kNewValue:
      return sources == 1 && c.new_value_columns > 0 && HasColumns(c, 0, c.new_value_columns)
                 ? std::string_view()
                 : "a new value has no columns";
    case Shape::kLineage:
      return sources == (c.any_generation ? 3 : 2) && HasColumns(c, 0, 1) && HasColumns(c, 1, 1) &&
                     (!c.any_generation || HasColumns(c, 2, 2)) &&
                     c.any_generation == (c.sources.back().role == Role::kTrack)
                 ? std::string_view()
                 : "a lineage has the wrong sources";
    default:
      return {};
  }
}

ProgramCorrelation LoadCorrelation(ByteReader* reader, LoadContext* context) {
  ProgramCorrelation c;
  LoadMeta(reader, &c.meta);
  c.fingerprint = reader->Fixed(8);
  c.dump = reader->Text();
  c.shape = reader->Enum(Shape::kLineage, "a shape");
  c.window = reader->Enum(ProgramCorrelation::Window::kSession, "the kind of a window");
  c.select = reader->Enum(ProgramCorrelation::Select::kAll, "a selection");
  c.rearm = reader->Enum(ProgramCorrelation::Rearm::kNever, "a rearm");
  for (uint32_t* n : {&c.depth, &c.select_limit, &c.new_value_columns}) *n = LoadNumber(reader);
  for (int64_t* ns : {&c.span_ns, &c.gap_ns, &c.history_ns, &c.rearm_ns, &c.suppress_ns}) {
    *ns = LoadDuration(reader);
  }
  for (bool* flag : {&c.any_generation, &c.at_close, &c.emits, &c.has_having}) {
    *flag = reader->Flag();
  }
  const size_t sources = reader->Count(kLeastInput);
  for (size_t i = 0; i < sources && reader->ok(); ++i) c.sources.push_back(LoadInput(reader));
  LoadTexts(reader, &c.key_names);
  const size_t aggregates = reader->Count(kLeastAggregate);
  for (size_t i = 0; i < aggregates && reader->ok(); ++i) {
    c.aggregates.push_back(LoadAggregate(c, reader, context));
  }
  LoadExpressions(reader, context, &c);
  if (!reader->ok()) return c;
  std::string_view problem = RoleProblem(c);
  if (problem.empty()) problem = ShapeProblem(c);
  if (!problem.empty()) reader->Fail(problem);
  return c;
}

CompiledColumn LoadColumn(bool of_event, size_t field_count, ByteReader* reader,
                          LoadContext* context) {
  using Kind = CompiledColumn::Kind;
  CompiledColumn column;
  column.kind = reader->Enum(Kind::kFormula, "the kind of a column");
  if (column.kind == Kind::kFormula) {
    if (!of_event) reader->Fail("a condition on what is no event");
    column.node = reader->Index(context->layout->nodes.size(), "the condition of a column");
    return column;
  }
  column.expr = LoadExpr(field_count, reader, context);
  if (column.kind != Kind::kField || !reader->ok()) return column;
  const bool is_field = column.expr.nodes.size() == 1 &&
                        column.expr.nodes[0].kind == CompiledExpr::Node::Kind::kField;
  if (!is_field) reader->Fail("a column is no field");
  return column;
}

CorrelationFeed LoadFeed(ByteReader* reader, LoadContext* context) {
  const ProgramLayout& layout = *context->layout;
  CorrelationFeed feed;
  feed.correlation = reader->Index(layout.correlations.size(), "a correlation");
  if (!reader->ok()) return feed;
  const ProgramCorrelation& to = layout.correlations[feed.correlation];
  feed.source = reader->Index(to.sources.size(), "a source");
  feed.from_correlation = reader->Flag();
  feed.from =
      reader->Index(feed.from_correlation ? layout.correlations.size() : layout.rules.size(),
                    "what feeds a correlation");
  if (!reader->ok()) return feed;
  size_t fields = layout.fields.size();
  if (feed.from_correlation) {
    const ProgramCorrelation& from = layout.correlations[feed.from];
    fields = from.key_names.size() + from.outcomes.size();
    if (from.depth >= to.depth) reader->Fail("a correlation feeds one that is not deeper");
  }
  feed.keys = LoadKeys(fields, reader, context);
  const size_t columns = reader->Count(kLeastColumn);
  for (size_t i = 0; i < columns && reader->ok(); ++i) {
    feed.columns.push_back(LoadColumn(!feed.from_correlation, fields, reader, context));
  }
  if (feed.keys.size() != to.key_names.size() ||
      feed.columns.size() != to.sources[feed.source].columns.size()) {
    reader->Fail("a feed does not fit its correlation");
  }
  return feed;
}

}  // namespace

void LoadCorrelations(ByteReader* reader, LoadContext* context) {
  ProgramLayout* layout = context->layout;
  const size_t count = reader->Count(kLeastCorrelation);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    layout->correlations.push_back(LoadCorrelation(reader, context));
  }
  const size_t feeds = reader->Count(kLeastFeed);
  for (size_t i = 0; i < feeds && reader->ok(); ++i) {
    layout->feeds.push_back(LoadFeed(reader, context));
  }
}

}  // namespace vedette::inline v0
