#include "lib/eval/witness.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "lib/base/casefold.h"
#include "lib/eval/regex_literals.h"

namespace vedette::inline v0 {
namespace {

using Op = CompiledPredicate::Op;

bool IsUtf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    char32_t c = 0;
    const size_t length = NextCodePoint(s, i, &c);
    if (length == 1 && c > 0x7F) return false;
    i += length;
  }
  return true;
}

// The literal piece that says most, and where it must stand.
const TextMatcher::Piece* BestPiece(const TextMatcher& matcher, Fact::Kind* kind) {
  const std::vector<TextMatcher::Piece>& pieces = matcher.pieces();
  const TextMatcher::Piece* best = nullptr;
  for (const TextMatcher::Piece& piece : pieces) {
    if (piece.kind != TextMatcher::Piece::Kind::kLiteral) continue;
    if (best == nullptr || piece.text.size() > best->text.size()) best = &piece;
  }
  *kind = best == &pieces.front()  ? Fact::Kind::kPrefix
          : best == &pieces.back() ? Fact::Kind::kSuffix
                                   : Fact::Kind::kContains;
  return best;
}

// How often a fact is true of an event before anything was seen: longer literals are rarer.
double EstimatedRate(const Fact& fact) {
  const auto length = static_cast<double>(fact.literal.size());
  switch (fact.kind) {
    case Fact::Kind::kPresent:
      return 0.6;
    case Fact::Kind::kNumber:
      return 0.03;
    case Fact::Kind::kAddress:
      return 0.05;
    case Fact::Kind::kEqual:
      return length < 6 ? 0.1 : 0.02;
    case Fact::Kind::kPrefix:
    case Fact::Kind::kSuffix:
      return std::max(0.3 * std::pow(0.7, length), 0.0005);
    case Fact::Kind::kContains:
      return std::max(0.6 * std::pow(0.7, length), 0.0005);
  }
  return 1;
}

}  // namespace

std::string Fact::Key() const {
  std::string key(1, static_cast<char>(kind));
  char bytes[sizeof(double)];
  std::memcpy(bytes, &field, sizeof(field));
  key.append(bytes, sizeof(field));
  if (kind == Kind::kNumber) {
    std::memcpy(bytes, &number, sizeof(number));
    key.append(bytes, sizeof(number));
  } else if (kind == Kind::kAddress) {
    key.push_back(block.v6 ? '6' : '4');
    key.push_back(static_cast<char>(block.bits));
    key.append(reinterpret_cast<const char*>(block.bytes.data()), block.bytes.size());
  }
  return key + literal;
}

uint32_t WitnessFinder::Intern(Fact fact) {
  const auto [it, is_new] = numbers_.try_emplace(fact.Key(), static_cast<uint32_t>(facts_.size()));
  if (is_new) {
    rates_.push_back(EstimatedRate(fact));
    facts_.push_back(std::move(fact));
  }
  return it->second;
}

bool WitnessFinder::Present(uint32_t field, std::vector<uint32_t>* out) {
  if (field == kWholeEvent || field == kNoField) return false;
  out->push_back(Intern({Fact::Kind::kPresent, field, "", 0, {}}));
  return true;
}

bool WitnessFinder::OfLiteral(Fact::Kind kind, uint32_t field, std::string_view literal, bool fold,
                              std::vector<uint32_t>* out) {
  // Folding byte by byte is folding piece by piece only where pieces are whole characters.
  if (fold && !IsUtf8(literal)) return Present(field, out);
  Fact fact{kind, field, "", 0, {}};
  if (fold) {
    AppendFolded(literal, &fact.literal);
  } else {
    fact.literal = literal;
  }
  if (fact.literal.empty() && kind != Fact::Kind::kEqual) return Present(field, out);
  out->push_back(Intern(std::move(fact)));
  return true;
}

bool WitnessFinder::OfText(const TextMatcher& matcher, uint32_t field, std::vector<uint32_t>* out) {
  using Kind = TextMatcher::Kind;
  // The facts are about folded texts; what a cased matcher finds they find, too.
  const bool fold = matcher.cased();
  switch (matcher.kind()) {
    case Kind::kAlways:
      break;
    case Kind::kEqual:
      return OfLiteral(Fact::Kind::kEqual, field, matcher.literal(), fold, out);
    case Kind::kPrefix:
      return OfLiteral(Fact::Kind::kPrefix, field, matcher.literal(), fold, out);
    case Kind::kSuffix:
      return OfLiteral(Fact::Kind::kSuffix, field, matcher.literal(), fold, out);
    case Kind::kContains:
      return OfLiteral(Fact::Kind::kContains, field, matcher.literal(), fold, out);
    case Kind::kWildcard: {
      Fact::Kind kind = Fact::Kind::kContains;
      const TextMatcher::Piece* piece = BestPiece(matcher, &kind);
      if (piece != nullptr) return OfLiteral(kind, field, piece->text, fold, out);
      break;
    }
  }
  return Present(field, out);
}

bool WitnessFinder::FindFacts(const CompiledPredicate& p, std::vector<uint32_t>* out) {
  if (p.subject != nullptr || p.relative) return false;
  switch (p.op) {
    case Op::kIsNull:
    case Op::kHolds:
      return false;
    case Op::kKeyword:
      return OfText(p.matcher, kWholeEvent, out);
    case Op::kText:
      return OfText(p.matcher, p.field, out);
    case Op::kRegex: {
      const std::vector<std::string> literals = RequiredLiterals(*p.regex);
      if (literals.empty()) return Present(p.field, out);
      for (const std::string& literal : literals) {
        out->push_back(Intern({Fact::Kind::kContains, p.field, literal, 0, {}}));
      }
      return true;
    }
    case Op::kNumberEq:
      if (p.time_part != CompiledPredicate::TimePart::kNone) return Present(p.field, out);
      // Equal numbers round to equal doubles; -0 becomes 0.
      out->push_back(Intern({Fact::Kind::kNumber, p.field, "", p.number.AsDouble() + 0.0, {}}));
      return OfLiteral(Fact::Kind::kEqual, p.field, p.number_text, true, out);
    case Op::kCidr:
      out->push_back(Intern({Fact::Kind::kAddress, p.field, "", 0, p.cidr}));
      return true;
    default:
      return Present(p.field, out);
  }
}

const WitnessFinder::Known& WitnessFinder::OfPredicate(uint32_t predicate) {
  std::unique_ptr<const Known>& known = known_[predicate];
  if (known == nullptr) {
    auto found = std::make_unique<Known>();
    found->open = !FindFacts(layout_.predicates[predicate], &found->facts);
    known = std::move(found);
  }
  return *known;
}

const std::vector<uint32_t>* WitnessFinder::FactsOf(uint32_t predicate) {
  const Known& known = OfPredicate(predicate);
  return known.open ? nullptr : &known.facts;
}

WitnessFinder::Witness WitnessFinder::OfNode(uint32_t index) {
  using Kind = ProgramNode::Kind;
  const ProgramNode& node = layout_.nodes[index];
  Witness out;
  switch (node.kind) {
    case Kind::kFalse:
      return out;
    case Kind::kTrue:
    case Kind::kNot:
      break;
    case Kind::kPredicate: {
      const Known& known = OfPredicate(node.first);
      if (known.open) break;
      for (const uint32_t fact : known.facts) out.cost += rates_[fact];
      out.facts = known.facts;
      return out;
    }
    case Kind::kEach: {
      const bool needs_element = node.quantifier == ProgramNode::Quantifier::kAny ||
                                 node.quantifier == ProgramNode::Quantifier::kAll;
      if (!needs_element || node.relative || !Present(node.field, &out.facts)) break;
      out.cost = rates_[out.facts[0]];
      return out;
    }
    case Kind::kAnd: {
      Witness best{true, 0, {}};
      for (uint32_t i = 0; i < node.count; ++i) {
        Witness w = OfNode(node.first + i);
        if (!w.open && (best.open || w.cost < best.cost)) best = std::move(w);
      }
      return best;
    }
    case Kind::kOr: {
      for (uint32_t i = 0; i < node.count; ++i) {
        const Witness w = OfNode(node.first + i);
        if (w.open) return {true, 0, {}};
        out.cost += w.cost;
        out.facts.insert(out.facts.end(), w.facts.begin(), w.facts.end());
      }
      return out;
    }
  }
  return {true, 0, {}};
}

bool WitnessFinder::Find(uint32_t root, std::vector<uint32_t>* facts) {
  Witness w = OfNode(root);
  std::sort(w.facts.begin(), w.facts.end());
  w.facts.erase(std::unique(w.facts.begin(), w.facts.end()), w.facts.end());
  *facts = std::move(w.facts);
  return !w.open;
}

}  // namespace vedette::inline v0
