// Tokens of the Vedette rule language.
#ifndef VEDETTE_LIB_LANG_VEDETTE_LEXER_H_
#define VEDETTE_LIB_LANG_VEDETTE_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/lang/vedette/report.h"

namespace vedette::inline v0::lang {

enum class TokenKind : uint8_t {
  kEnd,
  kWord,      // identifier or keyword
  kQuoted,    // a name in backticks: always a field or a part of one
  kString,    // "..." or """..."""
  kNumber,    // 5, -1 is a sign and a number, 2.5e3, 0x1F, 10KB
  kDuration,  // 10m, 1500ms
  kSign,      // operators and brackets, longest first
  kComment,   // only if asked for
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  // as written
  SourceSpan span;
  size_t offset = 0;                  // of `text` in the source
  std::string value;                  // kQuoted, kString: the text meant
  std::vector<PatternPiece> pattern;  // kString: the text as a wildcard pattern
  bool wild = false;             // kString: it has a wildcard or an escape that only patterns have
  Number number;                 // kNumber; kDuration: nanoseconds
  bool space_before = false;     // blanks or a comment stand before it
  uint32_t newlines_before = 0;  // so many, comments' own aside

  bool Is(std::string_view sign) const { return kind == TokenKind::kSign && text == sign; }
  bool IsWord(std::string_view word) const { return kind == TokenKind::kWord && text == word; }
};

// The tokens of `source`; the last is kEnd. What is no token is reported and left out, one report a
// place. Comments are tokens only with `comments`. Never fails; time is linear.
std::vector<Token> Tokenize(std::string_view source, bool comments, Reporter* reporter);

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_LEXER_H_
