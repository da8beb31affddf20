// The words of OpenC2 that commands are made of.
#ifndef VEDETTE_LIB_RESPONSE_OPENC2_WORDS_H_
#define VEDETTE_LIB_RESPONSE_OPENC2_WORDS_H_

#include <array>
#include <string_view>

namespace vedette::inline v0 {

inline constexpr std::array<std::string_view, 20> kOpenC2Actions = {
    "scan",   "locate",   "query",   "deny", "contain",     "allow",    "start",
    "stop",   "restart",  "cancel",  "set",  "update",      "redirect", "create",
    "delete", "detonate", "restore", "copy", "investigate", "remediate"};

inline constexpr std::array<std::string_view, 16> kOpenC2Targets = {
    "artifact", "command",  "device",   "domain_name",     "email_addr",      "features",
    "file",     "ipv4_net", "ipv6_net", "ipv4_connection", "ipv6_connection", "iri",
    "mac_addr", "process",  "uri",      "properties"};

// Of manual steps and of commands that a handler of the host runs.
inline constexpr std::string_view kManualAction = "manual";
inline constexpr std::string_view kManualTarget = "x-human";
inline constexpr std::string_view kCommandTarget = "x-command";

inline bool IsOneOf(std::string_view word, const auto& words) {
  for (const std::string_view w : words) {
    if (w == word) return true;
  }
  return false;
}
inline bool IsExtension(std::string_view word) { return word.size() > 2 && word.starts_with("x-"); }

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_OPENC2_WORDS_H_
