// Names of alerts, fingerprints and incidents: 128 bits, the same for the same input everywhere.
#ifndef VEDETTE_ALERT_ID_H_
#define VEDETTE_ALERT_ID_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vedette::inline v0 {

// A name, not a proof: made by a fast hash, so that whoever decides by equality of contents must
// compare the contents (folds do). Value type.
struct Id128 {
  uint64_t high = 0;
  uint64_t low = 0;

  bool empty() const { return high == 0 && low == 0; }
  // 32 hexadecimal digits in lower case.
  std::string ToText() const;
  // Nothing unless `text` is what ToText gives.
  static std::optional<Id128> Parse(std::string_view text);

  friend auto operator<=>(const Id128&, const Id128&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Id128& id) {
    return H::combine(std::move(h), id.high, id.low);
  }
};

// The id of some bytes; never empty.
Id128 MakeId(std::string_view bytes);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_ID_H_
