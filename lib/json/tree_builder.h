// A JSON text into a value tree.
#ifndef VEDETTE_LIB_JSON_TREE_BUILDER_H_
#define VEDETTE_LIB_JSON_TREE_BUILDER_H_

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "lib/json/json_validator.h"
#include "lib/json/known_names.h"
#include "lib/json/structurals.h"
#include "vedette/json.h"

namespace vedette::inline v0 {

absl::Status FromSimdjson(simdjson::error_code error);

// Turns a text whose structural characters are known into a tree whose strings are views of the
// text itself: escapes are replaced in place. Children are gathered on shared stacks and copied
// when their container closes, so that nothing is allocated once the stacks have grown.
// Thread-compatible.
class TreeBuilder {
 public:
  // `wanted` as KnownNames has it.
  explicit TreeBuilder(const WantedFields* wanted) : names_(wanted) {}

  // `places` are those of `text`, which is changed, must live as long as the tree, and has
  // Structurals::kPadding zeros behind it. Other parts of the tree come from `arena`.
  // InvalidArgument if the text is not one JSON object.
  absl::Status Build(std::span<char> text, const Structurals& places, const JsonOptions& options,
                     ValueArena* arena, Value* out);
  // As Event::names_token, of the tree built last.
  uint64_t names_token() const { return names_.TokenOf(node_); }

 private:
  // These stand at a structural character and move behind what they read; false once status_ says
  // why.
  bool Object(size_t depth, Value* out);  // behind its brace, as Array
  bool Array(size_t depth, Value* out);
  bool Name(size_t depth, std::string_view* name, bool* spaced, bool* wanted);
  bool Any(size_t depth, Value* out);
  bool Scalar(Value* out);
  bool Text(char** begin, char** end);
  bool Number(Value* out);
  bool Word(std::string_view word, Value value, simdjson::error_code error, Value* out);
  bool Skip();
  bool CheckCount();
  bool Count() {
    ++values_;
    return values_ <= max_values_ || CheckCount();
  }
  bool Fail(absl::Status status);
  bool Fail(simdjson::error_code error) { return Fail(FromSimdjson(error)); }

  // Behind the last place there is a zero.
  char Here() const { return text_[*at_]; }
  // From here to the next structural character, without the blanks before that.
  std::string_view Token() const;

  KnownNames names_;
  absl::Status status_;
  ValueArena* arena_ = nullptr;
  char* text_ = nullptr;
  const char* text_end_ = nullptr;
  const uint32_t* at_ = nullptr;
  const uint32_t* end_ = nullptr;
  size_t max_depth_ = 0;
  size_t max_values_ = 0;
  size_t values_ = 0;
  KnownNames::Node node_ = KnownNames::kStart;
  JsonValidator validator_;
  std::vector<Value> items_;
  std::vector<Member> members_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_JSON_TREE_BUILDER_H_
