#include "lib/lang/elastic/date_math.h"

#include <charconv>

namespace vedette::inline v0::elastic {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 24 * 3600 * kSecond;
constexpr int64_t kMost = 100 * 365 * kDay;  // about a third of an int64_t: two may be added

int64_t UnitNanoseconds(char unit) {
  switch (unit) {
    case 's':
      return kSecond;
    case 'm':
      return 60 * kSecond;
    case 'h':
    case 'H':
      return 3600 * kSecond;
    case 'd':
      return kDay;
    case 'w':
      return 7 * kDay;
    case 'M':
      return 30 * kDay;
    case 'y':
      return 365 * kDay;
    default:
      return 0;
  }
}

// Takes digits and a unit from the front of `text`.
std::optional<int64_t> Take(std::string_view* text) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  const auto digits = static_cast<size_t>(end - text->data());
  if (error != std::errc() || count < 0 || text->front() == '-' || digits >= text->size()) {
    return std::nullopt;
  }
  const int64_t unit = UnitNanoseconds((*text)[digits]);
  if (unit == 0 || count > kMost / unit) return std::nullopt;
  text->remove_prefix(digits + 1);
  return count * unit;
}

}  // namespace

std::optional<int64_t> NanosecondsBeforeNow(std::string_view text) {
  if (!text.starts_with("now")) return std::nullopt;
  text.remove_prefix(3);
  int64_t before = 0;
  while (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    const bool minus = text[0] == '-';
    text.remove_prefix(1);
    const std::optional<int64_t> part = Take(&text);
    if (!part.has_value()) return std::nullopt;
    before += minus ? *part : -*part;
    if (before > kMost || before < -kMost) return std::nullopt;
  }
  const bool rounded = text.size() == 2 && text[0] == '/' && UnitNanoseconds(text[1]) > 0;
  if (before < 0 || (!text.empty() && !rounded)) return std::nullopt;
  return before;
}

std::optional<int64_t> DurationNanoseconds(std::string_view text) {
  const std::optional<int64_t> duration = Take(&text);
  if (!duration.has_value() || *duration == 0 || !text.empty()) return std::nullopt;
  return duration;
}

}  // namespace vedette::inline v0::elastic
