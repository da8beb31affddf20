// Text of events and rules in Markdown: shown as it is, never read as markup.
#ifndef VEDETTE_LIB_ALERT_MARKDOWN_H_
#define VEDETTE_LIB_ALERT_MARKDOWN_H_

#include <string>
#include <string_view>

namespace vedette::inline v0 {

// One line, without links, HTML, tables or emphasis; cut to `max_bytes` with "...".
std::string MarkdownText(std::string_view text, size_t max_bytes = 300);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_MARKDOWN_H_
