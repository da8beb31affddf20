// Text for terminals: what events and rules say is untrusted, may be any bytes and any length.
#ifndef VEDETTE_LIB_CLI_TEXT_H_
#define VEDETTE_LIB_CLI_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::inline v0::cli {

// Which end of a text that is too long is kept.
enum class Keep : uint8_t { kBegin, kEnd };

// `s` for a terminal: control characters (C0, C1, DEL), text-direction overrides and invisible
// characters become "?", tabs and line ends become blanks, broken UTF-8 becomes U+FFFD.
std::string Clean(std::string_view s);
// Clean, and cut to `cells` terminal cells with an ellipsis at the end that was cut.
std::string Fit(std::string_view s, size_t cells, Keep keep = Keep::kBegin);
// Fit, then filled with blanks to exactly `cells` cells.
std::string Pad(std::string_view s, size_t cells, Keep keep = Keep::kBegin);
// Terminal cells that the cleaned text takes (East Asian wide characters: 2, combining marks: 0).
size_t CellWidth(std::string_view s);

// 1234567 -> "1,234,567".
std::string WithCommas(uint64_t n);
// "1 rule", "2 rules", "2 entries" with `plural`.
std::string Count(uint64_t n, std::string_view noun, std::string_view plural = {});
// "850 ms", "12.3 s", "4 min 05 s".
std::string FormatSeconds(double seconds);

// ASCII lower case; other bytes stay.
std::string Lower(std::string_view s);
bool EqualsIgnoringCase(std::string_view a, std::string_view b);
// Appends the parts between commas, trimmed, without empty ones.
void SplitCommas(std::string_view s, std::vector<std::string>* out);
// Appends `text` in lines of at most `width`, each but the first indented; newlines are kept.
void AppendWrapped(std::string_view text, size_t indent, size_t width, std::string* out);
// `s` as a JSON string with its quotes.
std::string JsonString(std::string_view s);
// Appends `"name":"value"`, with a comma before it unless an object has just been opened.
void AppendJsonMember(std::string_view name, std::string_view value, std::string* out);
void AppendJsonMember(std::string_view name, uint64_t value, std::string* out);
// Appends `"name":` likewise; the value is appended by the caller.
void AppendJsonKey(std::string_view name, std::string* out);
// A JSON array of strings.
std::string JsonStrings(const std::vector<std::string>& items);
// The part after the last slash.
std::string_view BaseName(std::string_view path);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_TEXT_H_
