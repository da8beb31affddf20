// Reading the escapes of a JSON string that simdjson refuses.
#ifndef VEDETTE_LIB_JSON_JSON_STRING_H_
#define VEDETTE_LIB_JSON_JSON_STRING_H_

#include <string>

namespace vedette::inline v0 {

// Decodes up to the closing quote, which must be there (simdjson has found it). Half of a surrogate
// pair becomes U+FFFD. False for an escape that JSON does not have.
bool DecodeJsonString(const char* text, std::string* out);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_JSON_JSON_STRING_H_
