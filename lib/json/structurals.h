// Where the parts of a JSON text begin.
#ifndef VEDETTE_LIB_JSON_STRUCTURALS_H_
#define VEDETTE_LIB_JSON_STRUCTURALS_H_

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace vedette::inline v0 {

// simdjson's first pass alone: it finds the brackets, colons, commas and the first bytes of scalars
// outside of strings, and checks that the text is UTF-8, its strings end and hold no control
// characters. Walking from one of these places to the next is all that is left of parsing, and done
// by TreeBuilder without the bookkeeping of an on-demand document. Thread-compatible.
class Structurals {
 public:
  // Bytes beyond the end of a text that must be there, and be zero.
  static constexpr size_t kPadding = simdjson::SIMDJSON_PADDING;

  // Finds them in `text`, at least one if there is no error.
  simdjson::error_code Find(std::span<const char> text);
  // Of the text last looked at, in order, with its length behind the last one.
  const uint32_t* places() const { return pass_->structural_indexes.get(); }
  size_t size() const { return pass_->n_structural_indexes; }
  // Bytes of the largest text that needs no more memory.
  size_t capacity() const { return pass_ == nullptr ? 0 : pass_->capacity(); }

 private:
  std::unique_ptr<simdjson::internal::dom_parser_implementation> pass_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_JSON_STRUCTURALS_H_
