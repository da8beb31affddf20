#include "tests/reference/sigma_scalar.h"

#include <arpa/inet.h>

#include <cmath>
#include <cstdlib>
#include <ctime>

namespace vedette::reference {
namespace {

std::optional<Network> ParseAddress(const std::string& text) {
  if (text.find('\0') != std::string::npos) return std::nullopt;
  Network out;
  out.v6 = text.find(':') != std::string::npos;
  out.prefix = out.v6 ? 128 : 32;
  if (inet_pton(out.v6 ? AF_INET6 : AF_INET, text.c_str(), out.bytes.data()) != 1) {
    return std::nullopt;
  }
  return out;
}

bool Bit(const Network& address, int index) {
  return (address.bytes[static_cast<size_t>(index / 8)] >> (7 - index % 8) & 1) != 0;
}

struct DateTime {
  int year = 0, month = 0, day = 0;
  int hour = -1, minute = -1;
};

bool IsLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int DaysIn(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

class DateReader {
 public:
  explicit DateReader(const std::string& text) : text_(text) {}

  std::optional<DateTime> Read() {
    DateTime out;
    if (!Digits(4, &out.year) || !One("-") || !Digits(2, &out.month) || !One("-") ||
        !Digits(2, &out.day)) {
      return std::nullopt;
    }
    if (out.month < 1 || out.month > 12) return std::nullopt;
    if (out.day < 1 || out.day > DaysIn(out.year, out.month)) return std::nullopt;
    if (at_ == text_.size()) return out;
    if (!One("Tt ") || !Time(&out) || !Zone() || at_ != text_.size()) return std::nullopt;
    return out;
  }

 private:
  bool One(const std::string& any_of) {
    if (at_ >= text_.size() || any_of.find(text_[at_]) == std::string::npos) return false;
    ++at_;
    return true;
  }

  bool Digits(int count, int* value) {
    *value = 0;
    for (int i = 0; i < count; ++i, ++at_) {
      if (at_ >= text_.size() || text_[at_] < '0' || text_[at_] > '9') return false;
      *value = *value * 10 + (text_[at_] - '0');
    }
    return true;
  }

  bool Time(DateTime* out) {
    if (!Digits(2, &out->hour) || !One(":") || !Digits(2, &out->minute)) return false;
    if (out->hour > 23 || out->minute > 59) return false;
    if (!One(":")) return true;
    int second = 0;
    if (!Digits(2, &second) || second > 60) return false;
    if (!One(".,")) return true;
    int digit = 0;
    if (!Digits(1, &digit)) return false;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return true;
  }

  bool Zone() {
    if (at_ == text_.size() || One("Zz")) return true;
    int hours = 0;
    int minutes = 0;
    if (!One("+-") || !Digits(2, &hours)) return false;
    if (at_ == text_.size()) return true;
    One(":");
    return Digits(2, &minutes);
  }

  const std::string& text_;
  size_t at_ = 0;
};

int DayOfYear(int year, int month, int day) {
  for (int m = 1; m < month; ++m) day += DaysIn(year, m);
  return day;
}

// Monday is 1. Counts the days since 0001-01-01, which was a Monday.
int Weekday(int year, int day_of_year) {
  const int before = year - 1;
  const int days = before * 365 + before / 4 - before / 100 + before / 400 + day_of_year - 1;
  return days % 7 + 1;
}

int WeeksIn(int year) {
  const int first = Weekday(year, 1);
  return first == 4 || (first == 3 && IsLeap(year)) ? 53 : 52;
}

int IsoWeek(const DateTime& date) {
  const int day = DayOfYear(date.year, date.month, date.day);
  const int week = (day - Weekday(date.year, day) + 10) / 7;
  if (week < 1) return WeeksIn(date.year - 1);
  return week > WeeksIn(date.year) ? 1 : week;
}

}  // namespace

std::optional<Network> ParseNetwork(const std::string& text) {
  const size_t slash = text.find('/');
  std::optional<Network> out = ParseAddress(text.substr(0, slash));
  if (!out || slash == std::string::npos) return out;
  const std::string bits = text.substr(slash + 1);
  if (bits.empty() || bits.size() > 3) return std::nullopt;
  if (bits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const int width = out->prefix;
  out->prefix = std::stoi(bits);
  if (out->prefix > width) return std::nullopt;
  for (int i = out->prefix; i < width; ++i) {
    if (Bit(*out, i)) return std::nullopt;
  }
  return out;
}

bool NetworkContains(const Network& network, const std::string& address) {
  const std::optional<Network> other = ParseAddress(address);
  if (!other || other->v6 != network.v6) return false;
  for (int i = 0; i < network.prefix; ++i) {
    if (Bit(network, i) != Bit(*other, i)) return false;
  }
  return true;
}

std::optional<int> ReadTimePart(const std::string& text, TimePart part) {
  const std::optional<DateTime> date = DateReader(text).Read();
  if (!date) return std::nullopt;
  int value = -1;
  switch (part) {
    case TimePart::kMinute:
      value = date->minute;
      break;
    case TimePart::kHour:
      value = date->hour;
      break;
    case TimePart::kDay:
      value = date->day;
      break;
    case TimePart::kWeek:
      value = IsoWeek(*date);
      break;
    case TimePart::kMonth:
      value = date->month;
      break;
    case TimePart::kYear:
      value = date->year;
      break;
  }
  if (value < 0) return std::nullopt;
  return value;
}

std::optional<int> ReadEpochPart(long double number, TimePart part) {
  const long double size = std::fabs(number);
  if (size >= 9.2e18L) return std::nullopt;
  const long double unit = size < 1e11L ? 1 : size < 1e14L ? 1e3L : size < 1e17L ? 1e6L : 1e9L;
  if (size / unit >= 9.2e9L) return std::nullopt;  // no time of 64 bits of nanoseconds
  const auto seconds = static_cast<std::time_t>(std::floor(number / unit));
  std::tm utc{};
  if (gmtime_r(&seconds, &utc) == nullptr) return std::nullopt;
  char week[8];
  switch (part) {
    case TimePart::kMinute:
      return utc.tm_min;
    case TimePart::kHour:
      return utc.tm_hour;
    case TimePart::kDay:
      return utc.tm_mday;
    case TimePart::kWeek:
      std::strftime(week, sizeof week, "%V", &utc);
      return std::atoi(week);
    case TimePart::kMonth:
      return utc.tm_mon + 1;
    case TimePart::kYear:
      return utc.tm_year + 1900;
  }
  return std::nullopt;
}

}  // namespace vedette::reference
