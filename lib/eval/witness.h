// Witnesses: for each rule a set of simple facts about an event of which at least one is true
// whenever the rule holds.
#ifndef VEDETTE_LIB_EVAL_WITNESS_H_
#define VEDETTE_LIB_EVAL_WITNESS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/event/address.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

inline constexpr uint32_t kWholeEvent = UINT32_MAX - 1;

// A fact that a RuleIndex finds for all rules at once.
struct Fact {
  enum class Kind : uint8_t {
    kPresent,   // the event has the field, null or not
    kEqual,     // some scalar of the field, as folded text, is the literal
    kPrefix,    // .. begins with it
    kSuffix,    // .. ends with it
    kContains,  // .. contains it
    kNumber,    // some scalar of the field is a number equal to `number`
    kAddress,   // some scalar of the field is an address in `block`
  };
  Kind kind = Kind::kPresent;
  uint32_t field = kNoField;  // kWholeEvent: any scalar of the event (kContains and the like)
  std::string literal;
  double number = 0;
  Cidr block;

  // Bytes that are equal for equal facts.
  std::string Key() const;
};

// Finds witnesses of rules of one program; facts are shared among rules. Thread-compatible.
class WitnessFinder {
 public:
  explicit WitnessFinder(const ProgramLayout& layout) : layout_(layout) {}

  // The facts of the rule whose formula is at `root`, by number: those that are seldom true. False
  // if there are none: the rule may hold for any event. Recursion is bounded by the depth that the
  // verifier allows.
  bool Find(uint32_t root, std::vector<uint32_t>* facts);
  // Facts of which one is true if the predicate is; null if nothing of the kind is known.
  const std::vector<uint32_t>* FactsOf(uint32_t predicate);

  const std::vector<Fact>& facts() const { return facts_; }
  // In what share of events a fact is true: an estimate until something better is known.
  void SetRate(uint32_t fact, double rate) { rates_[fact] = rate; }

 private:
  // A set of facts, one of which is true if the formula is; `open`: nothing is known.
  struct Witness {
    bool open = false;
    double cost = 0;  // how many of the facts an event has, on average
    std::vector<uint32_t> facts;
  };
  // The same for a predicate, whatever the rates.
  struct Known {
    bool open = false;
    std::vector<uint32_t> facts;
  };

  Witness OfNode(uint32_t index);
  const Known& OfPredicate(uint32_t predicate);
  bool FindFacts(const CompiledPredicate& p, std::vector<uint32_t>* out);
  bool OfText(const TextMatcher& matcher, uint32_t field, std::vector<uint32_t>* out);
  bool OfLiteral(Fact::Kind kind, uint32_t field, std::string_view literal, bool fold,
                 std::vector<uint32_t>* out);
  bool Present(uint32_t field, std::vector<uint32_t>* out);
  uint32_t Intern(Fact fact);

  const ProgramLayout& layout_;
  std::vector<Fact> facts_;
  std::vector<double> rates_;  // of facts_
  absl::flat_hash_map<std::string, uint32_t> numbers_;
  absl::flat_hash_map<uint32_t, std::unique_ptr<const Known>> known_;  // by predicate
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_WITNESS_H_
