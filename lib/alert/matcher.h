// Does an alert satisfy a matcher?
#ifndef VEDETTE_LIB_ALERT_MATCHER_H_
#define VEDETTE_LIB_ALERT_MATCHER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/alert/raw_alert.h"
#include "lib/event/address.h"
#include "vedette/alert/suppression.h"

namespace vedette::inline v0 {

// A matcher with its values folded and blocks parsed.
class CompiledMatcher {
 public:
  // InvalidArgument if it has no test, or one without values or with a malformed block.
  static absl::StatusOr<CompiledMatcher> Compile(const AlertMatcher& matcher);
  bool Matches(RawAlert* raw) const;
  // Fields of the event that it asks for.
  void AppendFields(std::vector<std::string>* out) const;

 private:
  struct Test {
    AlertTest test;
    std::vector<Cidr> blocks;
  };
  std::vector<Test> tests_;
};

// The values of one field of AlertTest, folded.
void TextsOf(RawAlert* raw, std::string_view field, FieldTexts* out);
// Whether the field is the alert's own, not the event's.
bool IsAlertField(std::string_view field);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_MATCHER_H_
