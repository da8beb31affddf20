#include "lib/protobuf/message_path.h"

#include <map>
#include <span>
#include <utility>

#include "lib/protobuf/message_value.h"
#include "vedette/proto/event.pb.h"

namespace vedette::inline v0 {
namespace {

namespace pb = ::google::protobuf;
using Node = MessagePath::Node;
using Edge = MessagePath::Edge;

// Bounds the walk through messages that contain themselves without a name between (holders).
constexpr int kMaxWalkDepth = 64;

bool IsMessage(const pb::FieldDescriptor& field) {
  return field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE;
}

// Builds the nodes of a path: one for each message type and place in the path.
class Builder {
 public:
  Builder(const FieldPath& path, std::vector<std::unique_ptr<Node>>* nodes)
      : path_(path), nodes_(nodes) {}

  // The node of a message type at a place in the path; null if the path leads nowhere from there.
  const Node* Build(const pb::Descriptor& descriptor, size_t segment) {
    const auto [it, is_new] = known_.try_emplace({&descriptor, segment}, nullptr);
    if (!is_new) return it->second;
    Node* node = nodes_->emplace_back(std::make_unique<Node>()).get();
    it->second = node;  // before the edges: a type may come back to itself
    AddEdges(descriptor, segment, node);
    if (node->edges.empty()) it->second = nullptr;
    return it->second;
  }

 private:
  size_t size() const { return path_.segments().size(); }

  void AddEdges(const pb::Descriptor& descriptor, size_t segment, Node* node) {
    const MessageRole role = RoleOf(descriptor);
    if (role == MessageRole::kTimestamp) return;
    if (role != MessageRole::kPlain) {
      for (int i = 0; i < descriptor.field_count(); ++i) {
        AddField(*descriptor.field(i), segment, node);
      }
      return;
    }
    const FieldPath::Segment& name = path_.segments()[segment];
    if (name.is_index) return;
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const pb::FieldDescriptor& field = *descriptor.field(i);
      if (name.any_member || field.name() == name.name) AddField(field, segment + 1, node);
    }
    const pb::OneofDescriptor* body = BodyOf(descriptor);
    if (body != nullptr) AddBodies(*body, segment, node);
  }

  void AddBodies(const pb::OneofDescriptor& body, size_t segment, Node* node) {
    for (int i = 0; i < body.field_count(); ++i) {
      Edge edge;
      edge.field = body.field(i);
      edge.next = Build(*edge.field->message_type(), segment);
      if (edge.next != nullptr) node->edges.push_back(std::move(edge));
    }
    // Names of the source itself: the whole name is a key of `unmapped`.
    const pb::FieldDescriptor* unmapped = body.containing_type()->FindFieldByName("unmapped");
    if (unmapped == nullptr || !unmapped->is_map() || segment != 0) return;
    if (path_.exact_names() && size() > 1) return;
    AddMap(*unmapped, segment, node);
  }

  // The path goes on at `segment` behind `field`.
  void AddField(const pb::FieldDescriptor& field, size_t segment, Node* node) {
    if (field.is_map()) return AddMap(field, segment, node);
    Edge edge;
    edge.field = &field;
    if (field.is_repeated() && segment < size() && path_.segments()[segment].is_index) {
      edge.has_index = true;
      edge.index = path_.segments()[segment].index;
      ++segment;
    }
    if (segment == size()) {
      node->edges.push_back(std::move(edge));
    } else if (IsMessage(field)) {
      edge.next = Build(*field.message_type(), segment);
      if (edge.next != nullptr) node->edges.push_back(std::move(edge));
    } else if (field.enum_type() != nullptr && segment + 1 == size() &&
               path_.segments()[segment].name == "number") {
      edge.enum_number = true;
      node->edges.push_back(std::move(edge));
    }
  }

  void AddMap(const pb::FieldDescriptor& field, size_t segment, Node* node) {
    Edge edge;
    edge.field = &field;
    if (segment == size()) {
      node->edges.push_back(std::move(edge));
      return;
    }
    const auto& segments = path_.segments();
    const pb::FieldDescriptor& value = *field.message_type()->map_value();
    for (size_t end = size(); end > segment; --end) {
      if (path_.exact_names() && end > segment + 1) continue;
      std::string key = path_.flat_key().substr(segments[segment].begin,
                                                segments[end - 1].end - segments[segment].begin);
      if (end == size()) {
        edge.keys.push_back({std::move(key), nullptr});
      } else if (IsMessage(value)) {
        const Node* next = Build(*value.message_type(), end);
        if (next != nullptr) edge.keys.push_back({std::move(key), next});
      }
    }
    if (!edge.keys.empty()) node->edges.push_back(std::move(edge));
  }

  const FieldPath& path_;
  std::vector<std::unique_ptr<Node>>* nodes_;
  std::map<std::pair<const pb::Descriptor*, size_t>, const Node*> known_;
};

// Something found: a field of a message, one of its elements, or a message.
struct Found {
  const pb::Message* message;
  const pb::FieldDescriptor* field;  // null: the message itself
  int index = -1;                    // of a repeated field; -1: the whole field
  bool enum_number = false;
};

Value ValueOf(const Found& found, ValueArena* arena) {
  if (found.field == nullptr) return MessageAsValue(*found.message, 0, arena);
  if (found.enum_number) return EnumNumber(*found.message, *found.field, found.index);
  if (found.index >= 0) return ElementValue(*found.message, *found.field, found.index, 0, arena);
  return FieldValue(*found.message, *found.field, 0, arena);
}

// The entry's value in a map, as something found; a null message if the map has no such key.
Found FindInMap(const pb::Message& message, const pb::FieldDescriptor& field,
                const std::string& key, ValueArena* arena) {
  if (message.GetDescriptor() == proto::Event::descriptor() &&
      field.number() == proto::Event::kUnmappedFieldNumber &&
      message.GetReflection() == proto::Event::default_instance().GetReflection()) {
    const auto& unmapped = static_cast<const proto::Event&>(message).unmapped();
    const auto it = unmapped.find(key);
    return {it == unmapped.end() ? nullptr : &it->second, nullptr};
  }
  const pb::Reflection& r = *message.GetReflection();
  const int size = r.FieldSize(message, &field);
  for (int i = 0; i < size; ++i) {
    const pb::Message& entry = r.GetRepeatedMessage(message, &field, i);
    if (MapKeyText(entry, arena) == key) return {&entry, field.message_type()->map_value()};
  }
  return {nullptr, nullptr};
}

// Walks a message along the nodes and hands everything found to `emit`.
template <typename Emit>
class Walker {
 public:
  Walker(ValueArena* arena, Emit emit) : arena_(arena), emit_(emit) {}

  bool Walk(const pb::Message& message, const Node& node, bool through_list) {
    if (depth_ >= kMaxWalkDepth) return false;
    ++depth_;
    bool found = false;
    for (const Edge& edge : node.edges) {
      found = Follow(message, edge, through_list);
      if (found) break;
    }
    --depth_;
    return found;
  }

 private:
  bool Follow(const pb::Message& message, const Edge& edge, bool through_list) {
    const pb::Reflection& r = *message.GetReflection();
    if (!edge.keys.empty()) return FollowKeys(message, edge, through_list);
    if (!HasContent(message, *edge.field)) return false;
    if (!edge.field->is_repeated() || edge.field->is_map()) {
      if (edge.next != nullptr) {
        return Walk(r.GetMessage(message, edge.field), *edge.next, through_list);
      }
      emit_(Found{&message, edge.field, -1, edge.enum_number}, through_list);
      return true;
    }
    const int size = r.FieldSize(message, edge.field);
    if (!edge.has_index) {
      bool found = false;
      for (int i = 0; i < size; ++i) found |= FollowElement(message, edge, i, true);
      return found;
    }
    const int64_t index = edge.index < 0 ? int64_t{edge.index} + size : edge.index;
    return index >= 0 && index < size &&
           FollowElement(message, edge, static_cast<int>(index), through_list);
  }

  bool FollowElement(const pb::Message& message, const Edge& edge, int index, bool through_list) {
    if (edge.next != nullptr) {
      const pb::Message& element =
          message.GetReflection()->GetRepeatedMessage(message, edge.field, index);
      return Walk(element, *edge.next, through_list);
    }
    emit_(Found{&message, edge.field, index, edge.enum_number}, through_list);
    return true;
  }

  bool FollowKeys(const pb::Message& message, const Edge& edge, bool through_list) {
    for (const Edge::Key& key : edge.keys) {
      const Found value = FindInMap(message, *edge.field, key.text, arena_);
      if (value.message == nullptr) continue;
      if (key.next == nullptr) {
        emit_(value, through_list);
        return true;
      }
      const pb::Message& inner =
          value.field == nullptr
              ? *value.message
              : value.message->GetReflection()->GetMessage(*value.message, value.field);
      if (Walk(inner, *key.next, through_list)) return true;
    }
    return false;
  }

  ValueArena* arena_;
  Emit emit_;
  int depth_ = 0;
};

template <typename Emit>
void WalkNodes(const pb::Message& message, const Node& root, ValueArena* arena, Emit emit) {
  Walker<Emit>(arena, emit).Walk(message, root, false);
}

// Lists among the items become part of the list.
Value Flattened(std::span<const Value> items, ValueArena* arena) {
  size_t count = 0;
  bool nested = false;
  for (const Value& item : items) {
    nested |= item.is_list();
    count += item.is_list() ? item.list().size() : 1;
  }
  if (!nested) return Value::List(items);
  const std::span<Value> flat = arena->NewValues(count);
  size_t i = 0;
  for (const Value& item : items) {
    if (!item.is_list()) {
      flat[i++] = item;
      continue;
    }
    for (const Value& inner : item.list()) flat[i++] = inner;
  }
  return Value::List(flat);
}

}  // namespace

std::unique_ptr<MessagePath> MessagePath::Resolve(const pb::Descriptor& descriptor,
                                                  const FieldPath& path) {
  std::unique_ptr<MessagePath> resolved(new MessagePath());
  if (path.is_self()) {
    resolved->is_self_ = true;
    return resolved;
  }
  resolved->root_ = Builder(path, &resolved->nodes_).Build(descriptor, 0);
  return resolved;
}

Value MessagePath::Get(const pb::Message& message, ValueArena* arena) const {
  if (is_self_) return MessageAsValue(message, 0, arena);
  Found single{nullptr, nullptr};
  size_t count = 0;
  bool gathered = false;
  WalkNodes(message, *root_, arena, [&](const Found& found, bool through_list) {
    single = found;
    gathered |= through_list;
    ++count;
  });
  if (count == 0) return Value();
  if (!gathered) return ValueOf(single, arena);
  const std::span<Value> items = arena->NewValues(count);
  size_t i = 0;
  WalkNodes(message, *root_, arena,
            [&](const Found& found, bool) { items[i++] = ValueOf(found, arena); });
  return Flattened(items, arena);
}

}  // namespace vedette::inline v0
