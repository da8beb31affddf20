// Indicator sets by looking at every indicator.
#include "tests/reference/sigma_pattern.h"
#include "tests/reference/sigma_scalar.h"
#include "tests/reference/vedette_tree.h"

namespace vedette::reference {
namespace {

CodePoints HostName(const std::string& text) {
  CodePoints name = Fold(Decode(text));
  if (name.ends_with(U'.')) name.pop_back();
  return name;
}

bool Has(const OracleIndicator& indicator, const std::string& field, const std::string& text) {
  for (const OracleIndicator::Part& part : indicator.parts) {
    if (part.field != field) continue;
    if (part.type == "ip") {
      const auto network = ParseNetwork(part.text);
      if (network && NetworkContains(*network, text)) return true;
    } else if (part.type == "nocase" || part.type == "hash") {
      if (Fold(Decode(part.text)) == Fold(Decode(text))) return true;
    } else if (part.type == "domain" || part.type == "subdomains") {
      const CodePoints name = HostName(text);
      const CodePoints known = HostName(part.text);
      if (name == known) return true;
      if (part.type == "subdomains" && name.ends_with(U"." + known)) return true;
    } else if (part.text == text) {
      return true;
    }
  }
  return false;
}

}  // namespace

VedetteScalar InSet(const VedetteNames& names, const std::vector<VedetteScalar>& args) {
  for (const VedetteScalar& arg : args) {
    if (arg.is_null()) return NullScalar();
  }
  const auto set = names.sets.find(args[1].text);
  if (set == names.sets.end()) return BoolScalar(false);
  for (const OracleIndicator& indicator : set->second) {
    bool all = true;
    for (size_t i = 0; i < args.size(); i = i == 0 ? 3 : i + 2) {
      const size_t field = i == 0 ? 2 : i + 1;
      all = all && Has(indicator, field < args.size() ? args[field].text : "", TextOf(args[i]));
    }
    if (all) return BoolScalar(true);
  }
  return BoolScalar(false);
}

}  // namespace vedette::reference
