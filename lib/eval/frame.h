// The field frame: every field of the current event that some rule asked for, read once.
#ifndef VEDETTE_LIB_EVAL_FRAME_H_
#define VEDETTE_LIB_EVAL_FRAME_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/eval/plan.h"
#include "lib/program/choices.h"
#include "lib/program/program_layout.h"
#include "vedette/event.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// One scalar of a field with its texts, made when first asked for.
struct Scalar {
  Value value;
  std::string_view text;
  std::string_view folded;
  bool has_text = false;
  bool has_folded = false;
};

// A field's state: absent, null-like, or some scalars (a list counts as its members).
struct FieldState {
  bool present = false;
  bool null = false;  // null, an empty list, or a list with a null member
  Value value;
  std::span<Scalar> scalars;
};

// Belongs to one evaluator. Begin() starts an event; everything handed out lives until the next.
class Frame {
 public:
  // `sets` as EvaluatorOptions::indicator_sets.
  Frame(const ProgramLayout& layout, size_t max_scan_bytes, const IndicatorSets* sets = nullptr);

  void Begin(const EventView& event);
  const EventView& event() const { return event_; }
  Plan* plan() { return plan_; }
  // `binding` is the plan's for the event, `tree` its places.
  void set_plan(Plan* plan, Binding* binding, TreePlaces tree);
  ValueArena* arena() { return &arena_; }
  IndicatorLookup& indicators() { return indicators_; }

  // Where fields stand in the event, if it is a tree whose names came before.
  const TreePlaces& tree() const { return tree_; }
  Binding* binding() { return binding_; }

  // A field of the event.
  FieldState& Field(uint32_t field);
  // Whether it is known without looking that the event does not have the field; then it is cheaper
  // not to ask for it.
  bool IsAbsent(uint32_t field) const {
    const BoundField& bound = binding_->fields[field];
    if (!bound.otherwise.absent()) return false;
    return tree_.root != nullptr ? tree_.table->places[field] == kPlaceAbsent
                                 : bound.resolved && bound.paths.empty();
  }
  // A field of `element` (array blocks).
  FieldState RelativeField(const Value& element, uint32_t field);
  // Every scalar of the event, for keywords.
  std::span<Scalar> WholeEvent();
  // The folded texts of all strings of the event (with `all`, of all scalars), with a NUL between
  // them. Valid until the next event.
  std::string_view FoldedWholeEvent(bool all);

  // One value of `expr` for each choice of its fields' values (a list field has several); calls
  // `f` until it gives true. After 4,096 choices the event is over its budget.
  template <typename F>
  bool AnyValue(const CompiledExpr& expr, const Value* element, F f);

  std::string_view Text(Scalar* scalar);
  std::string_view Folded(Scalar* scalar);
  // Counts that so much of a long value is searched; short ones are free.
  void Charge(size_t bytes) {
    if (bytes >= kLongValue) scanned_ += bytes;
  }
  // Whether this event has cost more than it may: what predicates say then is worthless.
  bool over_budget() const { return scanned_ > budget_; }
  // For this event: explanations look at one rule only.
  void LiftBudget() { budget_ = SIZE_MAX; }

 private:
  static constexpr size_t kLongValue = size_t{64} << 10;

  struct Slot {
    uint64_t event = 0;  // the event for which `state` holds
    FieldState state;
  };
  FieldState StateOf(const Value& value);
  // The values of the `i`-th field of an expression; one null if it has none.
  std::span<Scalar> Choices(const CompiledExpr& expr, size_t i, const Value* element);

  const ProgramLayout& layout_;
  size_t max_scan_bytes_;
  IndicatorLookup indicators_;
  ValueArena arena_;
  EventView event_;
  Plan* plan_ = nullptr;
  Binding* binding_ = nullptr;
  TreePlaces tree_;
  uint64_t event_number_ = 0;
  std::vector<Slot> slots_;
  std::vector<Scalar> whole_event_;
  uint64_t whole_event_of_ = 0;
  std::string scratch_;
  std::string whole_text_;
  std::vector<Value> stack_;
  size_t scanned_ = 0;
  size_t budget_ = SIZE_MAX;
};

template <typename F>
bool Frame::AnyValue(const CompiledExpr& expr, const Value* element, F f) {
  // What AnyChoice needs to see of scalars.
  struct Values {
    std::span<Scalar> scalars;
    size_t size() const { return scalars.size(); }
    Value operator[](size_t i) const { return scalars[i].value; }
  };
  bool cut = false;
  const auto choices_of = [&](size_t i) { return Values{Choices(expr, i, element)}; };
  const bool found = AnyChoice(expr, choices_of, &stack_, &arena_, f, &cut, &indicators_);
  if (cut) Charge(max_scan_bytes_ + kLongValue);
  return found;
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_FRAME_H_
