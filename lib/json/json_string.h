// Escapes of JSON strings.
#ifndef VEDETTE_LIB_JSON_JSON_STRING_H_
#define VEDETTE_LIB_JSON_JSON_STRING_H_

namespace vedette::inline v0 {

// Replaces the escapes in [begin, end), what stands between the quotes of a JSON string, by what
// they mean; the text only gets shorter. Halves of surrogate pairs become U+FFFD. Returns its new
// end; null, with the text spoilt, for an escape that JSON does not have.
char* UnescapeJson(char* begin, char* end);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_JSON_JSON_STRING_H_
