// Writing JSON text. (Reading is simdjson's, in lib/json.)
#ifndef VEDETTE_LIB_BASE_JSON_TEXT_H_
#define VEDETTE_LIB_BASE_JSON_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace vedette::inline v0 {

// Appends `s` as a quoted JSON string. Always valid UTF-8: broken bytes become U+FFFD.
void AppendJsonString(std::string_view s, std::string* out);

// Appends `"name":"value"`, with a comma before it unless the object has just been opened.
void AppendJsonField(std::string_view name, std::string_view value, std::string* out);
// The same for `"name":5`.
void AppendJsonField(std::string_view name, uint64_t value, std::string* out);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BASE_JSON_TEXT_H_
