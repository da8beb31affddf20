// Protobuf fields and messages as values.
#ifndef VEDETTE_LIB_PROTOBUF_MESSAGE_VALUE_H_
#define VEDETTE_LIB_PROTOBUF_MESSAGE_VALUE_H_

#include <functional>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// Messages deeper than this are not looked into: host schemas may contain themselves.
inline constexpr int kMaxMessageLevels = 16;

// Messages that stand for what they hold, so that their own field names are no part of a path.
enum class MessageRole : uint8_t {
  kPlain,
  kHolder,     // a wrapper or a variant: stands for its one set field
  kStruct,     // google.protobuf.Struct: an object
  kList,       // a list of values
  kTimestamp,  // google.protobuf.Timestamp: RFC 3339 text
};
MessageRole RoleOf(const google::protobuf::Descriptor& descriptor);

// True for fields that a message can have or not; the others always have their value.
bool HasPresence(const google::protobuf::FieldDescriptor& field);
// True if the field has something to read: it is set, or without presence, or has elements.
bool HasContent(const google::protobuf::Message& message,
                const google::protobuf::FieldDescriptor& field);

// The oneof of the shipped Event envelope whose message's fields stand at the top; null for any
// other descriptor.
const google::protobuf::OneofDescriptor* BodyOf(const google::protobuf::Descriptor& descriptor);

// The value of a field: repeated ones as lists, maps as objects. Parts are made in `arena` or
// borrowed from the message.
Value FieldValue(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field, int level, ValueArena* arena);
// One element of a repeated field.
Value ElementValue(const google::protobuf::Message& message,
                   const google::protobuf::FieldDescriptor& field, int index, int level,
                   ValueArena* arena);
// The message as an object, or what it stands for.
Value MessageAsValue(const google::protobuf::Message& message, int level, ValueArena* arena);

// The number of an enum field, `index` of a repeated one.
Value EnumNumber(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field, int index);

// The text of a map entry's key; digits and the like are made in `arena`.
std::string_view MapKeyText(const google::protobuf::Message& entry, ValueArena* arena);

// Calls `visit` for every scalar in the message.
void VisitMessage(const google::protobuf::Message& message, int level, ValueArena* arena,
                  const std::function<void(const Value&)>& visit);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROTOBUF_MESSAGE_VALUE_H_
