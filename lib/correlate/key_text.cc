#include "lib/correlate/key_text.h"

#include "vedette/match_record.h"

namespace vedette::inline v0 {

std::vector<std::pair<std::string, std::string>> KeyParts(const ProgramCorrelation& spec,
                                                          std::string_view key) {
  std::vector<std::pair<std::string, std::string>> parts;
  Value value;
  for (const std::string& name : spec.key_names) {
    if (!TakeKeyPart(&key, &value)) break;
    parts.emplace_back(name, value.ToJson());
  }
  return parts;
}

std::string KeyText(const ProgramCorrelation& spec, std::string_view key) {
  std::string text;
  for (const auto& [name, value] : KeyParts(spec, key)) {
    text += (text.empty() ? "" : ", ") + name + "=" + value;
  }
  return text.empty() ? "all events" : text;
}

}  // namespace vedette::inline v0
