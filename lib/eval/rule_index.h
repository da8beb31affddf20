// Which of many rules can hold for an event, found by looking at each field once.
#ifndef VEDETTE_LIB_EVAL_RULE_INDEX_H_
#define VEDETTE_LIB_EVAL_RULE_INDEX_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/base/strings.h"
#include "lib/eval/address_blocks.h"
#include "lib/eval/affix_trie.h"
#include "lib/eval/contained_finder.h"
#include "lib/eval/frame.h"
#include "lib/eval/runner.h"
#include "lib/eval/value_memo.h"
#include "lib/eval/witness.h"

namespace vedette::inline v0 {

// Looks for the facts behind all predicates of a plan's rules. A true fact decides its predicates,
// or makes them possible, and wakes the rules of whose witness it is part. A rule that is not woken
// cannot hold; one that is may not (tests/differential proves it against an evaluator without an
// index). Counts how often each fact is true and chooses better witnesses from time to time.
// Belongs to one plan. Thread-compatible.
class RuleIndex {
 public:
  // Over `rules` of the program, in that order. `memo` is shared by indexes, which differ by
  // `number`. All must outlive the index.
  RuleIndex(const ProgramLayout& layout, std::span<const uint32_t> rules, uint32_t number,
            ValueMemo* memo);

  // The rules that may hold for the frame's event: bit i of the words is rules[i]. Tells `runner`
  // about predicates. Valid until the next call.
  std::span<const uint64_t> Candidates(Frame* frame, Runner* runner);
  // Bits of the rules without a witness.
  std::span<const uint64_t> always() const { return always_; }

 private:
  // Texts that are looked up whole.
  struct Equals {
    absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> facts;
    uint64_t lengths = 0;  // bit of each length; the last one for all longer ones

    static uint64_t LengthBit(size_t n) { return uint64_t{1} << (n < 63 ? n : 63); }
  };
  // What is asked of one field.
  struct FieldFacts {
    uint32_t field = kNoField;
    uint32_t present = kNoFact;
    bool texts = false;
    bool number_texts = false;  // some literal can stand in the text of a number
    Equals equals;
    AffixTrie prefixes;
    AffixTrie suffixes;
    AddressBlocks blocks;
    std::vector<std::pair<std::string_view, uint32_t>> contained;  // literals of facts_
    ContainedFinder contains;                                      // of them
    absl::flat_hash_map<uint64_t, uint32_t> numbers;               // by the bits of the double

    // Whether something is asked of the texts as a whole, and not only what they contain.
    bool asks_whole() const {
      return equals.lengths != 0 || !prefixes.empty() || !suffixes.empty() || !blocks.empty();
    }
  };
  // Fields that stand in one slot of a tree, and the whole event, of which it is a part: its text
  // is known, folded and searched once for all.
  struct Group {
    std::vector<uint32_t> fields;   // into fields_
    std::vector<uint32_t> present;  // facts that hold if the slot is there
    bool texts = false;
    bool numbers = false;  // what is no text says something, too
    std::vector<uint32_t> asking_whole;
    std::vector<const ContainedFinder*> contains;
    ContainedFinder all_contains;  // for long texts, if there are several; made when one comes
  };
  struct FactState {
    uint32_t first_rule = 0;  // whom it wakes: a run of woken_
    uint32_t rules = 0;
    uint32_t first_mark = 0;  // what it says of predicates: a run of marks_
    uint32_t marks = 0;
    uint64_t last_event = 0;  // the last for which it was true
    uint64_t times = 0;
  };
  static constexpr uint32_t kNoFact = UINT32_MAX;

  void Cover(uint32_t root, std::vector<std::pair<uint32_t, uint32_t>>* marks);
  void CoverPredicate(uint32_t predicate, std::vector<std::pair<uint32_t, uint32_t>>* marks);
  void BuildFields();
  void BuildField(std::span<const uint32_t> facts);
  // Chooses the witnesses anew, from what was seen.
  void Choose();
  // Looks at all of the event, field by field.
  void LookAtFields(std::span<const uint32_t> fields, Frame* frame);
  void LookAtField(const FieldFacts& f, Frame* frame);
  void LookAtWholeEvent(const FieldFacts& f, Frame* frame);
  void LookAtTexts(const FieldFacts& f, std::span<Scalar> scalars, Frame* frame);
  void LookAtNumber(const FieldFacts& f, const Value& value);
  // The same for a tree of which the index knows where its fields stand, slot by slot.
  void LookAtTree(const TreePlaces& tree, Frame* frame);
  void LookAtGroup(Group* group, uint32_t number, std::string_view text, Frame* frame);
  void LookAtParts(const Value& value, int depth, Frame* frame);
  // Learns that, from an event all of whose fields have been looked at.
  void Prepare(const TreePlaces& tree, Frame* frame);
  uint32_t GroupOf(std::vector<uint32_t> fields);
  const ContainedFinder& ContainsOf(Group* group);
  // Gather the facts of a folded text in found_.
  void FindWhole(const FieldFacts& f, std::string_view text);
  void FindContained(const ContainedFinder& finder, std::string_view text, Frame* frame);
  void Found(uint32_t fact);

  const ProgramLayout& layout_;
  std::span<const uint32_t> rules_;
  WitnessFinder finder_;
  const std::vector<Fact>& facts_;
  std::vector<FactState> states_;  // of facts_
  std::vector<uint32_t> woken_;    // positions in rules_
  std::vector<uint32_t> marks_;    // a predicate, twice; plus 1 if the fact decides it
  std::vector<uint64_t> covered_;  // bits of predicates
  std::vector<FieldFacts> fields_;
  std::vector<uint32_t> all_fields_;  // 0, 1, ..
  FieldFacts* whole_event_ = nullptr;
  std::vector<std::unique_ptr<Group>> groups_;  // the first: of no field
  absl::flat_hash_map<std::vector<uint32_t>, uint32_t> group_numbers_;
  std::vector<uint64_t> always_;
  std::vector<uint64_t> bits_;
  std::vector<uint32_t> found_;
  std::string folded_;
  uint32_t number_;
  ValueMemo* memo_;
  Runner* runner_ = nullptr;
  uint64_t events_ = 0;
  uint64_t choose_at_ = 64;  // events
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_RULE_INDEX_H_
