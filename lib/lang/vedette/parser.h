// Texts to syntax trees.
#ifndef VEDETTE_LIB_LANG_VEDETTE_PARSER_H_
#define VEDETTE_LIB_LANG_VEDETTE_PARSER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/lang/vedette/ast.h"
#include "lib/lang/vedette/lexer.h"
#include "lib/lang/vedette/report.h"

namespace vedette::inline v0::lang {

// Reads a file. What is wrong is reported and skipped up to the next statement, so that all errors
// of a file show in one run; a rule with an error in it is not in the result. A file that begins
// with a query (`process where ..`, `sequence ..`) is one rule called `query_name`.
FileAst ParseFile(std::string_view text, const std::string& query_name, Reporter* reporter);
// Reads one EQL query and nothing else.
std::optional<MatchAst> ParseQuery(std::string_view text, Reporter* reporter);

// What the expression and the rule parser share: a position in the tokens. Every Expect reports
// once; after a failure the caller unwinds to a statement.
class TokenCursor {
 public:
  TokenCursor(std::vector<Token> tokens, Reporter* reporter)
      : tokens_(std::move(tokens)), reporter_(reporter) {}

  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  const Token& Take() {
    const Token& token = Peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool AtEnd() const { return Peek().kind == TokenKind::kEnd; }
  size_t position() const { return at_; }
  // How many braces that were opened from `position` on are not closed before here.
  int BracesSince(size_t position) const;
  bool TakeSign(std::string_view sign);
  bool TakeWord(std::string_view word);
  // Two words or a word and a sign that stand for one keyword, as in `in~`.
  bool TakeTilde();
  bool ExpectSign(std::string_view sign, std::string_view where);
  bool ExpectWord(std::string_view word, std::string_view where);
  // "expected X, not Y" at the next token; always false.
  bool Fail(std::string_view expected, std::string hint = "");
  bool FailAt(const Token& token, std::string_view code, std::string message,
              std::string hint = "");
  Reporter* reporter() const { return reporter_; }

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
  Reporter* reporter_;
};

// Recursive descent; deeper than 128 levels is an error, not a stack overflow.
class ExpressionParser {
 public:
  explicit ExpressionParser(TokenCursor* cursor) : c_(cursor) {}

  // False after a report.
  bool Expression(Ast* out);
  bool Query(QueryAst* out);
  // A constant, also with a sign: items of lists, values of meta.
  bool Constant(Ast* out);
  bool Duration(int64_t* ns, std::string_view where);
  bool Integer(int64_t* n, std::string_view where);
  // A dotted name; `[3]` selects an element.
  bool Name(Ast* out);
  // `a, b, ?c`: keys. With `in_list` they end before `, rule name`.
  bool Keys(std::vector<Ast>* out, bool in_list = false);

 private:
  class Nested;

  bool Or(Ast* out);
  bool And(Ast* out);
  bool Not(Ast* out);
  bool Each(Ast* out);
  bool Predicate(Ast* out);
  bool Test(Ast subject, TextOp op, bool ignore_case, bool negated, Ast* out);
  bool Sum(Ast* out);
  bool Term(Ast* out);
  bool Unary(Ast* out);
  bool AtStatement() const;
  bool Primary(Ast* out);
  bool Call(Ast* out);
  bool Enter(const Token& token);

  TokenCursor* c_;
  int depth_ = 0;
};

}  // namespace vedette::inline v0::lang

#endif  // VEDETTE_LIB_LANG_VEDETTE_PARSER_H_
