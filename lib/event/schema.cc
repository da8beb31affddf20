#include "vedette/schema.h"

#include <algorithm>
#include <iterator>

namespace vedette::inline v0 {
namespace {

// What one name means: `count` entries of kMeaningFields from `first` on, the best first.
struct NameMeaning {
  std::string_view name;
  uint32_t first;
  uint32_t count;
};

#include "lib/event/schema_table.inc"

}  // namespace

const Schema& Schema::Builtin() {
  static constexpr Schema schema;
  return schema;
}

std::span<const FieldSpec> Schema::fields() const { return kFieldSpecs; }

std::span<const EventClass> Schema::classes() const { return kEventClasses; }

const EventClass* Schema::FindClass(int32_t class_uid) const {
  const auto it = std::find_if(std::begin(kEventClasses), std::end(kEventClasses),
                               [&](const EventClass& c) { return c.class_uid == class_uid; });
  return it == std::end(kEventClasses) ? nullptr : it;
}

const EventClass* Schema::FindClass(std::string_view name) const {
  const auto it = std::find_if(std::begin(kEventClasses), std::end(kEventClasses),
                               [&](const EventClass& c) { return c.name == name; });
  return it == std::end(kEventClasses) ? nullptr : it;
}

std::span<const uint32_t> Schema::MeaningsOf(std::string_view name) const {
  const auto it =
      std::lower_bound(std::begin(kNameMeanings), std::end(kNameMeanings), name,
                       [](const NameMeaning& m, std::string_view n) { return m.name < n; });
  if (it == std::end(kNameMeanings) || it->name != name) return {};
  return std::span<const uint32_t>(kMeaningFields).subspan(it->first, it->count);
}

}  // namespace vedette::inline v0
