// The bridge between std::string_view, which all our signatures use, and absl::string_view, which
// is another type in some builds of Abseil (see docs/architecture.md, "Toolchain"). Valid with
// both.
#ifndef VEDETTE_LIB_BASE_STRINGS_H_
#define VEDETTE_LIB_BASE_STRINGS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace vedette::inline v0 {

inline absl::string_view ToAbsl(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view ToStd(absl::string_view s) { return {s.data(), s.size()}; }

// For string-keyed flat_hash_map / flat_hash_set that are searched by std::string_view. Hashed as
// absl::string_view: Abseil hands the other to std::hash, which is slower.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view s) const { return absl::HashOf(ToAbsl(s)); }
};
struct StringEq {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const { return a == b; }
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BASE_STRINGS_H_
