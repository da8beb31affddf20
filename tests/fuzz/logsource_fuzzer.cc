// The text form of the log-source table, and routing by what parses.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/program/routing.h"
#include "vedette/logsource.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  (void)vedette::LogSource::Parse(input);
  const auto table = vedette::LogSourceTable::Parse(input);
  if (!table.ok()) return 0;
  const vedette::Routing routing(*table);
  std::vector<vedette::Routing::Numbers> numbers;
  for (size_t i = 0; i < routing.fields().size(); ++i) {
    numbers.push_back({routing.Classify(i, input.substr(0, 10))});
  }
  for (const uint16_t row : routing.Match(numbers)) {
    if (row >= table->rows().size()) __builtin_trap();
  }
  return 0;
}
