#include "vedette/rule.h"

#include <array>

namespace vedette::inline v0 {
namespace {
constexpr std::array<std::string_view, 6> kLevels = {"",       "informational", "low",
                                                     "medium", "high",          "critical"};
}  // namespace

std::string_view LevelName(Level level) { return kLevels[static_cast<size_t>(level)]; }

std::optional<Level> LevelByName(std::string_view name) {
  for (size_t i = 1; i < kLevels.size(); ++i) {
    if (kLevels[i] == name) return static_cast<Level>(i);
  }
  return std::nullopt;
}

}  // namespace vedette::inline v0
