// Plans: which rules an event faces, by its log sources, and where its fields stand.
#ifndef VEDETTE_LIB_EVAL_PLAN_H_
#define VEDETTE_LIB_EVAL_PLAN_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/base/strings.h"
#include "lib/eval/plan_memo.h"
#include "lib/eval/tree_shapes.h"
#include "lib/event/field_resolution.h"
#include "lib/program/program_layout.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// Where a field stands in the events of one adapter and shape: paths to try in turn, and what the
// field is if the event has none of them.
struct BoundField {
  bool resolved = false;
  std::vector<std::pair<FieldPath, int>> paths;
  Value otherwise;
};

// The fields of a plan for one kind of event; filled as fields are first read.
struct Binding {
  uint32_t number;  // no other binding of the planner has had it
  const EventAdapter* adapter;
  EventShape shape;
  std::vector<BoundField> fields;
  // As TreeShapes::Table has them, for events that are no trees.
  bool prepared = false;
  std::vector<uint32_t> asked = {};
};

// A field that log source rows give a value (`set:`). The texts live in the program's table.
struct SetField {
  std::string_view name;
  std::vector<Value> values;

  Value value() const { return values.size() == 1 ? values[0] : Value::List(values); }
};

class RuleIndex;

struct Plan {
  Plan();
  ~Plan();
  Plan(Plan&&) noexcept;
  Plan& operator=(Plan&&) noexcept;

  std::vector<LogSource> sources;  // empty: unknown
  std::vector<uint32_t> rules;     // ascending
  int32_t class_uid = 0;
  FieldRenames renames;
  std::vector<SetField> sets;  // a name at most once
  std::vector<std::unique_ptr<Binding>> bindings;
  uint64_t events = 0;               // that had this plan
  std::unique_ptr<RuleIndex> index;  // once they are some

  // `next_number` counts the bindings of all plans.
  Binding* BindingFor(const EventView& event, size_t field_count, uint32_t* next_number);
};

// Asks the adapter about each of `paths`; keeps those that its events can have.
void BindPaths(const EventView& event, std::vector<FieldPath> paths, BoundField* bound);
// What is known of the event's own tree: its root, and where fields of a binding stand in it.
struct TreePlaces {
  const Value* root = nullptr;  // null: it is no tree, or one like no other
  TreeShapes::Table* table = nullptr;
  std::span<const Value* const> slots;
  bool deep = false;  // members of inner objects have slots, too
};

// The first path of the `i`-th field, `bound`, which must be resolved, that `event` has.
Value ReadBound(const EventView& event, const BoundField& bound, size_t i, const TreePlaces& tree,
                ValueArena* arena);
// The same for a field of a rule, resolved on first use; what the plan sets it to if the event does
// not have it. Such a value lives as long as the plan.
Value ReadField(const EventView& event, const FieldPath& field, size_t i, const Plan& plan,
                const TreePlaces& tree, BoundField* bound, ValueArena* arena);

// Finds and caches plans. The cache is bounded: hosts may send any log source, and events any
// combination of table rows. Thread-compatible.
class Planner {
 public:
  explicit Planner(const ProgramLayout& layout) : layout_(layout) {}

  // Valid until the next call.
  Plan* PlanFor(const EventView& event, ValueArena* arena);
  // Calls `visit(plan)` for each plan made so far.
  template <typename Visit>
  void VisitPlans(Visit visit) const {
    for (const auto& [key, plan] : plans_) visit(*plan);
  }
  // For the event of the last PlanFor; `tree` is filled.
  Binding* BindingFor(const EventView& event, Plan* plan, TreePlaces* tree);

 private:
  std::unique_ptr<Plan> Build(std::vector<LogSource> sources) const;
  std::unique_ptr<Plan> BuildFromRows(const std::vector<uint16_t>& rows) const;

  // Fills numbers_[field] with what the value says about the log source.
  void ReadNumbers(const Value& value, size_t field);
  // Of one binding for the event at hand.
  TreePlaces PlacesOf(const Binding& binding);
  // Begins the memo's key for the event; false if it does not know such events yet.
  bool MakeMemoKey(const EventView& event, const Binding& binding, const TreePlaces& places,
                   ValueArena* arena);
  // Tells the memo which fields events of this kind can have, all of which have been bound.
  void LearnFields(const Binding& binding, const TreePlaces& places);
  // Reads all routing fields into numbers_ and key_.
  void ReadRouting(const EventView& event, Binding* binding, const TreePlaces& places,
                   ValueArena* arena);
  Plan* PlanOfKey(const EventView& event);
  uint64_t KindOf(const Binding& binding) const { return uint64_t{binding.number} << 32 | shape_; }

  const ProgramLayout& layout_;
  Plan routing_;  // no rules: its bindings read the routing fields
  PlanMemo memo_;
  std::vector<Routing::Numbers> numbers_;

  TreeShapes shapes_;
  const Value* root_ = nullptr;  // of the event at hand, if it is a tree
  uint32_t shape_ = TreeShapes::kNone;
  std::span<const Value* const> slots_;  // if it has a shape
  uint32_t shapes_generation_ = 0;
  uint32_t next_binding_ = 0;
  std::string text_;
  std::string key_;
  absl::flat_hash_map<std::string, std::unique_ptr<Plan>, StringHash, StringEq> plans_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_PLAN_H_
