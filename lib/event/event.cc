#include "vedette/event.h"

#include <utility>

#include "lib/event/shape.h"
#include "lib/event/xml_json.h"

namespace vedette::inline v0 {
namespace {

// Value trees as events. XML elements that have attributes come as objects with members for
// them and the text: such an object stands for its text.
class TreeAdapterImpl final : public EventAdapter {
 public:
  EventShape Shape(const void* event) const override {
    return static_cast<const Event*>(event)->shape();
  }

  Value Get(const void* event, const FieldPath& path, int /*binding*/,
            ValueArena* arena) const override {
    const Event& e = *static_cast<const Event*>(event);
    const bool blanks_matter = path.ignore_blanks() && e.root().spaced_names();
    // Without such a first key there is no such field; the event itself is there without any key.
    if ((e.key_bits() & path.first_key_bits()) == 0 && !blanks_matter && !path.is_self()) {
      return Value();
    }
    const Value v = Lookup(e.root(), path, arena);
    if (v.is_object() && e.shape() == EventShape::kWindowsEvtx) {
      const Value text = XmlText(v);
      if (!text.absent()) return text;
    }
    return v;
  }

  void VisitScalars(const void* event, ValueArena* /*arena*/,
                    const std::function<void(const Value&)>& visit) const override {
    Visit(static_cast<const Event*>(event)->root(), 0, visit);
  }

 private:
  static constexpr int kMaxDepth = 256;  // no reader makes deeper trees

  static void Visit(const Value& v, int depth, const std::function<void(const Value&)>& visit) {
    if (v.is_scalar()) {
      visit(v);
    } else if (depth >= kMaxDepth) {
      return;
    } else if (v.is_list()) {
      for (const Value& item : v.list()) Visit(item, depth + 1, visit);
    } else if (v.is_object()) {
      for (const Member& member : v.members()) Visit(member.value, depth + 1, visit);
    }
  }
};

}  // namespace

const EventAdapter& TreeAdapter() {
  static const TreeAdapterImpl adapter;
  return adapter;
}

void Event::set_root(Value root) {
  const uint64_t key_bits = KeyBitsOf(root);
  set_root(root, key_bits, DetectShape(root, key_bits), 0);
}

void Event::set_root(Value root, uint64_t key_bits, EventShape shape, uint64_t names_token) {
  root_ = root;
  key_bits_ = key_bits;
  names_token_ = names_token;
  shape_ = shape;
  time_ = FindEventTime(root_, shape_, key_bits_);
}

void Event::set_ref(std::string_view source, uint64_t line) { ref_ = {source, line}; }

void Event::Clear() {
  arena_.Reset();
  root_ = Value();
  key_bits_ = ~uint64_t{0};
  names_token_ = 0;
  shape_ = EventShape::kGeneric;
  time_ = kNoEventTime;
  has_log_source_ = false;
  ref_ = EventRef();
  raw_ = {};
}

EventView Event::view() const {
  EventView view(TreeAdapter(), this);
  view.set_time(time_);
  view.set_log_source(log_source());
  view.set_ref(ref_);
  return view;
}

}  // namespace vedette::inline v0
