// Fractions of a thousand as text.
#ifndef VEDETTE_LIB_ALERT_PERMILLE_H_
#define VEDETTE_LIB_ALERT_PERMILLE_H_

#include <cstdint>
#include <string>

namespace vedette::inline v0 {

// A fraction of a thousand as a number between 0 and 1: "0.914".
inline std::string PermilleText(uint64_t permille) {
  if (permille >= 1000) return "1";
  std::string digits = std::to_string(1000 + permille).substr(1);
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return digits.empty() ? "0" : "0." + digits;
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_PERMILLE_H_
