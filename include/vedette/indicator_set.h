// Sets of indicators (addresses, domains, hashes, texts, records of them) that rules ask by name:
// `source.ip in set("c2")`. The host fills them and may change them while rules run.
#ifndef VEDETTE_INDICATOR_SET_H_
#define VEDETTE_INDICATOR_SET_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "vedette/event.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

enum class IndicatorType : uint8_t {
  kText,         // the same text, byte by byte
  kTextAnyCase,  // the same text under Unicode simple case folding
  kHash,         // hexadecimal digits in any case
  kAddress,      // an IP address, or a block (10.0.0.0/8) with all addresses in it
  kDomain,       // a host name; case and a final dot make no difference
  kDomainTree,   // the host name and every name below it; "*." or "." before it is left out
};
// "text", "nocase", "hash", "ip", "domain", "subdomains".
std::string_view IndicatorTypeName(IndicatorType type);
std::optional<IndicatorType> IndicatorTypeByName(std::string_view name);
// For feeds that do not say: addresses and blocks, digests of a usual length, names that begin with
// "*." or "."; everything else is kText.
IndicatorType GuessIndicatorType(std::string_view text);

struct IndicatorValue {
  std::string field;  // "" in sets of plain values
  std::string text;
  IndicatorType type = IndicatorType::kText;
};

// One thing that is known: a value, or a record of several that belong together. Value type.
struct Indicator {
  std::vector<IndicatorValue> values;
  std::string source;   // feed; for people
  int confidence = -1;  // 0 to 100; -1: not said
  Level severity = Level::kUnset;
  EventTime valid_until = kNoEventTime;  // for events up to then; kNoEventTime: for ever
};

// What is asked about one field of an indicator.
struct IndicatorTest {
  std::string_view field;
  std::string_view text;
};

// Immutable and thread-safe; shared by any number of evaluators.
class IndicatorSet {
 public:
  // Thread-compatible.
  class Builder {
   public:
    Builder();
    ~Builder();
    Builder(Builder&&) noexcept;
    Builder& operator=(Builder&&) noexcept;
    // InvalidArgument, and nothing is added, for an indicator without values or with one that is
    // empty or not what its type says.
    absl::Status Add(Indicator indicator);
    absl::Status Add(std::string text);  // of the type that GuessIndicatorType gives
    // The set; the builder is empty then.
    std::shared_ptr<const IndicatorSet> Build();

   private:
    friend class IndicatorSet;
    struct Index;
    std::unique_ptr<Index> index_;
  };

  ~IndicatorSet();
  size_t size() const;
  const Indicator& indicator(size_t index) const;
  // The first indicator that has a value for every test and is valid at `at` (at any time if that
  // is kNoEventTime); -1 if there is none. `scratch` keeps its memory between calls, so that a
  // lookup allocates nothing.
  int64_t Find(std::span<const IndicatorTest> tests, EventTime at, std::string* scratch) const;

 private:
  explicit IndicatorSet(std::unique_ptr<const Builder::Index> index);
  std::unique_ptr<const Builder::Index> index_;
};

// The sets of one host, by name. Thread-safe: Set may be called while evaluators run; each takes
// the new sets before its next event.
//
//   vedette::IndicatorSet::Builder feed;
//   absl::Status added = feed.Add("203.0.113.0/24");
//   vedette::IndicatorSets sets;
//   sets.Set("c2", feed.Build());
//   vedette::Evaluator evaluator(program, {.indicator_sets = &sets});
class IndicatorSets {
 public:
  using Map = std::map<std::string, std::shared_ptr<const IndicatorSet>, std::less<>>;

  IndicatorSets();
  ~IndicatorSets();
  IndicatorSets(const IndicatorSets&) = delete;
  IndicatorSets& operator=(const IndicatorSets&) = delete;

  // Replaces the set of that name; null takes it away.
  void Set(std::string name, std::shared_ptr<const IndicatorSet> set);
  // All sets as they are now; never null.
  std::shared_ptr<const Map> snapshot() const;
  // Grows with every change.
  uint64_t version() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_INDICATOR_SET_H_
