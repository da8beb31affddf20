// Reads conditions and values of the Vedette language by recursive descent over the text itself.
#ifndef VEDETTE_TESTS_REFERENCE_VEDETTE_READER_H_
#define VEDETTE_TESTS_REFERENCE_VEDETTE_READER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "tests/reference/vedette_tree.h"

namespace vedette::reference {

class VedetteReader {
 public:
  explicit VedetteReader(std::string_view text) : text_(text) {}

  // The whole text as one expression; null with a reason if it is none.
  VedetteExpr Read(std::string* why);

 protected:
  // Remembers the first reason.
  VedetteExpr Fail(const std::string& why);
  char Now(size_t ahead = 0) const;
  void Blanks();  // and comments
  bool Sign(std::string_view sign);
  std::string Word();
  bool Keyword(std::string_view word);

  VedetteExpr Or();
  VedetteExpr And();
  VedetteExpr Not();
  // `any x in f : (..)`; null if it is none.
  VedetteExpr Block();
  VedetteExpr Predicate();
  // The right side of a test: one thing, or several in parentheses.
  VedetteExpr Against(VedetteExpr left, std::string op, bool ignore_case);
  VedetteExpr Sum();
  VedetteExpr Term();
  VedetteExpr Unary();
  VedetteExpr Number();
  // The code points of `\u{20AC}`, as UTF-8.
  std::string BracedHex();
  VedetteExpr Text();
  VedetteExpr Call(const std::string& name);
  VedetteExpr Field();
  VedetteExpr Primary();

  std::string_view text_;
  size_t at_ = 0;
  std::string why_;
};

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_VEDETTE_READER_H_
