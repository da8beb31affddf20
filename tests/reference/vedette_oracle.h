// A second, slow implementation of the expressions of the Vedette rule language, written from
// docs/language.md alone: what production code says is held against it.
#ifndef VEDETTE_TESTS_REFERENCE_VEDETTE_ORACLE_H_
#define VEDETTE_TESTS_REFERENCE_VEDETTE_ORACLE_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/reference/oracle_value.h"

namespace vedette::reference {

struct VedetteNode;
using VedetteExpr = std::shared_ptr<const VedetteNode>;

// One indicator: values that belong together; `type` as in files of indicators.
struct OracleIndicator {
  struct Part {
    std::string field;
    std::string text;
    std::string type;
  };
  std::vector<Part> parts;
};

// What the file around an expression declares, and the host's indicator sets.
struct VedetteNames {
  std::map<std::string, VedetteExpr> lets;
  std::map<std::string, std::vector<VedetteExpr>> lists;
  std::map<std::string, std::vector<std::pair<VedetteExpr, VedetteExpr>>> maps;
  std::map<std::string, std::vector<OracleIndicator>> sets;
};

// Null with a reason if the text is no expression.
VedetteExpr ParseVedette(std::string_view text, std::string* why);

// No value if more than 4,096 combinations of values would have to be tried.
std::optional<bool> VedetteHolds(const VedetteExpr& condition, const VedetteNames& names,
                                 const OracleEvent& event);
// A computed value as JSON; a text has its `${..}` replaced.
std::string VedetteValue(const VedetteExpr& value, const VedetteNames& names,
                         const OracleEvent& event);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_VEDETTE_ORACLE_H_
