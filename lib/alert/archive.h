// State to bytes and back by one function for both ways: `void Archive(A& a, T& t)` names the parts
// of T in order, and A is a Saver or a Loader. See docs/alerts.md, "Restarts", for the header.
#ifndef VEDETTE_LIB_ALERT_ARCHIVE_H_
#define VEDETTE_LIB_ALERT_ARCHIVE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/program/byte_reader.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/id.h"

namespace vedette::inline v0 {

// Numbers as in lib/program/saved_format.h.
class Saver {
 public:
  static constexpr bool kLoads = false;
  explicit Saver(std::string* out) : out_(out) {}

  void Uint(uint64_t n);
  void Int(int64_t n);
  void Text(std::string_view text);
  void Rule(std::shared_ptr<const AlertRule>& rule);
  bool ok() const { return true; }
  void Fail(std::string_view /*why*/) {}

 private:
  std::string* out_;
  // Equal rules are one, however many objects they are.
  std::unordered_map<const AlertRule*, uint64_t> known_;
  std::unordered_map<std::string, uint64_t> rules_;
};

class Loader {
 public:
  static constexpr bool kLoads = true;
  explicit Loader(std::string_view bytes) : in_(bytes) {}

  uint64_t Uint() { return in_.Varint(); }
  int64_t Int() { return in_.Zigzag(); }
  std::string_view Text() { return in_.Text(); }
  size_t Count() { return in_.Count(1); }
  void Rule(std::shared_ptr<const AlertRule>& rule);
  bool ok() const { return in_.ok(); }
  void Fail(std::string_view why) { in_.Fail(why); }
  bool at_end() const { return in_.left() == 0; }
  const std::string& error() const { return in_.error(); }

 private:
  ByteReader in_;
  std::vector<std::shared_ptr<const AlertRule>> rules_;
};

template <typename A, typename T>
requires std::is_integral_v<T> || std::is_enum_v<T>
void Part(A& a, T& value) {
  if constexpr (A::kLoads) {
    if constexpr (std::is_same_v<T, bool>) {
      const uint64_t n = a.Uint();
      if (n > 1) a.Fail("a flag is neither 0 nor 1");
      value = n == 1;
    } else if constexpr (std::is_signed_v<T> && !std::is_enum_v<T>) {
      value = static_cast<T>(a.Int());
    } else {
      const uint64_t n = a.Uint();
      value = static_cast<T>(n);
      if (static_cast<uint64_t>(value) != n) a.Fail("a number is out of range");
    }
  } else if constexpr (std::is_signed_v<T> && !std::is_enum_v<T>) {
    a.Int(value);
  } else {
    a.Uint(static_cast<uint64_t>(value));
  }
}

// An enumeration whose last member is `last`.
template <typename A, typename E>
void Enum(A& a, E& value, E last) {
  Part(a, value);
  if (A::kLoads && value > last) {
    a.Fail("an enumeration is out of range");
    value = E{};
  }
}

template <typename A>
void Part(A& a, std::string& text) {
  if constexpr (A::kLoads) {
    text = a.Text();
  } else {
    a.Text(text);
  }
}

template <typename A>
void Part(A& a, Id128& id) {
  Part(a, id.high);
  Part(a, id.low);
}

// `part(item)` for each item.
template <typename A, typename T, typename F>
void Items(A& a, std::vector<T>& items, F part) {
  if constexpr (A::kLoads) {
    items.clear();
    for (size_t n = a.Count(); n > 0 && a.ok(); --n) part(items.emplace_back());
  } else {
    a.Uint(items.size());
    for (T& item : items) part(item);
  }
}

template <typename A>
void Texts(A& a, std::vector<std::string>& texts) {
  Items(a, texts, [&a](std::string& t) { Part(a, t); });
}

template <typename A>
void Pairs(A& a, std::vector<std::pair<std::string, std::string>>& pairs) {
  Items(a, pairs, [&a](std::pair<std::string, std::string>& p) {
    Part(a, p.first);
    Part(a, p.second);
  });
}

// Around the contents: magic (with the kind's letter), form, length, checksum.
inline constexpr uint16_t kAlertStateForm = 1;
std::string SealState(char kind, std::string_view body);
// The contents, or DataLoss, or Unimplemented for another form.
absl::StatusOr<std::string_view> OpenState(char kind, std::string_view bytes);
// What went wrong with a loader that should be at its end.
absl::Status EndOf(const Loader& in);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_ARCHIVE_H_
