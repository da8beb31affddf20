// Hostile KQL. What reads prints as KQL of the same tree, and lowers to a formula or to an error.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/lang/elastic/kql.h"
#include "lib/lang/elastic/kql_lower.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vedette::elastic;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  KqlErrors errors;
  const auto node = ParseKql(text, &errors);
  if (node.has_value() != errors.empty()) __builtin_trap();
  for (const KqlError& error : errors) {
    if (error.offset > size || error.length > size - error.offset) __builtin_trap();
    if (error.message.empty()) __builtin_trap();
  }
  if (!node.has_value()) return 0;
  const auto again = ParseKql(PrintKql(*node), &errors);
  if (!again.has_value() || !(*again == *node)) __builtin_trap();
  const auto formula = LowerKql(*node, {}, &errors);
  if (formula.has_value() != errors.empty()) __builtin_trap();
  return 0;
}
