#include "lib/eval/plan.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "lib/base/casefold.h"
#include "lib/eval/rule_index.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxPlans = 1024;
constexpr size_t kMaxBindings = 64;

// Values of a list that tell log sources (ECS `event.type` has two or three).
constexpr size_t kMaxRoutingValues = 8;

// The text of a scalar that tells a log source.
bool RoutingText(const Value& scalar, std::string* text) {
  if (!scalar.is_scalar()) return false;
  text->clear();
  if (scalar.is_string()) {
    // Longer texts name no log source.
    AppendFolded(scalar.string().substr(0, 512), text);
  } else {
    scalar.AppendText(text);
  }
  return true;
}

// The earlier row decides what a field is; several values within one row are a list.
void AddSets(const LogSourceTable::Row& row, std::vector<SetField>* sets) {
  const size_t before = sets->size();
  for (const auto& [name, value] : row.sets) {
    const auto it = std::find_if(sets->begin(), sets->end(),
                                 [&n = name](const SetField& s) { return s.name == n; });
    if (it == sets->end()) {
      sets->push_back({name, {Value::String(value)}});
    } else if (it - sets->begin() >= static_cast<std::ptrdiff_t>(before)) {
      it->values.push_back(Value::String(value));
    }
  }
}

}  // namespace

Plan::Plan() = default;
Plan::~Plan() = default;
Plan::Plan(Plan&&) noexcept = default;
Plan& Plan::operator=(Plan&&) noexcept = default;

Binding* Plan::BindingFor(const EventView& event, size_t field_count, uint32_t* next_number) {
  const EventAdapter* adapter = &event.adapter();
  const EventShape shape = event.shape();
  for (const auto& binding : bindings) {
    if (binding->adapter == adapter && binding->shape == shape) return binding.get();
  }
  if (bindings.size() >= kMaxBindings) bindings.clear();
  bindings.push_back(std::make_unique<Binding>(
      Binding{(*next_number)++, adapter, shape, std::vector<BoundField>(field_count)}));
  return bindings.back().get();
}

void BindPaths(const EventView& event, std::vector<FieldPath> paths, BoundField* bound) {
  bound->resolved = true;
  for (FieldPath& path : paths) {
    const int number = event.adapter().Bind(path);
    if (number >= 0) bound->paths.emplace_back(std::move(path), number);
  }
}

Value ReadBound(const EventView& event, const BoundField& bound, size_t i, const TreePlaces& tree,
                ValueArena* arena) {
  if (tree.root != nullptr) {
    int16_t& place = tree.table->places[i];
    if (place == kPlaceUnknown) place = PlaceOf(bound.paths, *tree.root, tree.deep, tree.slots);
    if (place == kPlaceAbsent) return Value();
    if (place >= 0) {
      // An object may stand for its text.
      const Value& v = *tree.slots[static_cast<size_t>(place)];
      if (!v.absent() && !v.is_object()) return v;
    }
  }
  for (const auto& [path, number] : bound.paths) {
    const Value v = event.adapter().Get(event.object(), path, number, arena);
    if (!v.absent()) return v;
  }
  return Value();
}

Value ReadField(const EventView& event, const FieldPath& field, size_t i, const Plan& plan,
                const TreePlaces& tree, BoundField* bound, ValueArena* arena) {
  if (!bound->resolved) {
    BindPaths(event, ResolveField(field.text(), event.shape(), plan.class_uid, plan.renames),
              bound);
    for (const SetField& set : plan.sets) {
      if (set.name == field.text()) bound->otherwise = set.value();
    }
  }
  const Value v = ReadBound(event, *bound, i, tree, arena);
  return v.absent() ? bound->otherwise : v;
}

std::unique_ptr<Plan> Planner::Build(std::vector<LogSource> sources) const {
  auto plan = std::make_unique<Plan>();
  for (size_t i = 0; i < layout_.rules.size(); ++i) {
    const LogSource& wanted = layout_.rules[i].meta.log_source;
    const bool applies =
        wanted.empty() || std::any_of(sources.begin(), sources.end(),
                                      [&wanted](const auto& s) { return s.Satisfies(wanted); });
    if (applies) plan->rules.push_back(static_cast<uint32_t>(i));
  }
  plan->sources = std::move(sources);
  return plan;
}

std::unique_ptr<Plan> Planner::BuildFromRows(const std::vector<uint16_t>& rows) const {
  std::vector<LogSource> sources;
  int32_t class_uid = 0;
  FieldRenames renames;
  std::vector<SetField> sets;
  for (const uint16_t index : rows) {
    const LogSourceTable::Row& row = layout_.log_sources.rows()[index];
    if (std::find(sources.begin(), sources.end(), row.source) == sources.end()) {
      sources.push_back(row.source);
    }
    if (class_uid == 0) class_uid = row.class_uid;
    renames.insert(renames.end(), row.renames.begin(), row.renames.end());
    AddSets(row, &sets);
  }
  std::unique_ptr<Plan> plan = Build(std::move(sources));
  plan->class_uid = class_uid;
  plan->renames = std::move(renames);
  plan->sets = std::move(sets);
  return plan;
}

void Planner::ReadNumbers(const Value& value, size_t field) {
  Routing::Numbers& numbers = numbers_[field];
  numbers.clear();
  const std::span<const Value> values = value.is_list() ? value.list() : std::span(&value, 1);
  for (const Value& v : values.first(std::min(values.size(), kMaxRoutingValues))) {
    if (!RoutingText(v, &text_)) continue;
    const uint16_t number = layout_.routing.Classify(field, text_);
    // Sorted, so that lists of the same values share a plan.
    const auto at = std::lower_bound(numbers.begin(), numbers.end(), number);
    if (at == numbers.end() || *at != number) numbers.insert(at, number);
  }
}

TreePlaces Planner::PlacesOf(const Binding& binding) {
  if (shape_ == TreeShapes::kNone) return {};
  return {root_, shapes_.Places(binding.number, shape_, binding.fields.size()), slots_,
          shapes_.IsDeep(shape_)};
}

Binding* Planner::BindingFor(const EventView& event, Plan* plan, TreePlaces* tree) {
  Binding* binding = plan->BindingFor(event, layout_.fields.size(), &next_binding_);
  *tree = PlacesOf(*binding);
  return binding;
}

bool Planner::MakeMemoKey(const EventView& event, const Binding& binding, const TreePlaces& places,
                          ValueArena* arena) {
  const std::vector<uint32_t>* const fields = memo_.FieldsOf(KindOf(binding));
  if (fields == nullptr) return false;
  memo_.BeginKey(KindOf(binding));
  if (const LogSource* given = event.log_source(); given != nullptr) {
    for (const std::string* part : {&given->product, &given->category, &given->service}) {
      memo_.AppendToKey(std::string_view(*part));
    }
  }
  for (const uint32_t i : *fields) {
    const Value value = ReadBound(event, binding.fields[i], i, places, arena);
    if (memo_.AppendToKey(value)) continue;
    ReadNumbers(value, i);
    memo_.AppendToKey(numbers_[i]);
  }
  return true;
}

void Planner::LearnFields(const Binding& binding, const TreePlaces& places) {
  std::vector<uint32_t> fields;
  for (uint32_t i = 0; i < binding.fields.size(); ++i) {
    const bool absent = places.root != nullptr ? places.table->places[i] == kPlaceAbsent
                                               : binding.fields[i].paths.empty();
    if (!absent) fields.push_back(i);
  }
  memo_.SetFields(KindOf(binding), std::move(fields));
}

void Planner::ReadRouting(const EventView& event, Binding* binding, const TreePlaces& places,
                          ValueArena* arena) {
  const std::vector<std::string>& fields = layout_.routing.fields();
  numbers_.resize(fields.size());
  key_.clear();
  if (const LogSource* given = event.log_source(); given != nullptr) {
    for (const std::string* part : {&given->product, &given->category, &given->service}) {
      key_.append(*part).push_back('\0');
    }
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    BoundField* bound = &binding->fields[i];
    if (!bound->resolved) {
      BindPaths(event, ResolveRoutingField(fields[i], event.shape()), bound);
    }
    ReadNumbers(ReadBound(event, *bound, i, places, arena), i);
    key_.push_back(static_cast<char>(numbers_[i].size()));
    key_.append(reinterpret_cast<const char*>(numbers_[i].data()),
                numbers_[i].size() * sizeof(uint16_t));
  }
}

Plan* Planner::PlanFor(const EventView& event, ValueArena* arena) {
  root_ = nullptr;
  shape_ = TreeShapes::kNone;
  if (&event.adapter() == &TreeAdapter()) {
    const auto& tree = *static_cast<const Event*>(event.object());
    root_ = &tree.root();
    shape_ = shapes_.NumberOf(*root_, tree.names_token());
    if (shapes_.generation() != shapes_generation_) {
      // Shapes have other numbers now.
      shapes_generation_ = shapes_.generation();
      memo_.Clear();
    }
    if (shape_ != TreeShapes::kNone) slots_ = shapes_.SlotsOf(*root_, shape_);
  }
  // Table rows are read for a given log source too: they know the class and the renamings.
  Binding* binding = routing_.BindingFor(event, layout_.routing.fields().size(), &next_binding_);
  const TreePlaces places = PlacesOf(*binding);
  const bool known = MakeMemoKey(event, *binding, places, arena);
  if (known) {
    if (Plan* plan = memo_.Find(); plan != nullptr) return plan;
  }
  ReadRouting(event, binding, places, arena);
  if (!known) LearnFields(*binding, places);
  Plan* const plan = PlanOfKey(event);
  if (known) memo_.Keep(plan);
  return plan;
}

Plan* Planner::PlanOfKey(const EventView& event) {
  if (const auto it = plans_.find(key_); it != plans_.end()) return it->second.get();
  if (plans_.size() >= kMaxPlans) {
    plans_.clear();
    memo_.Clear();
  }
  std::vector<uint16_t> rows = layout_.routing.Match(numbers_);
  if (event.log_source() != nullptr) {
    // Only rows of the given source say something about this event.
    std::erase_if(rows, [&](uint16_t row) {
      const LogSource& source = layout_.log_sources.rows()[row].source;
      return !event.log_source()->Satisfies(source) && !source.Satisfies(*event.log_source());
    });
  }
  std::unique_ptr<Plan> plan = BuildFromRows(rows);
  if (event.log_source() != nullptr) {
    std::unique_ptr<Plan> given = Build({*event.log_source()});
    given->class_uid = plan->class_uid;
    given->renames = std::move(plan->renames);
    given->sets = std::move(plan->sets);
    plan = std::move(given);
  }
  return plans_.emplace(key_, std::move(plan)).first->second.get();
}

}  // namespace vedette::inline v0
