// Strict checking of JSON that is skipped, so that whether an event is taken never depends on which
// of its members some rule reads.
#ifndef VEDETTE_LIB_JSON_JSON_VALIDATOR_H_
#define VEDETTE_LIB_JSON_JSON_VALIDATOR_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace vedette::inline v0 {

// Keeps its memory between calls; not recursive. Thread-compatible.
class JsonValidator {
 public:
  // Whether `text` is one JSON value and nothing else (RFC 8259; lone surrogate escapes are let
  // through, as the reader replaces them). Adds its values to `count`. UTF-8 is not looked at:
  // simdjson has checked the whole event.
  bool Check(std::string_view text, size_t* count);

  // Whether `text` begins with a number that ends where a value may end.
  bool IsNumber(std::string_view text);

 private:
  bool Scalar();
  bool String();
  bool Number();
  bool Key();
  bool Literal(std::string_view word);
  void SkipBlanks();
  // After a value: what may follow it, up to the next value. `done` when there is none.
  bool Follow(bool* done);

  std::string_view rest_;
  std::string open_;  // of the containers around: { or [
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_JSON_JSON_VALIDATOR_H_
