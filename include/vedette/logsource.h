// Log sources: what kind of event this is, in Sigma's terms, and the table that tells it from the
// event itself.
#ifndef VEDETTE_LOGSOURCE_H_
#define VEDETTE_LOGSOURCE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace vedette::inline v0 {

// Product, category and service, lower case; an empty part is not given. Value type.
struct LogSource {
  std::string product;
  std::string category;
  std::string service;

  bool empty() const { return product.empty() && category.empty() && service.empty(); }
  // True if every part that `rule` gives has the same value here: the filter of a Sigma rule.
  bool Satisfies(const LogSource& rule) const {
    return (rule.product.empty() || rule.product == product) &&
           (rule.category.empty() || rule.category == category) &&
           (rule.service.empty() || rule.service == service);
  }
  // "windows/process_creation/sysmon", with "-" for a part not given.
  std::string ToString() const;
  // "product=windows,category=process_creation" (also with blanks). InvalidArgument otherwise.
  static absl::StatusOr<LogSource> Parse(std::string_view text);

  friend bool operator==(const LogSource&, const LogSource&) = default;
  friend auto operator<=>(const LogSource&, const LogSource&) = default;
};

// The rows that derive log sources (several may hold at once: Sysmon event 12 is both a registry
// event and a registry addition), the event class, and field names that a source spells
// differently (Image <- NewProcessName in Security 4688). Text form, one row a line:
//
//   # comment
//   Channel=Microsoft-Windows-Sysmon/Operational EventID=1 => product=windows
//     category=process_creation service=sysmon class=1007 rename:Image=NewProcessName
//
// (one line each in the file). Left of `=>`: conditions that must all hold, `Field=a|b` (exact,
// case-insensitive), `Field=abc*` (prefix), `Field=*` (present), `Field=!` (absent),
// `Field=!a|!b*` (present, but none of these); values with blanks stand in double quotes. A field
// that is a list has each of its (first eight) values. Right: the log source, `class=` (OCSF
// class_uid), renames, and
//
//   set:Field=value     What rules read as Field if the event has no such field: a derived value,
//                       as ECS `event.category` of a Sysmon event. Several of one field in one
//                       row make a list. Does not take part in the choice of rows.
//   assume:Field=value  Rows are chosen as if Field had this value, too (Channel, where only the
//                       provider is told); rules read it like one that is set.
//
// Immutable once made; thread-safe to read.
class LogSourceTable {
 public:
  struct Condition {
    std::string field;
    // Folded; "x*" prefix; "*" present; "!" absent; "!x" anything present but x.
    std::vector<std::string> values;
  };
  struct Row {
    std::vector<Condition> when;
    LogSource source;
    int32_t class_uid = 0;
    std::vector<std::pair<std::string, std::string>> renames;  // rule's name -> event's name
    std::vector<std::pair<std::string, std::string>> sets;     // field -> value, those assumed too
    std::vector<std::pair<std::string, std::string>> assumes;  // field -> value
    int line = 0;
  };

  // InvalidArgument with the line number for text that is not of the form above.
  static absl::StatusOr<LogSourceTable> Parse(std::string_view text);
  // A table of rows from elsewhere, as rows() gave them: values are folded, `sets` has the assumed
  // ones, too.
  static LogSourceTable FromRows(std::vector<Row> rows);
  // The table that ships with the library (lib/event/logsources.txt).
  static const LogSourceTable& Builtin();
  static std::string_view BuiltinText();

  // Puts the rows of `other` before the present ones. All rows whose conditions hold count; order
  // decides only the class and between two renamings or settings of one field (the earlier row's).
  void Merge(const LogSourceTable& other);

  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LOGSOURCE_H_
