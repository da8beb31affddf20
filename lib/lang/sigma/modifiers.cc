#include "lib/lang/sigma/modifiers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vedette::inline v0::sigma {
namespace {

struct Name {
  std::string_view text;
  Modifier modifier;
};

constexpr std::array<Name, 34> kNames = {{
    {"contains", Modifier::kContains},
    {"startswith", Modifier::kStartsWith},
    {"endswith", Modifier::kEndsWith},
    {"cased", Modifier::kCased},
    {"windash", Modifier::kWindash},
    {"base64", Modifier::kBase64},
    {"base64offset", Modifier::kBase64Offset},
    {"utf16le", Modifier::kUtf16Le},
    {"wide", Modifier::kUtf16Le},
    {"utf16be", Modifier::kUtf16Be},
    {"utf16", Modifier::kUtf16},
    {"expand", Modifier::kExpand},
    {"re", Modifier::kRe},
    {"i", Modifier::kIgnoreCase},
    {"ignorecase", Modifier::kIgnoreCase},
    {"m", Modifier::kMultiLine},
    {"multiline", Modifier::kMultiLine},
    {"s", Modifier::kDotAll},
    {"dotall", Modifier::kDotAll},
    {"cidr", Modifier::kCidr},
    {"fieldref", Modifier::kFieldRef},
    {"exists", Modifier::kExists},
    {"lt", Modifier::kLt},
    {"lte", Modifier::kLte},
    {"gt", Modifier::kGt},
    {"gte", Modifier::kGte},
    {"minute", Modifier::kMinute},
    {"hour", Modifier::kHour},
    {"day", Modifier::kDay},
    {"week", Modifier::kWeek},
    {"month", Modifier::kMonth},
    {"year", Modifier::kYear},
    {"all", Modifier::kAll},
    {"neq", Modifier::kNeq},
}};

bool IsWildcard(Modifier m) {
  return m == Modifier::kContains || m == Modifier::kStartsWith || m == Modifier::kEndsWith;
}
bool IsFlag(Modifier m) { return m >= Modifier::kIgnoreCase && m <= Modifier::kDotAll; }
bool IsCompare(Modifier m) { return m >= Modifier::kLt && m <= Modifier::kGte; }
bool IsTimePart(Modifier m) { return m >= Modifier::kMinute && m <= Modifier::kYear; }
bool IsUtf16(Modifier m) { return m >= Modifier::kUtf16Le && m <= Modifier::kUtf16; }
bool IsBase64(Modifier m) { return m == Modifier::kBase64 || m == Modifier::kBase64Offset; }

// What has been read of a chain, and what may follow.
class ChainChecker {
 public:
  explicit ChainChecker(ModifierChain* chain) : chain_(chain) {}

  // Takes the next modifier; says why it cannot stand here, or "".
  std::string Next(Modifier m, std::string_view name) {
    const bool first = count_++ == 0;
    if (m == Modifier::kAll) {
      if (chain_->kind == TestKind::kExists) return "'exists' takes no other modifier but 'neq'";
      chain_->all = true;
      return "";
    }
    if (m == Modifier::kNeq) {
      chain_->neq = true;
      return "";
    }
    std::string problem = Check(m, name, first);
    if (problem.empty()) chain_->steps.push_back(m);
    return problem;
  }

  std::string Finish() const {
    if (utf16_) return "a UTF-16 encoding needs 'base64' or 'base64offset' after it";
    return "";
  }

 private:
  std::string Check(Modifier m, std::string_view name, bool first) {
    const std::string quoted = "'" + std::string(name) + "'";
    switch (m) {
      case Modifier::kRe:
        return Start(TestKind::kRegex, quoted, first);
      case Modifier::kCidr:
        return Start(TestKind::kCidr, quoted, first);
      case Modifier::kFieldRef:
        return Start(TestKind::kFieldRef, quoted, first);
      case Modifier::kExists:
        return Start(TestKind::kExists, quoted, first);
      default:
        break;
    }
    if (IsCompare(m) || IsTimePart(m)) return CheckNumber(m, quoted);
    if (IsFlag(m)) {
      return chain_->kind == TestKind::kRegex ? "" : quoted + " stands only after 're'";
    }
    if (chain_->kind == TestKind::kRegex) {
      if (IsWildcard(m) || m == Modifier::kExpand) return "";
      return quoted + " cannot be combined with 're'";
    }
    if (chain_->kind == TestKind::kFieldRef) {
      if (m == Modifier::kCased) chain_->cased = true;
      return IsWildcard(m) || m == Modifier::kCased
                 ? ""
                 : quoted + " cannot be combined with 'fieldref'";
    }
    if (chain_->kind != TestKind::kText) {
      return quoted + " cannot be combined with the modifier before it";
    }
    return CheckText(m, quoted);
  }

  std::string Start(TestKind kind, const std::string& quoted, bool first) {
    if (chain_->keyword) return quoted + " needs a field";
    if (!first) return quoted + " must be the first modifier";
    chain_->kind = kind;
    return "";
  }

  std::string CheckNumber(Modifier m, const std::string& quoted) {
    if (chain_->keyword) return quoted + " needs a field";
    const bool fresh = chain_->kind == TestKind::kText && chain_->steps.empty();
    const bool after_part = chain_->kind == TestKind::kNumber && chain_->steps.size() == 1 &&
                            IsTimePart(chain_->steps[0]) && IsCompare(m);
    if (!fresh && !after_part) {
      return IsTimePart(m) && !chain_->steps.empty() && IsCompare(chain_->steps.back())
                 ? quoted + " must stand before the comparison"
                 : quoted + " cannot be combined with the modifier before it";
    }
    chain_->kind = TestKind::kNumber;
    return "";
  }

  std::string CheckText(Modifier m, const std::string& quoted) {
    if (utf16_ && !IsBase64(m))
      return "only 'base64' or 'base64offset' can follow a UTF-16 encoding";
    if (m == Modifier::kCased) {
      chain_->cased = true;
    } else if (IsWildcard(m)) {
      wildcards_ = true;
    } else if (m == Modifier::kWindash || m == Modifier::kExpand) {
      if (base64_) return quoted + " must stand before the encoding";
    } else {
      if (wildcards_) {
        return quoted + " must stand before 'contains', 'startswith' and 'endswith'";
      }
      if (IsUtf16(m) && base64_) return quoted + " must stand before 'base64'";
      utf16_ = IsUtf16(m);
      base64_ = base64_ || IsBase64(m);
    }
    return "";
  }

  ModifierChain* chain_;
  size_t count_ = 0;
  bool wildcards_ = false;
  bool utf16_ = false;  // and not yet base64
  bool base64_ = false;
};

}  // namespace

std::optional<Modifier> ModifierByName(std::string_view name) {
  for (const Name& known : kNames) {
    if (known.text == name) return known.modifier;
  }
  return std::nullopt;
}

const std::vector<std::string_view>& ModifierNames() {
  static const std::vector<std::string_view>* const names = [] {
    auto* out = new std::vector<std::string_view>;
    for (const Name& name : kNames) out->push_back(name.text);
    return out;
  }();
  return *names;
}

bool ModifierChain::TransformsText() const {
  return std::any_of(steps.begin(), steps.end(), [](Modifier m) { return m != Modifier::kExpand; });
}

std::optional<ModifierChain> ParseModifiers(std::string_view text, bool keyword, SourceSpan at,
                                            Reporter* reporter) {
  constexpr size_t kMaxModifiers = 16;
  ModifierChain chain;
  chain.keyword = keyword;
  ChainChecker checker(&chain);
  SourceSpan span = at;
  size_t count = 0;
  while (true) {
    const size_t bar = text.find('|');
    const std::string_view name = text.substr(0, bar);
    span.length = static_cast<uint32_t>(std::max<size_t>(name.size(), 1));
    const std::optional<Modifier> modifier = ModifierByName(name);
    if (!modifier.has_value()) {
      DiagnosticExtras extras;
      extras.hint = reporter->Suggest(name, ModifierNames());
      reporter->Error("SIG0010", span, "unknown modifier " + Quoted(name), std::move(extras));
      return std::nullopt;
    }
    std::string problem = checker.Next(*modifier, name);
    if (problem.empty() && ++count > kMaxModifiers) problem = "too many modifiers";
    if (!problem.empty()) {
      reporter->Error("SIG0011", span, std::move(problem));
      return std::nullopt;
    }
    if (bar == std::string_view::npos) break;
    text.remove_prefix(bar + 1);
    span.column += static_cast<uint32_t>(bar + 1);
  }
  if (std::string problem = checker.Finish(); !problem.empty()) {
    reporter->Error("SIG0011", span, std::move(problem));
    return std::nullopt;
  }
  return chain;
}

}  // namespace vedette::inline v0::sigma
