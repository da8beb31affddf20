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
#include "vedette/json.h"

namespace vedette::inline v0 {

absl::Status FromSimdjson(simdjson::error_code error);

// Turns one on-demand document into a tree whose strings are views of the document's own text:
// escapes are replaced in place. Children are gathered on shared stacks and copied when their
// container closes, so that nothing is allocated once the stacks have grown. Thread-compatible.
class TreeBuilder {
 public:
  // `wanted` as KnownNames has it.
  explicit TreeBuilder(const WantedFields* wanted) : names_(wanted) {}

  // `text` is what `object` was iterated from; it is changed, and must live as long as the tree.
  // Other parts of the tree come from `arena`.
  absl::Status Build(simdjson::ondemand::object object, std::span<char> text,
                     const JsonOptions& options, ValueArena* arena, Value* out);
  // As Event::names_token, of the tree built last.
  uint64_t names_token() const { return names_.TokenOf(node_); }

 private:
  // These are false once status_ says why.
  bool Object(simdjson::ondemand::object object, size_t depth, Value* out);
  bool Array(simdjson::ondemand::array array, size_t depth, Value* out);
  bool Any(simdjson::ondemand::value value, size_t depth, Value* out);
  bool Scalar(simdjson::ondemand::value value, simdjson::ondemand::json_type type, Value* out);
  bool String(simdjson::ondemand::value value, Value* out);
  bool Number(simdjson::ondemand::value value, Value* out);
  bool Skip(simdjson::ondemand::value value, simdjson::ondemand::json_type type);
  bool EscapedName(const char* raw, std::string_view* name);
  bool CheckCount();
  bool Count() {
    ++values_;
    return values_ <= max_values_ || CheckCount();
  }
  bool Fail(absl::Status status);
  bool Fail(simdjson::error_code error) { return Fail(FromSimdjson(error)); }

  KnownNames names_;
  absl::Status status_;
  ValueArena* arena_ = nullptr;
  std::span<char> text_;
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
