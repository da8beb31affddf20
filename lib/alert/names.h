// Enumerations and their names.
#ifndef VEDETTE_LIB_ALERT_NAMES_H_
#define VEDETTE_LIB_ALERT_NAMES_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace vedette::inline v0 {

template <typename E, size_t N>
std::string_view NameOf(const std::array<std::string_view, N>& names, E value) {
  const auto i = static_cast<size_t>(value);
  return i < N ? names[i] : std::string_view();
}

template <typename E, size_t N>
std::optional<E> ByName(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_NAMES_H_
