// Detections and lists as tables that fit the terminal.
#ifndef VEDETTE_LIB_CLI_TABLE_H_
#define VEDETTE_LIB_CLI_TABLE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/cli/terminal.h"
#include "lib/cli/text.h"
#include "vedette/detection.h"
#include "vedette/rule.h"

namespace vedette::inline v0::cli {

// Colour of a level, "" without colours.
std::string_view LevelColor(Level level, bool color);
// "informational" takes too much room in tables: "info". "-" for kUnset.
std::string_view ShortLevel(Level level);

// Detections, one after the other, as two lines each: when, how bad, which rule, where; then the
// values that made the rule hold. Column widths depend on the width of the terminal only, so that
// rows can be written as they come. Value type.
class DetectionTable {
 public:
  DetectionTable(size_t width, bool color);
  // The head line; ends in a newline, like Row.
  std::string Head() const;
  std::string Row(const Detection& detection, std::string_view host) const;

 private:
  std::string Matched(const Detection& detection) const;

  size_t width_;
  bool color_;
  size_t time_ = 19;
  size_t level_ = 8;
  size_t rule_ = 0;
  size_t host_ = 0;  // 0: no such column
  size_t event_ = 0;
};

// A table with columns as wide as their cells need, the widest flexible ones cut to fit.
class ListTable {
 public:
  struct Column {
    std::string_view name;
    size_t min_width;  // is never cut below this
    Keep keep = Keep::kBegin;
    bool right = false;  // numbers
  };
  explicit ListTable(std::vector<Column> columns);
  void Add(std::vector<std::string> cells);
  // Rows of at most `width` cells; the head line is bold if `color`.
  std::string Format(size_t width, bool color) const;
  bool empty() const { return rows_.empty(); }

 private:
  std::vector<size_t> Widths(size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_TABLE_H_
