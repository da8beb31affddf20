#include "lib/program/program_regex.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace vedette::inline v0 {
namespace {

// What RE2 keeps for any regular expression, besides its instructions.
constexpr int64_t kOverhead = 2048;
constexpr int64_t kInstruction = 16;
// Instructions of one character of a pattern, at most: `.` and negated classes of ASCII become the
// ranges of UTF-8's bytes, and a letter has no more than three forms.
constexpr int64_t kPerByte = 32;
// Beyond this nothing is left to be compiled later.
constexpr int64_t kMostInstructions = int64_t{1} << 20;
constexpr size_t kMostGroups = 1000;

// Whether what stands at `at` is, or may name, what is no ASCII: such classes have as many
// instructions as Unicode has ranges of them. `\Q` is not looked into.
bool BeyondAscii(std::string_view pattern, size_t at) {
  const auto c = static_cast<unsigned char>(pattern[at]);
  if (c != '\\' || at + 1 == pattern.size()) return c >= 0x80;
  const auto escaped = static_cast<unsigned char>(pattern[at + 1]);
  return escaped >= 0x80 ||
         std::string_view("pPxQ01234567").find(pattern[at + 1]) != std::string_view::npos;
}

// The larger number of a counted repetition that begins at `at`, 1 if none does.
int64_t RepetitionAt(std::string_view pattern, size_t at) {
  if (pattern[at] != '{') return 1;
  int64_t most = 1;
  int64_t number = 0;
  for (size_t i = at + 1; i < pattern.size() && i < at + 12; ++i) {
    const char c = pattern[i];
    if (c >= '0' && c <= '9') {
      number = number * 10 + (c - '0');
      continue;
    }
    // `{2,}` is two and a star.
    most = std::max(most, number + 1);
    number = 0;
    if (c != ',') return c == '}' ? most : 1;
  }
  return 1;
}

// Bytes of the character class that `text` begins with; 0 if it has no end or knows more than
// ASCII.
size_t ClassLength(std::string_view text) {
  size_t i = 1;
  if (i < text.size() && text[i] == '^') ++i;
  for (bool first = true; i < text.size(); first = false) {
    if (BeyondAscii(text, i)) return 0;
    if (text[i] == ']' && !first) return i + 1;
    size_t length = text[i] == '\\' ? 2 : 1;
    if (text.substr(i, 2) == "[:") {
      const size_t end = text.find(":]", i);
      if (end != std::string_view::npos) length = end + 2 - i;
    }
    i += length;
  }
  return 0;
}

}  // namespace

ProgramRegex::ProgramRegex(std::unique_ptr<const RE2> compiled)
    : pattern_(compiled->pattern()),
      options_(compiled->options()),
      compiled_(std::move(compiled)),
      ready_(compiled_.get()) {}

ProgramRegex::ProgramRegex(std::string pattern, const RE2::Options& options)
    : pattern_(std::move(pattern)), options_(options) {}

const RE2& ProgramRegex::Compile() const {
  const std::lock_guard lock(compiling_);
  if (compiled_ == nullptr) {  // another thread may have been faster
    compiled_ = std::make_unique<const RE2>(pattern_, options_);
    ready_.store(compiled_.get(), std::memory_order_release);
  }
  return *compiled_;
}

size_t ProgramRegex::memory_bytes() const {
  const RE2* const ready = ready_.load(std::memory_order_acquire);
  return sizeof *this + pattern_.capacity() +
         (ready == nullptr ? 0 : static_cast<size_t>(BytesOf(*ready)));
}

int64_t ProgramRegex::BytesOf(const RE2& regex) {
  return kOverhead + regex.ProgramSize() * kInstruction;
}

int64_t ProgramRegex::BoundOf(std::string_view pattern) {
  std::vector<int64_t> groups = {kPerByte};  // what stands in each open group, the whole first
  int64_t last = 0;                          // of it, what a repetition would repeat
  for (size_t i = 0; i < pattern.size();) {
    if (BeyondAscii(pattern, i)) return kNoBound;
    const char c = pattern[i];
    size_t length = 1;
    if (c == '(') {
      groups.push_back(kPerByte);
      last = 0;
    } else if (c == ')') {
      if (groups.size() == 1) return kNoBound;  // no pattern
      last = groups.back() + kPerByte;
      groups.pop_back();
      groups.back() += last;
    } else if (const int64_t times = RepetitionAt(pattern, i); times > 1) {
      groups.back() += last * (times - 1);
      last *= times;
    } else {
      if (c == '[') length = ClassLength(pattern.substr(i));
      if (c == '\\') length = 2;
      if (length == 0) return kNoBound;
      last = kPerByte * static_cast<int64_t>(length);
      groups.back() += last;
    }
    if (groups.back() > kMostInstructions || groups.size() > kMostGroups) return kNoBound;
    i += length;
  }
  if (groups.size() != 1) return kNoBound;
  return kOverhead + groups.back() * kInstruction;
}

bool ProgramRegex::FitsWithin(int64_t bound, int64_t max_mem) {
  // Two thirds are for the program, whose instructions RE2 takes if they fit a quarter of that.
  return bound <= max_mem / 8;
}

}  // namespace vedette::inline v0
