// Field paths from hostile rules on a fixed tree: first line of the input is the path, the rest
// JSON.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "lib/event/field_resolution.h"
#include "vedette/event.h"
#include "vedette/field_path.h"
#include "vedette/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\n');
  const auto path = vedette::FieldPath::Parse(input.substr(0, end));
  if (!path.ok() || end == std::string_view::npos) return 0;
  vedette::Event event;
  vedette::JsonParser parser;
  if (!parser.Parse(input.substr(end + 1), &event).ok()) return 0;
  vedette::ValueArena arena;
  const vedette::Value v = vedette::Lookup(event.root(), *path, &arena);
  if (!v.absent() && v.ToJson().empty()) __builtin_trap();
  for (const auto& candidate : vedette::ResolveField(path->text(), event.shape(), 0, {})) {
    // What the adapter knows of an event's keys must never hide a field that is there.
    const bool got = !vedette::TreeAdapter().Get(&event, candidate, 0, &arena).absent();
    if (got != !vedette::Lookup(event.root(), candidate, &arena).absent()) __builtin_trap();
  }
  return 0;
}
