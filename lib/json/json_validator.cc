#include "lib/json/json_validator.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

}  // namespace

void JsonValidator::SkipBlanks() {
  size_t n = 0;
  while (n < rest_.size() &&
         (rest_[n] == ' ' || rest_[n] == '\t' || rest_[n] == '\n' || rest_[n] == '\r')) {
    ++n;
  }
  rest_.remove_prefix(n);
}

bool JsonValidator::Literal(std::string_view word) {
  if (!rest_.starts_with(word)) return false;
  rest_.remove_prefix(word.size());
  return rest_.empty() || std::string_view(" \t\r\n,]}").find(rest_.front()) != rest_.npos;
}

bool JsonValidator::String() {
  size_t i = 1;
  while (i < rest_.size() && rest_[i] != '"') {
    if (static_cast<unsigned char>(rest_[i]) < 0x20) return false;
    if (rest_[i] != '\\') {
      ++i;
      continue;
    }
    const char escape = i + 1 < rest_.size() ? rest_[i + 1] : '\0';
    if (escape == 'u') {
      if (i + 6 > rest_.size()) return false;
      if (!std::all_of(rest_.begin() + static_cast<ptrdiff_t>(i) + 2,
                       rest_.begin() + static_cast<ptrdiff_t>(i) + 6, IsHex)) {
        return false;
      }
      i += 6;
    } else if (std::string_view("\"\\/bfnrt").find(escape) != std::string_view::npos &&
               escape != '\0') {
      i += 2;
    } else {
      return false;
    }
  }
  if (i >= rest_.size()) return false;
  rest_.remove_prefix(i + 1);
  return true;
}

bool JsonValidator::Number() {
  const auto digits = [this] {
    size_t n = 0;
    while (n < rest_.size() && IsDigit(rest_[n])) ++n;
    rest_.remove_prefix(n);
    return n;
  };
  const auto take = [this](std::string_view any) {
    if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  };
  take("-");
  const bool zero = rest_.starts_with('0');
  const size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (take(".") && digits() == 0) return false;
  if (take("eE")) {
    take("+-");
    if (digits() == 0) return false;
  }
  return Literal("");
}

bool JsonValidator::Scalar() {
  switch (rest_.front()) {
    case '"':
      return String();
    case 't':
      return Literal("true");
    case 'f':
      return Literal("false");
    case 'n':
      return Literal("null");
    default:
      return Number();
  }
}

bool JsonValidator::Key() {
  SkipBlanks();
  if (!rest_.starts_with('"') || !String()) return false;
  SkipBlanks();
  if (!rest_.starts_with(':')) return false;
  rest_.remove_prefix(1);
  return true;
}

bool JsonValidator::Follow(bool* done) {
  while (true) {
    SkipBlanks();
    if (open_.empty()) {
      *done = true;
      return rest_.empty();
    }
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == ',') return open_.back() == '[' || Key();
    if (c != (open_.back() == '{' ? '}' : ']')) return false;
    open_.pop_back();
  }
}

bool JsonValidator::IsNumber(std::string_view text) {
  rest_ = text;
  return Number();
}

bool JsonValidator::Check(std::string_view text, size_t* count) {
  rest_ = text;
  open_.clear();
  bool done = false;
  while (!done) {
    SkipBlanks();
    if (rest_.empty()) return false;
    ++*count;
    const char c = rest_.front();
    if (c == '{' || c == '[') {
      rest_.remove_prefix(1);
      open_.push_back(c);
      SkipBlanks();
      const bool is_empty = rest_.starts_with(c == '{' ? '}' : ']');
      if (!is_empty) {
        if (c == '{' && !Key()) return false;
        continue;
      }
    } else if (!Scalar()) {
      return false;
    }
    if (!Follow(&done)) return false;
  }
  return true;
}

}  // namespace vedette::inline v0
