// JSON events: what parses must print as JSON that parses to the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vedette/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vedette::JsonParser parser;
  vedette::Event event;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!parser.Parse(text, &event).ok()) return 0;
  const std::string printed = event.root().ToJson();
  vedette::Event again;
  if (!parser.Parse(printed, &again).ok()) __builtin_trap();
  if (again.root().ToJson() != printed) __builtin_trap();
  return 0;
}
