#include "tests/reference/sigma_pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <cstdint>

namespace vedette::reference {
namespace {

constexpr size_t kMaxExpansions = 10000;

bool IsNameChar(char32_t c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
         c == '-' || c == '.';
}

// Position after the closing percent sign of the placeholder at `at`, or 0 when there is none.
size_t PlaceholderEnd(const CodePoints& text, size_t at) {
  size_t end = at + 1;
  while (end < text.size() && IsNameChar(text[end])) ++end;
  if (end == at + 1 || end >= text.size() || text[end] != '%') return 0;
  return end + 1;
}

Unit Literal(char32_t c) { return Unit{Unit::Kind::kLiteral, c, {}}; }
Unit Wildcard(char32_t c) { return Unit{c == '*' ? Unit::Kind::kStar : Unit::Kind::kAny, 0, {}}; }

bool IsDashChar(char32_t c) {
  return c == '-' || c == '/' || c == 0x2013 || c == 0x2014 || c == 0x2015;
}

bool IsWordUnit(const Unit& unit) {
  if (unit.kind != Unit::Kind::kLiteral || unit.literal >= kInvalidByte) return false;
  static const RE2 word("[\\pL\\pN_]");
  return RE2::FullMatch(Encode(CodePoints(1, unit.literal)), word);
}

bool UnitMatches(const Unit& unit, char32_t c) {
  switch (unit.kind) {
    case Unit::Kind::kLiteral:
      return unit.literal == c;
    case Unit::Kind::kAny:
      return true;
    case Unit::Kind::kDash:
      return IsDashChar(c);
    case Unit::Kind::kStar:
    case Unit::Kind::kPlaceholder:
      break;
  }
  return false;
}

std::string Base64(std::string_view bytes) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t have = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < 3; ++k) {
      group = (group << 8) | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (size_t k = 0; k < 4; ++k) {
      out.push_back(k <= have ? kAlphabet[(group >> (18 - 6 * k)) & 63] : '=');
    }
  }
  return out;
}

// Splits a regular expression around its placeholders: even pieces are text, odd ones are names.
std::vector<std::string> SplitRegex(std::string_view regex) {
  std::vector<std::string> pieces(1);
  const CodePoints text = Decode(regex);
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (text[i + 1] != '%') pieces.back() += '\\';
      pieces.back() += Encode(text.substr(i + 1, 1));
      i += 2;
      continue;
    }
    const size_t end = text[i] == '%' ? PlaceholderEnd(text, i) : 0;
    if (end != 0) {
      pieces.push_back(Encode(text.substr(i + 1, end - i - 2)));
      pieces.emplace_back();
      i = end;
    } else {
      pieces.back() += Encode(text.substr(i, 1));
      ++i;
    }
  }
  return pieces;
}

const std::vector<std::string>* ValuesOf(const Placeholders& placeholders, const std::string& name,
                                         std::string* why) {
  const auto found = placeholders.find(name);
  if (found != placeholders.end() && !found->second.empty()) return &found->second;
  *why = "placeholder %" + name + "% has no value";
  return nullptr;
}

std::string RegexOf(const Pattern& pattern) {
  std::string out;
  for (const Unit& unit : pattern) {
    if (unit.kind == Unit::Kind::kStar) {
      out += "(?s:.*)";
    } else if (unit.kind == Unit::Kind::kAny) {
      out += "(?s:.)";
    } else {
      out += RE2::QuoteMeta(Encode(CodePoints(1, unit.literal)));
    }
  }
  return out;
}

}  // namespace

Pattern ParsePattern(std::string_view source, bool with_placeholders) {
  const CodePoints text = Decode(source);
  Pattern out;
  for (size_t i = 0; i < text.size();) {
    const char32_t c = text[i];
    const char32_t next = i + 1 < text.size() ? text[i + 1] : 0;
    if (c == '\\') {
      const bool escapes =
          next == '*' || next == '?' || next == '\\' || (with_placeholders && next == '%');
      out.push_back(Literal(escapes ? next : c));
      i += escapes ? 2 : 1;
      continue;
    }
    if (c == '*' || c == '?') {
      out.push_back(Wildcard(c));
      ++i;
      continue;
    }
    const size_t end = with_placeholders && c == '%' ? PlaceholderEnd(text, i) : 0;
    if (end != 0) {
      out.push_back(Unit{Unit::Kind::kPlaceholder, 0, Encode(text.substr(i + 1, end - i - 2))});
      i = end;
      continue;
    }
    out.push_back(Literal(c));
    ++i;
  }
  return out;
}

bool IsPlain(const Pattern& pattern) {
  for (const Unit& unit : pattern) {
    if (unit.kind != Unit::Kind::kLiteral) return false;
  }
  return true;
}

bool StartsWithStar(const Pattern& pattern) {
  return !pattern.empty() && pattern.front().kind == Unit::Kind::kStar;
}

bool EndsWithStar(const Pattern& pattern) {
  return !pattern.empty() && pattern.back().kind == Unit::Kind::kStar;
}

void AddStarBefore(Pattern* pattern) {
  if (!StartsWithStar(*pattern)) pattern->insert(pattern->begin(), Wildcard('*'));
}

void AddStarAfter(Pattern* pattern) {
  if (!EndsWithStar(*pattern)) pattern->push_back(Wildcard('*'));
}

bool ExpandPattern(const Pattern& pattern, const Placeholders& placeholders,
                   std::vector<Pattern>* out, std::string* why) {
  std::vector<Pattern> done(1);
  for (const Unit& unit : pattern) {
    if (unit.kind != Unit::Kind::kPlaceholder) {
      for (Pattern& head : done) head.push_back(unit);
      continue;
    }
    const auto* values = ValuesOf(placeholders, unit.placeholder, why);
    if (values == nullptr) return false;
    std::vector<Pattern> longer;
    for (const Pattern& head : done) {
      for (const std::string& value : *values) {
        longer.push_back(head);
        const Pattern tail = ParsePattern(value, false);
        longer.back().insert(longer.back().end(), tail.begin(), tail.end());
        if (longer.size() > kMaxExpansions) {
          *why = "too many placeholder combinations";
          return false;
        }
      }
    }
    done = std::move(longer);
  }
  *out = std::move(done);
  return true;
}

bool ExpandRegex(std::string_view regex, const Placeholders& placeholders,
                 std::vector<std::string>* out, std::string* why) {
  const std::vector<std::string> pieces = SplitRegex(regex);
  std::vector<std::string> done(1);
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (i % 2 == 0) {
      for (std::string& head : done) head += pieces[i];
      continue;
    }
    const auto* values = ValuesOf(placeholders, pieces[i], why);
    if (values == nullptr) return false;
    std::vector<std::string> longer;
    for (const std::string& head : done) {
      for (const std::string& value : *values) {
        longer.push_back(head + RegexOf(ParsePattern(value, false)));
        if (longer.size() > kMaxExpansions) {
          *why = "too many placeholder combinations";
          return false;
        }
      }
    }
    done = std::move(longer);
  }
  *out = std::move(done);
  return true;
}

Pattern Windash(const Pattern& pattern) {
  Pattern out = pattern;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i].kind != Unit::Kind::kLiteral || !IsDashChar(pattern[i].literal)) continue;
    const bool word_before = i > 0 && IsWordUnit(pattern[i - 1]);
    const bool word_after = i + 1 < pattern.size() && IsWordUnit(pattern[i + 1]);
    if (!word_before && word_after) out[i] = Unit{Unit::Kind::kDash, 0, {}};
  }
  return out;
}

bool EncodeUtf16(const Pattern& pattern, Utf16 form, Pattern* out) {
  std::string bytes;
  const auto put = [&](char32_t code_unit) {
    const char low = static_cast<char>(code_unit & 0xFF);
    const char high = static_cast<char>(code_unit >> 8);
    bytes.push_back(form == Utf16::kBig ? high : low);
    bytes.push_back(form == Utf16::kBig ? low : high);
  };
  if (form == Utf16::kBom) put(0xFEFF);
  for (char32_t c : PlainText(pattern)) {
    if (c >= kInvalidByte) return false;
    if (c < 0x10000) {
      put(c);
    } else {
      put(0xD800 + ((c - 0x10000) >> 10));
      put(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  *out = LiteralPattern(Decode(bytes));
  return true;
}

Pattern EncodeBase64(const Pattern& pattern) {
  return LiteralPattern(Decode(Base64(Encode(PlainText(pattern)))));
}

std::vector<Pattern> EncodeBase64Offset(const Pattern& pattern) {
  const std::string bytes = Encode(PlainText(pattern));
  std::vector<Pattern> out;
  for (size_t offset = 0; offset < 3; ++offset) {
    const std::string text = Base64(std::string(offset, ' ') + bytes);
    // Only characters whose six bits all come from the value are certain.
    const size_t first = (offset * 8 + 5) / 6;
    const size_t last = (offset + bytes.size()) * 8 / 6;
    if (last > first) out.push_back(LiteralPattern(Decode(text.substr(first, last - first))));
  }
  return out;
}

Pattern LiteralPattern(const CodePoints& text) {
  Pattern out;
  for (char32_t c : text) out.push_back(Literal(c));
  return out;
}

CodePoints PlainText(const Pattern& pattern) {
  CodePoints out;
  for (const Unit& unit : pattern) out.push_back(unit.literal);
  return out;
}

Pattern FoldPattern(const Pattern& pattern) {
  Pattern out = pattern;
  for (Unit& unit : out) {
    if (unit.kind == Unit::Kind::kLiteral) unit.literal = FoldUnit(unit.literal);
  }
  return out;
}

bool GlobMatches(const Pattern& pattern, const CodePoints& text) {
  // After a star only the latest one ever needs another try: an earlier star could not help more.
  size_t p = 0;
  size_t t = 0;
  size_t star = pattern.size();
  size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p].kind == Unit::Kind::kStar) {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && UnitMatches(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star < pattern.size()) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p].kind == Unit::Kind::kStar) ++p;
  return p == pattern.size();
}

}  // namespace vedette::reference
