// What to tell the user about an event beyond the detection: its host, and what kind it seems to be
// when no log source row knows it.
#ifndef VEDETTE_LIB_CLI_HINTS_H_
#define VEDETTE_LIB_CLI_HINTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "vedette/event.h"
#include "vedette/field_path.h"
#include "vedette/json.h"
#include "vedette/value.h"

namespace vedette::inline v0::cli {

// Reads telling fields of events. Thread-compatible.
//
// The events of a fast run hold only what the rules read, so the raw text, where the reader still
// has it, is parsed a second time; callers ask for few events only.
class EventHints {
 public:
  EventHints();

  // The computer or device, or empty. Valid until the next call.
  std::string_view Host(const Event& event);
  // "Channel=Security EventID=4625", "_path=conn", "keys a, b, c". Valid until the next call.
  std::string_view Kind(const Event& event);

 private:
  // The first of `paths` that `root` has as text, appended to `out`.
  bool AppendFirst(const Value& root, const std::vector<FieldPath>& paths, std::string* out);
  void AppendKind(const Value& root);
  // The whole event again, or null if its text is gone.
  const Value* Reread(const Event& event);

  struct Field {
    std::string label;
    std::vector<FieldPath> paths;
  };
  std::vector<FieldPath> host_;
  std::vector<std::vector<Field>> kinds_;  // the first set with any field present is told
  JsonParser parser_;
  Event whole_;
  ValueArena arena_;
  std::string text_;
};

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_HINTS_H_
