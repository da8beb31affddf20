#include "lib/ir/key.h"

#include <cstdint>

namespace vedette::inline v0 {
namespace {

void AppendInteger(uint64_t n, std::string* out) {
  for (int shift = 0; shift < 64; shift += 8) out->push_back(static_cast<char>(n >> shift));
}

// Length first, so that no text can pose as the next part.
void AppendText(std::string_view s, std::string* out) {
  AppendInteger(s.size(), out);
  out->append(s);
}

void AppendPattern(const TextPattern& pattern, std::string* out) {
  out->push_back(pattern.cased ? 1 : 0);
  AppendInteger(pattern.pieces.size(), out);
  for (const PatternPiece& piece : pattern.pieces) {
    out->push_back(static_cast<char>(piece.kind));
    AppendText(piece.text, out);
  }
}

}  // namespace

void AppendPredicateKey(const Predicate& p, std::string* out) {
  out->push_back(static_cast<char>(p.op));
  AppendText(p.field, out);
  switch (p.op) {
    case PredicateOp::kExists:
    case PredicateOp::kIsNull:
      return;
    case PredicateOp::kText:
    case PredicateOp::kKeyword:
      AppendPattern(p.pattern, out);
      return;
    case PredicateOp::kNumberEq:
    case PredicateOp::kNumberLt:
    case PredicateOp::kNumberLe:
    case PredicateOp::kNumberGt:
    case PredicateOp::kNumberGe:
      out->push_back(static_cast<char>(p.time_part));
      AppendText(p.number.Text(), out);
      return;
    case PredicateOp::kRegex:
      out->push_back(static_cast<char>((p.regex_flags.ignore_case ? 1 : 0) +
                                       (p.regex_flags.multi_line ? 2 : 0) +
                                       (p.regex_flags.dot_all ? 4 : 0)));
      AppendText(p.regex, out);
      return;
    case PredicateOp::kCidr:
      out->push_back(p.cidr.v6 ? 6 : 4);
      out->push_back(static_cast<char>(p.cidr.bits));
      out->append(reinterpret_cast<const char*>(p.cidr.bytes.data()), p.cidr.bytes.size());
      return;
    case PredicateOp::kFieldText:
      out->push_back(static_cast<char>(p.compare));
      out->push_back(p.cased ? 1 : 0);
      AppendText(p.other_field, out);
      return;
  }
}

void AppendFormulaKey(const Formula& f, std::string* out) {
  out->push_back(static_cast<char>(f.kind));
  if (f.kind == NodeKind::kPredicate) AppendPredicateKey(f.predicate, out);
  if (f.kind == NodeKind::kEach) {
    out->push_back(static_cast<char>(f.quantifier));
    AppendText(f.field, out);
  }
  AppendInteger(f.children.size(), out);
  for (const Formula& child : f.children) AppendFormulaKey(child, out);
}

}  // namespace vedette::inline v0
