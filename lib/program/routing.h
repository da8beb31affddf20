// Log-source routing, compiled: which rows of the table hold for an event is decided from small
// numbers, a few per routing field, so that equal events share one cached plan.
#ifndef VEDETTE_LIB_PROGRAM_ROUTING_H_
#define VEDETTE_LIB_PROGRAM_ROUTING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/base/strings.h"
#include "vedette/logsource.h"

namespace vedette::inline v0 {

// Immutable once built; thread-safe.
class Routing {
 public:
  static constexpr uint16_t kOther = 1;  // a text that no condition names
  // The numbers of one field's values; empty if the event does not have it.
  using Numbers = std::vector<uint16_t>;

  Routing() = default;
  explicit Routing(const LogSourceTable& table);

  // Names of the fields that conditions read.
  const std::vector<std::string>& fields() const { return names_; }
  // The number of a field's folded text.
  uint16_t Classify(size_t field, std::string_view folded_text) const;
  // Indexes of the rows that hold, ascending, given the numbers of each field; those that hold only
  // by what other rows assume (`assume:`) count, too.
  std::vector<uint16_t> Match(std::span<const Numbers> numbers) const;

 private:
  struct Field {
    absl::flat_hash_map<std::string, uint16_t, StringHash, StringEq> exact;
    std::vector<std::pair<std::string, uint16_t>> prefixes;  // longest first
  };
  struct Condition {
    uint32_t field = 0;
    bool any_present = false;
    bool absent = false;
    std::vector<uint16_t> accepted;
    std::vector<uint16_t> rejected;  // with any_present: all but these
  };

  static bool Holds(const Condition& condition, const Numbers& numbers);
  std::vector<uint16_t> MatchOnce(std::span<const Numbers> numbers) const;
  static void AddNumbers(const Field& field, const std::string& value,
                         std::vector<uint16_t>* numbers);

  std::vector<std::string> names_;
  std::vector<Field> fields_;
  std::vector<std::vector<Condition>> rows_;
  // By row: field and number that the row assumes.
  std::vector<std::vector<std::pair<uint32_t, uint16_t>>> assumed_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_ROUTING_H_
