// Places in a rule file: lines, columns, and the strings of a file with where each byte stands.
#ifndef VEDETTE_LIB_DOC_SOURCE_TEXT_H_
#define VEDETTE_LIB_DOC_SOURCE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/diagnostic.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// A file with an index of its lines and code points. The RuleSource must outlive it.
class SourceText {
 public:
  explicit SourceText(const RuleSource& source);

  const std::string& name() const { return source_->name; }
  std::string_view text() const { return source_->text; }
  // The byte offset of a 1-based line and a 1-based column that counts code points; the nearest
  // there is. A byte order mark is in no column.
  size_t OffsetOf(uint32_t line, uint32_t column) const;
  // `length` is cut at the end of the line.
  SourceSpan SpanAt(size_t offset, size_t length) const;
  // A 1-based line without its end, at most 400 bytes; "" beyond the text.
  std::string Line(uint32_t line) const;

 private:
  size_t CodePointsBefore(size_t offset) const;

  static constexpr size_t kBlock = 64;
  const RuleSource* source_;
  std::vector<size_t> lines_;   // offsets of their first bytes
  std::vector<size_t> points_;  // code points before each block of bytes
};

// The value of a string of a file, and where in the file its bytes are written.
struct LocatedText {
  struct Run {
    size_t text_offset = 0;
    size_t file_offset = 0;
  };
  std::string text;
  std::vector<Run> runs;  // ascending; within a run, byte follows byte in both
  bool exact = true;      // else every byte is taken to be written at the first run

  // Where byte `at` (up to text.size()) of the value is written.
  size_t FileOffset(size_t at) const;
};

enum class StringSyntax : uint8_t { kToml, kJson };
// `value` is what a parser made of the string literal at `offset` of `file`, opening quote first.
// If they do not fit, the result is not exact.
LocatedText LocateString(std::string_view file, size_t offset, StringSyntax syntax,
                         std::string_view value);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_DOC_SOURCE_TEXT_H_
