#include "lib/io/common/text_time.h"

#include <array>

namespace vedette::inline v0 {
namespace {

constexpr int64_t kNanosPerSecond = 1000000000;
constexpr int64_t kDay = 86400 * kNanosPerSecond;
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Up to `most` digits at the front of `*s`.
bool TakeNumber(std::string_view* s, size_t most, int* out) {
  size_t n = 0;
  int value = 0;
  while (n < s->size() && n < most && IsDigit((*s)[n])) value = value * 10 + ((*s)[n++] - '0');
  if (n == 0 || (n < s->size() && IsDigit((*s)[n]))) return false;
  s->remove_prefix(n);
  *out = value;
  return true;
}

bool Take(std::string_view* s, char c) {
  if (!s->starts_with(c)) return false;
  s->remove_prefix(1);
  return true;
}

// hh:mm:ss[.fraction]
bool TakeClock(std::string_view* s, WallClock* w) {
  if (!TakeNumber(s, 2, &w->hour) || !Take(s, ':') || !TakeNumber(s, 2, &w->minute)) return false;
  if (!Take(s, ':') || !TakeNumber(s, 2, &w->second)) return false;
  if (w->hour > 23 || w->minute > 59 || w->second > 60) return false;
  if (s->size() < 2 || (s->front() != '.' && s->front() != ',') || !IsDigit((*s)[1])) return true;
  s->remove_prefix(1);
  int64_t scale = kNanosPerSecond / 10;
  while (!s->empty() && IsDigit(s->front())) {
    w->nanos += scale * (s->front() - '0');
    scale /= 10;
    s->remove_prefix(1);
  }
  return true;
}

// ` UTC`, ` Z`, ` +0100`: a zone that is told by itself.
bool TakeZone(std::string_view* s, WallClock* w) {
  for (const std::string_view utc : {" UTC", " GMT", " Z"}) {
    if (!s->starts_with(utc)) continue;
    const std::string_view after = s->substr(utc.size());
    if (!after.empty() && after.front() != ' ' && after.front() != ':') continue;
    *s = after;
    return true;
  }
  if (s->size() < 6 || (*s)[0] != ' ' || ((*s)[1] != '+' && (*s)[1] != '-')) return false;
  std::string_view zone = s->substr(2);
  int hours = 0;
  int minutes = 0;
  for (int i = 0; i < 4; ++i) {
    if (i == 2) Take(&zone, ':');
    if (zone.empty() || !IsDigit(zone.front())) return false;
    (i < 2 ? hours : minutes) = (i < 2 ? hours : minutes) * 10 + (zone.front() - '0');
    zone.remove_prefix(1);
  }
  if (hours > 23 || minutes > 59) return false;
  w->offset_seconds = (hours * 60 + minutes) * ((*s)[1] == '-' ? -60 : 60);
  *s = zone;
  return true;
}

bool IsDate(const WallClock& w) {
  WallClock parsed;
  std::string date = std::to_string(w.year + 10000).substr(1) + "-";
  date += std::to_string(w.month + 100).substr(1) + "-" + std::to_string(w.day + 100).substr(1);
  return ParseWallClock(Value::String(date), &parsed);
}

EventTime InZone(const TextOptions& options, const WallClock& w, bool has_zone) {
  const int64_t nanos = ToNanos(w);
  if (has_zone || !options.zone) return nanos;
  const int64_t fraction = (nanos % kNanosPerSecond + kNanosPerSecond) % kNanosPerSecond;
  const int64_t seconds = options.zone((nanos - fraction) / kNanosPerSecond);
  constexpr int64_t kMost = INT64_MAX / kNanosPerSecond - 1;
  if (seconds > kMost || seconds < -kMost) return kNoEventTime;
  return seconds * kNanosPerSecond + fraction;
}

// The latest year in which the date is not more than a day after the reference.
EventTime WithoutYear(const TextOptions& options, WallClock w, bool has_zone) {
  const EventTime reference = options.reference_time ? options.reference_time() : kNoEventTime;
  if (reference == kNoEventTime || reference > INT64_MAX - 2 * kDay) return kNoEventTime;
  const int64_t last = FromNanos(reference + kDay).year;
  // 29 February comes every four years, or eight around 1900 and 2100.
  for (w.year = last + 1; w.year > last - 9; --w.year) {
    if (w.year < 1678 || w.year > 2261 || !IsDate(w)) continue;
    const EventTime t = InZone(options, w, has_zone);
    if (t <= reference + kDay) return t;
  }
  return kNoEventTime;
}

bool HasZone(std::string_view text) {
  if (text.ends_with('Z') || text.ends_with('z') || text.ends_with("UTC") ||
      text.ends_with("GMT")) {
    return true;
  }
  // Behind the date, whose parts are joined by hyphens.
  return text.find_first_of("+-", 10) != std::string_view::npos;
}

}  // namespace

EventTime ParseTimeIn(const TextOptions& options, const Value& v) {
  const EventTime t = ParseEventTime(v);
  if (t == kNoEventTime || !options.zone || !v.is_string()) return t;
  const std::string_view text = v.string();
  // Epoch numbers have no hyphen or slash behind a year of four digits.
  if (text.size() < 10 || (text[4] != '-' && text[4] != '/') || HasZone(text)) return t;
  return InZone(options, FromNanos(t), false);
}

bool TakeMonthTime(const TextOptions& options, std::string_view* rest, EventTime* out) {
  std::string_view s = *rest;
  WallClock w;
  w.month = 0;
  for (size_t i = 0; i < kMonths.size(); ++i) {
    if (s.starts_with(kMonths[i])) w.month = static_cast<int>(i) + 1;
  }
  if (w.month == 0) return false;
  s.remove_prefix(3);
  if (!Take(&s, ' ')) return false;
  Take(&s, ' ');  // ` 7` of days with one digit
  if (!TakeNumber(&s, 2, &w.day) || !Take(&s, ' ')) return false;
  int year = 0;
  const bool year_first = s.size() > 4 && s[4] == ' ' && TakeNumber(&s, 4, &year);
  if (year_first) Take(&s, ' ');
  if (!TakeClock(&s, &w)) return false;
  if (!year_first && s.size() >= 5 && s[0] == ' ' &&
      (s.size() == 5 || s[5] == ' ' || s[5] == ':')) {
    std::string_view after = s.substr(1);
    if (TakeNumber(&after, 4, &year) && year >= 1970) {
      s = after;
    } else {
      year = 0;
    }
  }
  const bool has_zone = TakeZone(&s, &w);
  w.year = year == 0 ? 2000 : year;  // a leap year: any date may be one
  if (!IsDate(w)) return false;
  *rest = s;
  if (year != 0 && (year < 1678 || year > 2261)) {
    *out = kNoEventTime;
  } else {
    *out = year != 0 ? InZone(options, w, has_zone) : WithoutYear(options, w, has_zone);
  }
  return true;
}

bool TakeIsoTime(const TextOptions& options, std::string_view* rest, EventTime* out) {
  // Shortest and longest: 2026-11-17T09:12:33 and the same with nanoseconds and a zone.
  const std::string_view text = rest->substr(0, rest->find(' '));
  if (text.size() < 19 || text.size() > 40 || text[4] != '-' || text[10] != 'T') return false;
  const EventTime t = ParseTimeIn(options, Value::String(text));
  if (t == kNoEventTime) return false;
  *out = t;
  rest->remove_prefix(text.size());
  return true;
}

}  // namespace vedette::inline v0
