#include "lib/lang/elastic/exceptions.h"

#include <memory>
#include <utility>
#include <vector>

#include "lib/lang/elastic/kql_lower.h"
#include "vedette/field_path.h"

namespace vedette::inline v0::elastic {
namespace {

using Entry = ElasticExceptionEntry;

TextPattern PatternOf(const std::string& text, bool wildcards) {
  TextPattern pattern;
  pattern.cased = true;
  for (const char c : text) {
    if (wildcards && c == '*') {
      pattern.pieces.push_back({PatternPiece::Kind::kAnyRun, ""});
    } else if (wildcards && c == '?') {
      pattern.pieces.push_back({PatternPiece::Kind::kAnyOne, ""});
    } else {
      pattern.pieces.push_back({PatternPiece::Kind::kLiteral, std::string(1, c)});
    }
  }
  Canonicalize(&pattern);
  return pattern;
}

Formula TextTest(const std::string& path, TextPattern pattern) {
  Predicate p;
  p.op = PredicateOp::kText;
  p.field = path;
  p.pattern = std::move(pattern);
  return Formula::Of(std::move(p));
}

std::optional<Formula> LowerEntries(const std::vector<Entry>& entries, int depth,
                                    std::string* error);

std::optional<Formula> LowerEntry(const Entry& entry, int depth, std::string* error) {
  const std::string path = KqlFieldPath(entry.field);
  const auto parsed = FieldPath::Parse(path);
  if (!parsed.ok() || parsed->is_self()) {
    *error = "'" + entry.field + "' is no name of a field";
    return std::nullopt;
  }
  const bool is_list = entry.op == Entry::Operator::kInList;
  const bool needs_values =
      is_list || entry.op == Entry::Operator::kIs || entry.op == Entry::Operator::kMatches;
  if (needs_values && (entry.values.empty() || (is_list && entry.values.size() != 1))) {
    *error = "'" + entry.field + "' has " + (is_list ? "not one list" : "no values");
    return std::nullopt;
  }
  Formula out;
  switch (entry.op) {
    case Entry::Operator::kExists:
      out = TextTest(path, PatternOf("*", true));
      break;
    case Entry::Operator::kInList:
      out = InSet({{Expr::Field(path), ""}}, entry.values[0]);
      break;
    case Entry::Operator::kIs:
    case Entry::Operator::kMatches: {
      std::vector<Formula> any;
      for (const std::string& value : entry.values) {
        any.push_back(TextTest(path, PatternOf(value, entry.op == Entry::Operator::kMatches)));
      }
      out = Formula::Or(std::move(any));
      break;
    }
    case Entry::Operator::kElements: {
      std::optional<Formula> child = LowerEntries(entry.entries, depth + 1, error);
      if (!child.has_value()) return std::nullopt;
      out.kind = NodeKind::kEach;
      out.field = path;
      out.quantifier = Quantifier::kAny;
      out.children.push_back(*std::move(child));
      break;
    }
  }
  if (entry.excluded) return Formula::Not(std::move(out));
  return out;
}

std::optional<Formula> LowerEntries(const std::vector<Entry>& entries, int depth,
                                    std::string* error) {
  if (depth > kMaxExceptionNesting) {
    *error = "nested too deep";
    return std::nullopt;
  }
  if (entries.empty()) return Formula::False();
  std::vector<Formula> all;
  for (const Entry& entry : entries) {
    std::optional<Formula> formula = LowerEntry(entry, depth, error);
    if (!formula.has_value()) return std::nullopt;
    all.push_back(*std::move(formula));
  }
  return Formula::And(std::move(all));
}

}  // namespace

std::optional<Formula> LowerException(const ElasticException& exception, std::string* error) {
  return LowerEntries(exception.entries, 1, error);
}

Formula InSet(std::vector<SetPair> pairs, std::string set) {
  std::vector<Expr> args;
  for (SetPair& pair : pairs) {
    args.push_back(std::move(pair.value));
    if (args.size() == 1) args.push_back(Expr::Text(std::move(set)));
    if (!pair.field.empty()) args.push_back(Expr::Text(std::move(pair.field)));
  }
  Predicate p;
  p.op = PredicateOp::kHolds;
  p.subject = std::make_shared<const Expr>(Expr::Call(Function::kInSet, std::move(args)));
  return Formula::Of(std::move(p));
}

}  // namespace vedette::inline v0::elastic
