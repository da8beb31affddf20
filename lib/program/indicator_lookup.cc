#include "lib/program/indicator_lookup.h"

#include <array>

namespace vedette::inline v0 {

void IndicatorLookup::Begin(EventTime at) {
  at_ = at;
  hit_ = {};
  if (sets_ == nullptr || sets_->version() == version_) return;
  // Read before the sets: a change in between is seen again at the next event.
  version_ = sets_->version();
  map_ = sets_->snapshot();
}

Value IndicatorLookup::Call(std::span<const Value> args) {
  constexpr size_t kMaxTests = 16;
  for (const Value& v : args) {
    if (!v.is_scalar()) return Value::Null();
  }
  const size_t n = args.size();
  if (n < 2 || (n > 2 && n % 2 == 0) || n / 2 > kMaxTests || !args[1].is_string()) {
    return Value::Null();
  }
  const auto found =
      map_ == nullptr ? IndicatorSets::Map::const_iterator() : map_->find(args[1].string());
  if (map_ == nullptr || found == map_->end()) {
    ++missing_sets_;
    return Value::Bool(false);
  }
  std::array<IndicatorTest, kMaxTests> tests;
  std::array<size_t, kMaxTests> ends;
  const size_t count = n == 2 ? 1 : n / 2;
  texts_.clear();
  for (size_t i = 0; i < count; ++i) {
    // value, set, field, value, field, ..
    const Value& value = args[i == 0 ? 0 : 2 * i + 1];
    if (n > 2) {
      const Value& field = args[2 * i + 2];
      if (!field.is_string()) return Value::Null();
      tests[i].field = field.string();
    }
    if (!value.is_string()) value.AppendText(&texts_);
    ends[i] = texts_.size();
    if (value.is_string()) tests[i].text = value.string();
  }
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    if (ends[i] > begin) tests[i].text = std::string_view(texts_).substr(begin, ends[i] - begin);
  }
  const IndicatorSet& set = *found->second;
  const int64_t indicator = set.Find(std::span(tests).first(count), at_, &scratch_);
  if (indicator < 0) return Value::Bool(false);
  hit_ = {&set, found->first, static_cast<size_t>(indicator), args[0]};
  return Value::Bool(true);
}

}  // namespace vedette::inline v0
