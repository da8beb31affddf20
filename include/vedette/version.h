// Version of the library: SemVer of the C++ source interface and, apart from it, the level of the
// diagnostics and output formats.
#ifndef VEDETTE_VERSION_H_
#define VEDETTE_VERSION_H_

#include <string_view>

namespace vedette::inline v0 {

inline constexpr int kVersionMajor = 0;
inline constexpr int kVersionMinor = 1;
inline constexpr int kVersionPatch = 0;
inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace vedette::inline v0

#endif  // VEDETTE_VERSION_H_
