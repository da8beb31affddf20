// Field paths resolved against a message type, once, to chains of field descriptors.
#ifndef VEDETTE_LIB_PROTOBUF_MESSAGE_PATH_H_
#define VEDETTE_LIB_PROTOBUF_MESSAGE_PATH_H_

#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "vedette/field_path.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// Immutable once built; thread-safe. The descriptor must outlive it.
class MessagePath {
 public:
  // Never null; `empty()` if no message of the type can have the field.
  static std::unique_ptr<MessagePath> Resolve(const google::protobuf::Descriptor& descriptor,
                                              const FieldPath& path);

  bool empty() const { return !is_self_ && root_ == nullptr; }
  // The value of the path in a message of the descriptor, as Lookup has it for value trees: the
  // first place that has it, several values in a list. Absent if there is none.
  Value Get(const google::protobuf::Message& message, ValueArena* arena) const;

  struct Node;
  // One field to follow from a message.
  struct Edge {
    const google::protobuf::FieldDescriptor* field = nullptr;
    bool has_index = false;    // of a repeated field only the element `index`
    bool enum_number = false;  // the number of an enum instead of its name
    int32_t index = 0;
    const Node* next = nullptr;  // where the path goes on in the field's message; null: ends here
    // Maps: the keys to try, longest first, and where the path goes on in the value of each.
    struct Key {
      std::string text;
      const Node* next;
    };
    std::vector<Key> keys;
  };
  struct Node {
    std::vector<Edge> edges;  // tried in turn
  };

 private:
  MessagePath() = default;

  std::vector<std::unique_ptr<Node>> nodes_;
  const Node* root_ = nullptr;
  bool is_self_ = false;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROTOBUF_MESSAGE_PATH_H_
