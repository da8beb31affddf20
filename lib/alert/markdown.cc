#include "lib/alert/markdown.h"

namespace vedette::inline v0 {

std::string MarkdownText(std::string_view text, size_t max_bytes) {
  std::string out;
  size_t n = 0;
  for (const char c : text) {
    // Cuts before a character, not within one.
    if (n++ >= max_bytes && (static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      out.append("...");
      break;
    }
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      out.push_back(' ');
    } else if (std::string_view("\\`*_{}[]()<>#+!|~&@").find(c) != std::string_view::npos) {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == ':') {
      // No bare link: "http:" becomes text.
      out.append("&#58;");
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace vedette::inline v0
