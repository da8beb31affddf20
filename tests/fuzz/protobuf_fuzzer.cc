// Bytes as an event of the shipped schemas: every path of the schema table is read, every scalar
// visited, the whole written as JSON, and made a message again from its tree.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vedette/event.h"
#include "vedette/field_path.h"
#include "vedette/proto/event.pb.h"
#include "vedette/protobuf.h"
#include "vedette/schema.h"

namespace vedette::inline v0 {
namespace {

struct BoundPath {
  FieldPath path;
  int number;
};

const EventAdapter& Adapter() {
  static const std::unique_ptr<EventAdapter> adapter =
      NewProtobufAdapter(proto::Event::descriptor());
  return *adapter;
}

const std::vector<BoundPath>& Paths() {
  static const std::vector<BoundPath> paths = [] {
    std::vector<BoundPath> all;
    const auto add = [&all](std::string_view text) {
      absl::StatusOr<FieldPath> path = FieldPath::Parse(text);
      if (!path.ok()) return;
      const int number = Adapter().Bind(*path);
      if (number >= 0) all.push_back({*std::move(path), number});
    };
    for (const FieldSpec& spec : Schema::Builtin().fields()) add(spec.path);
    for (const char* text : {".", "a", "a.b", "list[0]", "unmapped", "observables[-1].value"}) {
      add(text);
    }
    return all;
  }();
  return paths;
}

void Read(const proto::Event& event) {
  static ValueArena arena;
  arena.Reset();
  std::string text;
  const EventView view = ProtobufView(Adapter(), event);
  for (const BoundPath& p : Paths()) {
    const Value v = Adapter().Get(view.object(), p.path, p.number, &arena);
    if (!v.absent() && v.ToJson().empty()) __builtin_trap();
  }
  Adapter().VisitScalars(view.object(), &arena, [&](const Value& v) {
    text.clear();
    v.AppendText(&text);
    if (!v.is_scalar() || (text.empty() && !v.is_string())) __builtin_trap();
  });
}

void MakeAgain(const proto::Event& event) {
  static const FieldPath whole = FieldPath::Parse(".").value();
  ValueArena arena;
  const Value tree = Adapter().Get(&event, whole, Adapter().Bind(whole), &arena);
  proto::Event again;
  const bool made = OcsfToProtobuf(tree, &again).ok();
  if (made != tree.is_object() || !proto::Event().ParseFromString(again.SerializeAsString())) {
    __builtin_trap();
  }
}

}  // namespace
}  // namespace vedette::inline v0

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vedette::proto::Event event;
  if (!event.ParseFromArray(data, static_cast<int>(size))) return 0;
  vedette::Read(event);
  vedette::MakeAgain(event);
  return 0;
}
