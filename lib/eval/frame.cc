#include "lib/eval/frame.h"

#include <memory>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {
namespace {

constexpr int kMaxListDepth = 64;

// Lists with nothing but empty lists in them hold no value either.
bool IsEmptyList(const Value& v, int depth) {
  if (!v.is_list() || depth >= kMaxListDepth) return false;
  for (const Value& item : v.list()) {
    if (!IsEmptyList(item, depth + 1)) return false;
  }
  return true;
}

// Counts (out == nullptr) or fills the scalars below `v`; objects have none.
size_t Gather(const Value& v, int depth, bool* has_null, Scalar* out) {
  if (v.is_null()) *has_null = true;
  if (v.is_scalar()) {
    if (out != nullptr) std::construct_at(out)->value = v;
    return 1;
  }
  if (!v.is_list() || depth >= kMaxListDepth) return 0;
  size_t count = 0;
  for (const Value& item : v.list()) {
    count += Gather(item, depth + 1, has_null, out == nullptr ? nullptr : out + count);
  }
  return count;
}

}  // namespace

Frame::Frame(const ProgramLayout& layout, size_t max_scan_bytes, const IndicatorSets* sets)
    : layout_(layout),
      max_scan_bytes_(max_scan_bytes),
      indicators_(sets),
      event_(TreeAdapter(), nullptr),
      slots_(layout.fields.size()) {}

void Frame::Begin(const EventView& event) {
  event_ = event;
  plan_ = nullptr;
  binding_ = nullptr;
  scanned_ = 0;
  budget_ = max_scan_bytes_;
  ++event_number_;
  arena_.Reset();
  indicators_.Begin(event.time());
}

void Frame::set_plan(Plan* plan, Binding* binding, TreePlaces tree) {
  plan_ = plan;
  binding_ = binding;
  tree_ = tree;
}

FieldState Frame::StateOf(const Value& value) {
  FieldState state;
  state.value = value;
  if (value.absent()) return state;
  state.present = true;
  state.null = IsEmptyList(value, 0);
  const size_t count = Gather(value, 0, &state.null, nullptr);
  if (count == 0) return state;
  Scalar* scalars = static_cast<Scalar*>(arena_.Allocate(count * sizeof(Scalar), alignof(Scalar)));
  Gather(value, 0, &state.null, scalars);
  state.scalars = {scalars, count};
  return state;
}

FieldState& Frame::Field(uint32_t field) {
  Slot& slot = slots_[field];
  if (slot.event != event_number_) {
    slot.event = event_number_;
    slot.state = StateOf(ReadField(event_, layout_.fields[field], field, *plan_, tree_,
                                   &binding_->fields[field], &arena_));
  }
  return slot.state;
}

FieldState Frame::RelativeField(const Value& element, uint32_t field) {
  return StateOf(Lookup(element, layout_.fields[field], &arena_));
}

std::span<Scalar> Frame::Choices(const CompiledExpr& expr, size_t i, const Value* element) {
  const uint32_t field = expr.fields[i];
  const FieldState state = element != nullptr ? RelativeField(*element, field) : Field(field);
  if (!state.scalars.empty()) return state.scalars;
  auto* none = static_cast<Scalar*>(arena_.Allocate(sizeof(Scalar), alignof(Scalar)));
  std::construct_at(none)->value = Value::Null();
  return {none, 1};
}

std::span<Scalar> Frame::WholeEvent() {
  if (whole_event_of_ != event_number_) {
    whole_event_of_ = event_number_;
    whole_event_.clear();
    event_.adapter().VisitScalars(event_.object(), &arena_, [this](const Value& v) {
      if (v.is_scalar()) whole_event_.push_back({v, {}, {}, false, false});
    });
  }
  return whole_event_;
}

std::string_view Frame::FoldedWholeEvent(bool all) {
  constexpr size_t kKept = size_t{1} << 20;
  if (whole_text_.capacity() > kKept) std::string().swap(whole_text_);
  whole_text_.clear();
  event_.adapter().VisitScalars(event_.object(), &arena_, [this, all](const Value& v) {
    if (v.is_string()) {
      AppendFolded(v.string(), &whole_text_);
    } else if (all) {
      v.AppendText(&whole_text_);
    } else {
      return;
    }
    whole_text_.push_back('\0');
  });
  return whole_text_;
}

std::string_view Frame::Text(Scalar* scalar) {
  if (scalar->has_text) return scalar->text;
  scalar->has_text = true;
  if (scalar->value.is_string()) {
    scalar->text = scalar->value.string();
  } else {
    scratch_.clear();
    scalar->value.AppendText(&scratch_);
    scalar->text = arena_.CopyString(scratch_);
  }
  return scalar->text;
}

std::string_view Frame::Folded(Scalar* scalar) {
  if (scalar->has_folded) return scalar->folded;
  scalar->has_folded = true;
  const std::string_view text = Text(scalar);
  char* const folded = static_cast<char*>(arena_.Allocate(text.size(), 1));
  if (FoldAsciiTo(text, folded)) {
    scalar->folded = {folded, text.size()};
    return scalar->folded;
  }
  scratch_.clear();
  AppendFolded(text, &scratch_);
  scalar->folded = arena_.CopyString(scratch_);
  return scalar->folded;
}

}  // namespace vedette::inline v0
