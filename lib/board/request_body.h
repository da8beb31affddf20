// The JSON object that a change is asked for with.
#ifndef VEDETTE_LIB_BOARD_REQUEST_BODY_H_
#define VEDETTE_LIB_BOARD_REQUEST_BODY_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/doc/doc_tree.h"

namespace vedette::inline v0 {

// Members are read one by one; the first that is wrong is told by status(). Value type.
class RequestBody {
 public:
  // InvalidArgument unless `text` is a JSON object; "" is an empty one.
  static absl::StatusOr<RequestBody> Parse(std::string_view text);

  // "" if it is not there.
  std::string Text(std::string_view name);
  bool Bool(std::string_view name);
  // `fallback` if it is not there; not negative.
  uint64_t Number(std::string_view name, uint64_t fallback);
  std::vector<std::string> Texts(std::string_view name);
  // Names and texts.
  std::map<std::string, std::string> TextMap(std::string_view name);

  const absl::Status& status() const { return status_; }

 private:
  const DocNode* Member(std::string_view name, DocNode::Kind kind);
  void Wrong(std::string_view name, std::string_view what);

  DocNode root_;
  absl::Status status_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_REQUEST_BODY_H_
