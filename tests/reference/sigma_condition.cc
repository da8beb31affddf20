#include <algorithm>
#include <utility>

#include "tests/reference/sigma_tree.h"

namespace vedette::reference {
namespace {

constexpr int kMaxDepth = 100;

bool IsWordChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-' || c == '*';
}

bool IsKeyword(const std::string& word, const std::string& lower) {
  std::string upper;
  for (char c : lower) upper.push_back(static_cast<char>(c - 'a' + 'A'));
  return word == lower || word == upper;
}

// Grammar: or := and { "or" and }; and := not { "and" not }; not := "not" not | term;
// term := "(" or ")" | ("1" | "any" | "all") "of" ("them" | pattern) | identifier.
class ConditionParser {
 public:
  ConditionParser(const std::map<std::string, Detection>& detections, std::string* why)
      : detections_(detections), why_(why) {}

  std::optional<Condition> Parse(std::string_view text) {
    if (!Split(text)) return std::nullopt;
    Condition out;
    if (!ParseOr(0, &out)) return std::nullopt;
    if (at_ != words_.size()) {
      Fail("unexpected '" + words_[at_] + "' in condition");
      return std::nullopt;
    }
    return out;
  }

 private:
  bool Fail(std::string why) {
    *why_ = std::move(why);
    return false;
  }

  bool Split(std::string_view text) {
    for (size_t i = 0; i < text.size();) {
      const char c = text[i];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++i;
      } else if (c == '(' || c == ')') {
        words_.emplace_back(1, c);
        ++i;
      } else if (IsWordChar(c)) {
        const size_t from = i;
        while (i < text.size() && IsWordChar(text[i])) ++i;
        words_.emplace_back(text.substr(from, i - from));
      } else if (c == '|') {
        return Fail("pipe in condition");
      } else {
        return Fail("unexpected character in condition");
      }
    }
    return true;
  }

  bool Next(const std::string& keyword) {
    if (at_ >= words_.size() || !IsKeyword(words_[at_], keyword)) return false;
    ++at_;
    return true;
  }

  bool NextBracket(const char* bracket) {
    if (at_ >= words_.size() || words_[at_] != bracket) return false;
    ++at_;
    return true;
  }

  bool ParseOr(int depth, Condition* out) {
    out->kind = Condition::Kind::kOr;
    do {
      out->parts.emplace_back();
      if (!ParseAnd(depth, &out->parts.back())) return false;
    } while (Next("or"));
    return true;
  }

  bool ParseAnd(int depth, Condition* out) {
    out->kind = Condition::Kind::kAnd;
    do {
      out->parts.emplace_back();
      if (!ParseNot(depth, &out->parts.back())) return false;
    } while (Next("and"));
    return true;
  }

  bool ParseNot(int depth, Condition* out) {
    if (depth > kMaxDepth) return Fail("condition nested too deeply");
    if (!Next("not")) return ParseTerm(depth, out);
    out->kind = Condition::Kind::kNot;
    out->parts.emplace_back();
    return ParseNot(depth + 1, &out->parts.back());
  }

  bool ParseTerm(int depth, Condition* out) {
    if (at_ >= words_.size()) return Fail("condition ends too early");
    if (NextBracket("(")) {
      if (!ParseOr(depth + 1, out)) return false;
      return NextBracket(")") || Fail("missing ')' in condition");
    }
    if (at_ + 1 < words_.size() && IsKeyword(words_[at_ + 1], "of")) return ParseSelector(out);
    const std::string& word = words_[at_++];
    if (detections_.count(word) == 0) return Fail("unknown identifier '" + word + "'");
    *out = Identifier(word);
    return true;
  }

  bool ParseSelector(Condition* out) {
    const std::string& count = words_[at_];
    const bool all = IsKeyword(count, "all");
    if (!all && count != "1" && !IsKeyword(count, "any")) {
      return Fail("'" + count + " of' is not a selector");
    }
    at_ += 2;
    if (at_ >= words_.size()) return Fail("condition ends too early");
    const std::string& target = words_[at_++];
    if (target == "(" || target == ")") return Fail("selector without a target");
    const Pattern pattern = ParsePattern(IsKeyword(target, "them") ? "*" : target, false);
    out->kind = all ? Condition::Kind::kAnd : Condition::Kind::kOr;
    for (const auto& entry : detections_) {
      const std::string& name = entry.first;
      if (name.starts_with('_') && !target.starts_with('_')) continue;
      if (GlobMatches(pattern, Decode(name))) out->parts.push_back(Identifier(name));
    }
    return !out->parts.empty() || Fail("'" + target + "' selects nothing");
  }

  static Condition Identifier(const std::string& name) {
    Condition out;
    out.identifier = name;
    return out;
  }

  const std::map<std::string, Detection>& detections_;
  std::string* why_;
  std::vector<std::string> words_;
  size_t at_ = 0;
};

}  // namespace

std::optional<Condition> ParseCondition(std::string_view text,
                                        const std::map<std::string, Detection>& detections,
                                        std::string* why) {
  return ConditionParser(detections, why).Parse(text);
}

}  // namespace vedette::reference
