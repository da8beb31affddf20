#include "lib/eval/rule_index.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <numeric>
#include <optional>
#include <utility>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {
namespace {

using Literals = std::vector<std::pair<std::string_view, uint32_t>>;
using Op = CompiledPredicate::Op;

// Witnesses are chosen anew when so many times the events have passed, up to some number.
constexpr uint64_t kChooseFactor = 8;
constexpr uint64_t kLastChoice = 1 << 16;

// Texts from so many bytes on are searched once for all that is asked of them, with a finder of its
// own, rather than once for each field with the finder of all groups.
constexpr size_t kLongText = 128;
// Events may have members in ever new combinations.
constexpr size_t kMaxGroups = 4096;
// Tells groups from fields in the memo; there are fewer fields.
constexpr uint32_t kGroupOwner = 1U << 30;
// Of the buffer for folding.
constexpr size_t kKeptText = size_t{1} << 20;
// No reader makes deeper trees.
constexpr int kMaxDepth = 256;

// Whether the fact of the predicate is all that it says.
bool Decides(const CompiledPredicate& p) {
  if (p.op == Op::kCidr) return true;
  if (p.op != Op::kText && p.op != Op::kKeyword) return false;
  // A keyword with a NUL may be found across two texts of the event.
  if (p.op == Op::kKeyword && p.matcher.literal().find('\0') != std::string::npos) return false;
  return !p.matcher.cased() && p.matcher.kind() != TextMatcher::Kind::kWildcard;
}

// Whether the text of a number or a boolean may have to do with the literal.
bool FitsNumber(std::string_view literal) {
  constexpr std::string_view kLetters = "0123456789+-.einftruals";
  return literal.find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

RuleIndex::RuleIndex(const ProgramLayout& layout, std::span<const uint32_t> rules, uint32_t number,
                     ValueMemo* memo)
    : layout_(layout),
      rules_(rules),
      finder_(layout),
      facts_(finder_.facts()),
      number_(number),
      memo_(memo) {
  const size_t words = (rules.size() + 63) / 64;
  always_.assign(words, 0);
  bits_.assign(words, 0);
  covered_.assign(layout.predicates.size() / 64 + 1, 0);
  std::vector<std::pair<uint32_t, uint32_t>> marks;  // fact, as marks_
  std::vector<uint32_t> witness;
  for (const uint32_t rule : rules) {
    Cover(layout.rules[rule].root, &marks);
    finder_.Find(layout.rules[rule].root, &witness);  // interns the facts that cover nothing
  }
  states_.resize(facts_.size());
  std::sort(marks.begin(), marks.end());
  for (const auto& [fact, mark] : marks) {
    FactState& state = states_[fact];
    if (state.marks == 0) state.first_mark = static_cast<uint32_t>(marks_.size());
    ++state.marks;
    marks_.push_back(mark);
  }
  Choose();
  BuildFields();
  GroupOf({});
}

// Recursion is bounded by the depth that the verifier allows.
void RuleIndex::Cover(uint32_t root, std::vector<std::pair<uint32_t, uint32_t>>* marks) {
  const ProgramNode& node = layout_.nodes[root];
  if (node.kind == ProgramNode::Kind::kPredicate) {
    CoverPredicate(node.first, marks);
    return;
  }
  for (uint32_t i = 0; i < node.count; ++i) Cover(node.first + i, marks);
}

void RuleIndex::CoverPredicate(uint32_t predicate,
                               std::vector<std::pair<uint32_t, uint32_t>>* marks) {
  uint64_t& word = covered_[predicate / 64];
  const uint64_t bit = uint64_t{1} << (predicate % 64);
  if ((word & bit) != 0) return;
  const std::vector<uint32_t>* facts = finder_.FactsOf(predicate);
  if (facts == nullptr) return;
  for (const uint32_t fact : *facts) {
    if (facts_[fact].kind == Fact::Kind::kPresent) return;  // says too little
  }
  word |= bit;
  const uint32_t decides = Decides(layout_.predicates[predicate]) ? 1 : 0;
  for (const uint32_t fact : *facts) marks->emplace_back(fact, predicate * 2 + decides);
}

void RuleIndex::Choose() {
  if (events_ > 0) {
    for (uint32_t i = 0; i < facts_.size(); ++i) {
      // Half an event more: what was not seen yet may be.
      const double times = static_cast<double>(states_[i].times) + 0.5;
      finder_.SetRate(i, times / (static_cast<double>(events_) + 1));
    }
  }
  std::fill(always_.begin(), always_.end(), 0);
  std::vector<std::pair<uint32_t, uint32_t>> wakes;  // fact, position of the rule
  std::vector<uint32_t> witness;
  for (size_t i = 0; i < rules_.size(); ++i) {
    if (!finder_.Find(layout_.rules[rules_[i]].root, &witness)) {
      always_[i / 64] |= uint64_t{1} << (i % 64);
      continue;
    }
    for (const uint32_t fact : witness) wakes.emplace_back(fact, static_cast<uint32_t>(i));
  }
  std::sort(wakes.begin(), wakes.end());
  woken_.clear();
  for (FactState& state : states_) state.rules = 0;
  for (const auto& [fact, rule] : wakes) {
    FactState& state = states_[fact];
    if (state.rules == 0) state.first_rule = static_cast<uint32_t>(woken_.size());
    ++state.rules;
    woken_.push_back(rule);
  }
}

void RuleIndex::BuildFields() {
  std::vector<uint32_t> order(facts_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [this](uint32_t a, uint32_t b) { return facts_[a].field < facts_[b].field; });
  const std::span<const uint32_t> all(order);
  for (size_t i = 0; i < all.size();) {
    size_t j = i;
    while (j < all.size() && facts_[all[j]].field == facts_[all[i]].field) ++j;
    BuildField(all.subspan(i, j - i));
    i = j;
  }
  for (uint32_t i = 0; i < fields_.size(); ++i) {
    all_fields_.push_back(i);
    if (fields_[i].field == kWholeEvent) whole_event_ = &fields_[i];
  }
}

void RuleIndex::BuildField(std::span<const uint32_t> facts) {
  FieldFacts f;
  f.field = facts_[facts[0]].field;
  Literals prefixes;
  Literals suffixes;
  std::vector<std::pair<Cidr, uint32_t>> blocks;
  for (const uint32_t number : facts) {
    const Fact& fact = facts_[number];
    const bool text = fact.kind != Fact::Kind::kPresent && fact.kind != Fact::Kind::kNumber;
    f.texts = f.texts || text;
    const bool fits = fact.kind != Fact::Kind::kAddress && FitsNumber(fact.literal);
    f.number_texts = f.number_texts || (text && fits);
    switch (fact.kind) {
      case Fact::Kind::kPresent:
        f.present = number;
        break;
      case Fact::Kind::kEqual:
        f.equals.facts.emplace(fact.literal, number);
        f.equals.lengths |= Equals::LengthBit(fact.literal.size());
        break;
      case Fact::Kind::kPrefix:
        prefixes.emplace_back(fact.literal, number);
        break;
      case Fact::Kind::kSuffix:
        suffixes.emplace_back(fact.literal, number);
        break;
      case Fact::Kind::kContains:
        f.contained.emplace_back(fact.literal, number);
        break;
      case Fact::Kind::kNumber:
        f.numbers.emplace(std::bit_cast<uint64_t>(fact.number), number);
        break;
      case Fact::Kind::kAddress:
        blocks.emplace_back(fact.block, number);
        break;
    }
  }
  f.prefixes = AffixTrie(AffixTrie::End::kPrefix, prefixes);
  f.suffixes = AffixTrie(AffixTrie::End::kSuffix, suffixes);
  f.blocks = AddressBlocks(blocks);
  f.contains = ContainedFinder(f.contained);
  fields_.push_back(std::move(f));
}

inline void RuleIndex::Found(uint32_t fact) {
  FactState& state = states_[fact];
  if (state.last_event == events_) return;
  state.last_event = events_;
  ++state.times;
  for (uint32_t i = state.first_mark; i < state.first_mark + state.marks; ++i) {
    const uint32_t mark = marks_[i];
    if ((mark & 1) != 0) {
      runner_->MarkTrue(mark / 2);
    } else {
      runner_->MarkPossible(mark / 2);
    }
  }
  for (uint32_t i = state.first_rule; i < state.first_rule + state.rules; ++i) {
    const uint32_t rule = woken_[i];
    bits_[rule / 64] |= uint64_t{1} << (rule % 64);
  }
}

void RuleIndex::LookAtWholeEvent(const FieldFacts& f, Frame* frame) {
  // Keywords are mostly contained; what is to be equal or an affix needs the texts one by one.
  if (f.asks_whole()) {
    LookAtTexts(f, frame->WholeEvent(), frame);
    return;
  }
  const std::string_view text = frame->FoldedWholeEvent(f.number_texts);
  frame->Charge(text.size());
  f.contains.Find(text, [this](uint32_t fact) { Found(fact); });
}

void RuleIndex::FindWhole(const FieldFacts& f, std::string_view text) {
  const auto found = [this](uint32_t fact) { found_.push_back(fact); };
  if ((f.equals.lengths & Equals::LengthBit(text.size())) != 0) {
    const auto it = f.equals.facts.find(text);
    if (it != f.equals.facts.end()) found(it->second);
  }
  if (!f.prefixes.empty()) f.prefixes.Find(text, found);
  if (!f.suffixes.empty()) f.suffixes.Find(text, found);
  if (!f.blocks.empty()) f.blocks.Find(text, found);
}

void RuleIndex::FindContained(const ContainedFinder& finder, std::string_view text, Frame* frame) {
  frame->Charge(text.size());
  finder.Find(text, [this](uint32_t fact) {
    // A literal may stand in several places, mostly one after the other.
    if (found_.empty() || found_.back() != fact) found_.push_back(fact);
  });
}

void RuleIndex::LookAtTexts(const FieldFacts& f, std::span<Scalar> scalars, Frame* frame) {
  for (Scalar& scalar : scalars) {
    std::optional<ValueMemo::Key> key;
    if (scalar.value.is_string()) {
      key = memo_->KeyOf(uint64_t{number_} << 32 | f.field, scalar.value.string());
      const auto known = key ? memo_->Find(*key) : std::nullopt;
      if (known) {
        for (const uint32_t fact : *known) Found(fact);
        continue;
      }
    } else if (!f.number_texts) {
      continue;
    }
    const std::string_view text = frame->Folded(&scalar);
    found_.clear();
    FindWhole(f, text);
    if (!f.contains.empty()) FindContained(f.contains, text, frame);
    for (const uint32_t fact : found_) Found(fact);
    if (key) memo_->Keep(*key, found_);
  }
}

void RuleIndex::LookAtNumber(const FieldFacts& f, const Value& value) {
  if (!value.is_number()) return;
  const auto it = f.numbers.find(std::bit_cast<uint64_t>(value.AsDouble() + 0.0));
  if (it != f.numbers.end()) Found(it->second);
}

void RuleIndex::LookAtField(const FieldFacts& f, Frame* frame) {
  const FieldState& state = frame->Field(f.field);
  if (!state.present) return;
  if (f.present != kNoFact) Found(f.present);
  if (f.texts) LookAtTexts(f, state.scalars, frame);
  if (f.numbers.empty()) return;
  for (const Scalar& scalar : state.scalars) LookAtNumber(f, scalar.value);
}

void RuleIndex::LookAtFields(std::span<const uint32_t> fields, Frame* frame) {
  for (const uint32_t i : fields) {
    const FieldFacts& f = fields_[i];
    if (f.field == kWholeEvent) {
      LookAtWholeEvent(f, frame);
    } else if (!frame->IsAbsent(f.field)) {
      LookAtField(f, frame);
    }
  }
}

uint32_t RuleIndex::GroupOf(std::vector<uint32_t> fields) {
  const auto [it, is_new] =
      group_numbers_.try_emplace(fields, static_cast<uint32_t>(groups_.size()));
  if (!is_new) return it->second;
  Group& group = *groups_.emplace_back(std::make_unique<Group>());
  group.fields = std::move(fields);
  const auto add_texts = [&group](uint32_t number, const FieldFacts& f) {
    if (!f.texts) return;
    group.texts = true;
    if (f.asks_whole()) group.asking_whole.push_back(number);
    if (!f.contains.empty()) group.contains.push_back(&f.contains);
  };
  for (const uint32_t i : group.fields) {
    const FieldFacts& f = fields_[i];
    if (f.present != kNoFact) group.present.push_back(f.present);
    group.numbers = group.numbers || f.number_texts || !f.numbers.empty();
    add_texts(i, f);
  }
  if (whole_event_ != nullptr) {
    add_texts(static_cast<uint32_t>(whole_event_ - fields_.data()), *whole_event_);
  }
  return it->second;
}

const ContainedFinder& RuleIndex::ContainsOf(Group* group) {
  if (group->all_contains.empty()) {
    Literals literals;
    const auto add = [&literals](const FieldFacts& f) {
      literals.insert(literals.end(), f.contained.begin(), f.contained.end());
    };
    for (const uint32_t i : group->fields) add(fields_[i]);
    if (whole_event_ != nullptr) add(*whole_event_);
    group->all_contains = ContainedFinder(literals);
  }
  return group->all_contains;
}

void RuleIndex::Prepare(const TreePlaces& tree, Frame* frame) {
  TreeShapes::Table& table = *tree.table;
  std::vector<std::vector<uint32_t>> in_slot(tree.slots.size());
  table.prepared = groups_.size() + tree.slots.size() <= kMaxGroups;
  if (!table.prepared) return;
  for (const uint32_t i : all_fields_) {
    const FieldFacts& f = fields_[i];
    if (f.field == kWholeEvent || frame->IsAbsent(f.field)) continue;
    const int16_t place = table.places[f.field];
    if (place >= 0) {
      in_slot[static_cast<size_t>(place)].push_back(i);
    } else {
      table.asked.push_back(i);
    }
  }
  for (std::vector<uint32_t>& fields : in_slot) {
    table.groups.push_back(GroupOf(std::move(fields)));
  }
}

void RuleIndex::LookAtGroup(Group* group, uint32_t number, std::string_view text, Frame* frame) {
  if (!group->texts) return;
  const auto key = memo_->KeyOf(uint64_t{number_} << 32 | kGroupOwner | number, text);
  if (const auto known = key ? memo_->Find(*key) : std::nullopt) {
    for (const uint32_t fact : *known) Found(fact);
    return;
  }
  folded_.clear();
  AppendFolded(text, &folded_);
  found_.clear();
  for (const uint32_t i : group->asking_whole) FindWhole(fields_[i], folded_);
  if (group->contains.size() > 1 && folded_.size() >= kLongText) {
    FindContained(ContainsOf(group), folded_, frame);
  } else {
    for (const ContainedFinder* finder : group->contains) FindContained(*finder, folded_, frame);
  }
  for (const uint32_t fact : found_) Found(fact);
  if (key) memo_->Keep(*key, found_);
  if (folded_.capacity() > kKeptText) std::string().swap(folded_);
}

// The texts of what is no text itself, for the whole event.
void RuleIndex::LookAtParts(const Value& value, int depth, Frame* frame) {
  if (value.is_string()) {
    LookAtGroup(groups_[0].get(), 0, value.string(), frame);
  } else if (value.is_scalar()) {
    if (!whole_event_->number_texts) return;
    Scalar scalar;
    scalar.value = value;
    LookAtTexts(*whole_event_, std::span(&scalar, 1), frame);
  } else if (depth >= kMaxDepth) {
    return;
  } else if (value.is_list()) {
    for (const Value& item : value.list()) LookAtParts(item, depth + 1, frame);
  } else if (value.is_object()) {
    for (const Member& member : value.members()) LookAtParts(member.value, depth + 1, frame);
  }
}

void RuleIndex::LookAtTree(const TreePlaces& tree, Frame* frame) {
  for (size_t i = 0; i < tree.slots.size(); ++i) {
    const Value& value = *tree.slots[i];
    const uint32_t number = tree.table->groups[i];
    Group* const group = groups_[number].get();
    if (value.is_string()) {
      for (const uint32_t fact : group->present) Found(fact);
      LookAtGroup(group, number, value.string(), frame);
      continue;
    }
    if (value.is_scalar() && !group->numbers) {
      for (const uint32_t fact : group->present) Found(fact);
    } else {
      for (const uint32_t f : group->fields) LookAtField(fields_[f], frame);
    }
    // The parts of an object have slots of their own.
    const bool has_slots = tree.deep && value.is_object();
    if (whole_event_ != nullptr && !has_slots) LookAtParts(value, 0, frame);
  }
  LookAtFields(tree.table->asked, frame);
}

std::span<const uint64_t> RuleIndex::Candidates(Frame* frame, Runner* runner) {
  if (events_ == choose_at_) {
    Choose();
    choose_at_ = choose_at_ < kLastChoice ? choose_at_ * kChooseFactor : 0;
  }
  ++events_;
  runner_ = runner;
  bits_ = always_;
  const TreePlaces& tree = frame->tree();
  if (tree.root == nullptr) {
    Binding* const binding = frame->binding();
    LookAtFields(binding->prepared ? binding->asked : all_fields_, frame);
    if (!binding->prepared) {
      binding->prepared = true;
      std::copy_if(all_fields_.begin(), all_fields_.end(), std::back_inserter(binding->asked),
                   [this, frame](uint32_t i) {
                     return fields_[i].field == kWholeEvent || !frame->IsAbsent(fields_[i].field);
                   });
    }
  } else if (tree.table->prepared) {
    LookAtTree(tree, frame);
  } else {
    LookAtFields(all_fields_, frame);
    Prepare(tree, frame);
  }
  runner->SetCovered(covered_.data());
  return bits_;
}

}  // namespace vedette::inline v0
