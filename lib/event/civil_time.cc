#include "lib/event/civil_time.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace vedette::inline v0 {
namespace {

constexpr int64_t kNanosPerSecond = 1000000000;
constexpr int64_t kSecondsPerDay = 86400;

// Days since 1970-01-01 in the proleptic Gregorian calendar: years are counted from 1 March, so
// that the leap day is the last of its year.
int64_t DaysFromCivil(int64_t year, int month, int day) {
  const int64_t y = month <= 2 ? year - 1 : year;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
         719468;
}

void CivilFromDays(int64_t days, WallClock* w) {
  const int64_t z = days + 719468;
  const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t day_of_era = z - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  w->day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  w->month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  w->year = year_of_era + era * 400 + (w->month <= 2 ? 1 : 0);
}

int DaysInMonth(int64_t year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : kDays[month - 1];
}

// A cursor over the text of a time.
struct Cursor {
  std::string_view rest;

  bool Take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  bool Digits(size_t count, int* out) {
    if (rest.size() < count) return false;
    int value = 0;
    for (size_t i = 0; i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return false;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    *out = value;
    return true;
  }
};

bool ParseFraction(Cursor* c, int64_t* nanos) {
  int64_t scale = kNanosPerSecond / 10;
  size_t digits = 0;
  while (!c->rest.empty() && c->rest.front() >= '0' && c->rest.front() <= '9') {
    *nanos += scale * (c->rest.front() - '0');
    scale /= 10;
    c->rest.remove_prefix(1);
    ++digits;
  }
  return digits > 0;
}

bool ParseZone(Cursor* c, int* offset) {
  c->Take(' ');
  if (c->rest.empty() || c->rest == "Z" || c->rest == "z" || c->rest == "UTC" || c->rest == "GMT") {
    return true;
  }
  const char sign = c->rest.front();
  if (sign != '+' && sign != '-') return false;
  c->rest.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!c->Digits(2, &hours)) return false;
  c->Take(':');
  if (!c->rest.empty() && !c->Digits(2, &minutes)) return false;
  if (!c->rest.empty() || hours > 23 || minutes > 59) return false;
  *offset = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
  return true;
}

bool ParseText(std::string_view text, WallClock* out) {
  Cursor c{text};
  WallClock w;
  int year = 0;
  if (!c.Digits(4, &year)) return false;
  const char separator = c.rest.empty() ? '\0' : c.rest.front();
  if (separator != '-' && separator != '/') return false;
  c.Take(separator);
  if (!c.Digits(2, &w.month) || !c.Take(separator) || !c.Digits(2, &w.day)) return false;
  w.year = year;
  if (w.month < 1 || w.month > 12 || w.day < 1 || w.day > DaysInMonth(w.year, w.month)) {
    return false;
  }
  if (!c.rest.empty()) {
    if (!c.Take('T') && !c.Take(' ') && !c.Take('t')) return false;
    if (!c.Digits(2, &w.hour) || !c.Take(':') || !c.Digits(2, &w.minute)) return false;
    if (c.Take(':')) {
      if (!c.Digits(2, &w.second)) return false;
      if ((c.Take('.') || c.Take(',')) && !ParseFraction(&c, &w.nanos)) return false;
    }
    if (!ParseZone(&c, &w.offset_seconds)) return false;
  }
  // 60 is a leap second; it counts as the next minute's first.
  if (w.hour > 23 || w.minute > 59 || w.second > 60) return false;
  *out = w;
  return true;
}

// Epoch numbers tell their unit by magnitude: seconds reach 1e11 in the year 5138, and
// milliseconds, microseconds and nanoseconds of our times lie three digits apart.
bool FromEpoch(double value, int64_t exact, bool is_int, WallClock* out) {
  const double magnitude = std::fabs(value);
  if (!(magnitude < 9.2e18)) return false;
  int64_t unit = 1;
  if (magnitude < 1e11) {
    unit = kNanosPerSecond;
  } else if (magnitude < 1e14) {
    unit = 1000000;
  } else if (magnitude < 1e17) {
    unit = 1000;
  }
  int64_t nanos = 0;
  if (is_int) {
    if (__builtin_mul_overflow(exact, unit, &nanos)) return false;
  } else {
    // A double has some 16 digits: of today's seconds that is microseconds, and no more.
    const double whole = std::floor(value);
    if (!(std::fabs(whole) * static_cast<double>(unit) < 9.2e18)) return false;
    const double micros = std::round((value - whole) * static_cast<double>(unit) / 1000);
    nanos = static_cast<int64_t>(whole) * unit + static_cast<int64_t>(micros) * 1000;
  }
  *out = FromNanos(nanos);
  return true;
}

}  // namespace

bool ParseWallClock(const Value& v, WallClock* out) {
  switch (v.kind()) {
    case ValueKind::kInt:
      return FromEpoch(static_cast<double>(v.integer()), v.integer(), true, out);
    case ValueKind::kDouble:
      return FromEpoch(v.number(), 0, false, out);
    case ValueKind::kString: {
      const std::string_view text = v.string();
      if (ParseText(text, out)) return true;
      double number = 0;
      int64_t exact = 0;
      const char* end = text.data() + text.size();
      const auto whole = std::from_chars(text.data(), end, exact);
      if (whole.ec == std::errc() && whole.ptr == end && text.size() >= 9) {
        return FromEpoch(static_cast<double>(exact), exact, true, out);
      }
      const auto real = std::from_chars(text.data(), end, number, std::chars_format::fixed);
      if (real.ec == std::errc() && real.ptr == end && text.size() >= 9) {
        return FromEpoch(number, 0, false, out);
      }
      return false;
    }
    default:
      return false;
  }
}

int64_t ToNanos(const WallClock& w) {
  const int64_t seconds = DaysFromCivil(w.year, w.month, w.day) * kSecondsPerDay + w.hour * 3600 +
                          w.minute * 60 + w.second - w.offset_seconds;
  int64_t nanos = 0;
  if (__builtin_mul_overflow(seconds, kNanosPerSecond, &nanos) ||
      __builtin_add_overflow(nanos, w.nanos, &nanos)) {
    return seconds < 0 ? INT64_MIN + 1 : INT64_MAX;
  }
  return nanos;
}

WallClock FromNanos(int64_t nanos) {
  int64_t seconds = nanos / kNanosPerSecond;
  int64_t fraction = nanos % kNanosPerSecond;
  if (fraction < 0) {
    fraction += kNanosPerSecond;
    --seconds;
  }
  int64_t days = seconds / kSecondsPerDay;
  int64_t of_day = seconds % kSecondsPerDay;
  if (of_day < 0) {
    of_day += kSecondsPerDay;
    --days;
  }
  WallClock w;
  CivilFromDays(days, &w);
  w.hour = static_cast<int>(of_day / 3600);
  w.minute = static_cast<int>(of_day % 3600 / 60);
  w.second = static_cast<int>(of_day % 60);
  w.nanos = fraction;
  return w;
}

int IsoWeek(const WallClock& w) {
  const int64_t day = DaysFromCivil(w.year, w.month, w.day);
  // 1970-01-01 was a Thursday. The week belongs to the year of its Thursday.
  const int64_t weekday = ((day + 3) % 7 + 7) % 7;  // Monday = 0
  const int64_t thursday = day - weekday + 3;
  WallClock t;
  CivilFromDays(thursday, &t);
  return static_cast<int>((thursday - DaysFromCivil(t.year, 1, 1)) / 7 + 1);
}

}  // namespace vedette::inline v0
