// The tokens of the Kibana Query Language.
#ifndef VEDETTE_LIB_LANG_ELASTIC_KQL_LEXER_H_
#define VEDETTE_LIB_LANG_ELASTIC_KQL_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/lang/elastic/kql.h"

namespace vedette::inline v0::elastic {

struct KqlToken {
  enum class Kind : uint8_t {
    kEnd,
    kLiteral,
    kAnd,
    kOr,
    kNot,
    kColon,
    kRange,
    kOpenParen,
    kCloseParen,
    kOpenBrace,
    kCloseBrace,
  };
  Kind kind = Kind::kEnd;
  KqlRange range = KqlRange::kLt;
  KqlLiteral literal;
  size_t offset = 0;
  size_t length = 0;
};

// The length of the keyword (and, or, not) that stands at `at` as a whole word; 0 if none does.
size_t KqlKeywordAt(std::string_view text, size_t at);
// The length of `and`, `or` or `not`, in any case, with which `text` begins; 0 if with none.
size_t KqlKeywordPrefix(std::string_view text);
bool IsKqlSpace(char c);
// One of \():<>"*{}, which an unquoted literal holds only behind a backslash.
bool IsKqlSpecial(char c);

// Cuts a text into tokens. The text and the errors must outlive it. Work is linear in the text.
class KqlLexer {
 public:
  KqlLexer(std::string_view text, KqlErrors* errors) : text_(text), errors_(errors) {}

  // The next token; kEnd for ever at the end.
  KqlToken Next();
  void Stop() { at_ = text_.size(); }

 private:
  static constexpr size_t kMaxBadEscapes = 20;

  KqlToken Quoted();
  KqlToken Unquoted();
  // Reads any escape of unquoted text at `at_`, which is a backslash.
  void UnquotedEscape(std::string* out);
  // Reads \t \r \n \uXXXX at `at_`, which is a backslash.
  bool ControlEscape(std::string* out);
  bool UnicodeEscape(std::string* out);
  void BadEscape();

  std::string_view text_;
  KqlErrors* errors_;
  size_t at_ = 0;
  size_t bad_escapes_ = 0;
};

}  // namespace vedette::inline v0::elastic

#endif  // VEDETTE_LIB_LANG_ELASTIC_KQL_LEXER_H_
