#include "lib/protobuf/message_value.h"

#include <charconv>
#include <cstring>
#include <string>

#include "vedette/event.h"

namespace vedette::inline v0 {
namespace {

namespace pb = ::google::protobuf;

// Shortest text of the float, read as a double: 0.1f is 0.1, not 0.10000000149011612.
double WidenFloat(float f) {
  char digits[32];
  const auto written = std::to_chars(digits, digits + sizeof(digits), f);
  double wide = f;
  if (written.ec == std::errc()) std::from_chars(digits, written.ptr, wide);
  return wide;
}

Value EnumValue(const pb::FieldDescriptor& field, int number) {
  const pb::EnumValueDescriptor* value = field.enum_type()->FindValueByNumber(number);
  return value == nullptr ? Value::Int(number) : Value::String(value->name());
}

// Text that reflection could not lend from the message is kept in the arena.
Value Text(const std::string& text, const std::string& scratch, ValueArena* arena) {
  return Value::String(&text == &scratch ? arena->CopyString(text) : std::string_view(text));
}

// `null_value` of the shipped Value and of google.protobuf.Value.
bool IsNullMember(const pb::FieldDescriptor& field) {
  return field.name() == "null_value" && field.containing_oneof() != nullptr &&
         RoleOf(*field.containing_type()) == MessageRole::kHolder;
}

Value TimestampText(const pb::Message& message, ValueArena* arena) {
  constexpr int64_t kNanos = 1'000'000'000;
  const pb::Reflection& r = *message.GetReflection();
  const pb::Descriptor& d = *message.GetDescriptor();
  const int64_t seconds = r.GetInt64(message, d.field(0));
  const int64_t nanos = r.GetInt32(message, d.field(1));
  if (seconds <= INT64_MIN / kNanos || seconds >= INT64_MAX / kNanos || nanos < 0 ||
      nanos >= kNanos) {
    return Value::Int(seconds);
  }
  return Value::String(arena->CopyString(FormatEventTime(seconds * kNanos + nanos)));
}

Value SingularValue(const pb::Message& message, const pb::FieldDescriptor& field, int level,
                    ValueArena* arena) {
  const pb::Reflection& r = *message.GetReflection();
  std::string scratch;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return Value::Int(r.GetInt32(message, &field));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return Value::Int(r.GetInt64(message, &field));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return Value::Uint(r.GetUInt32(message, &field));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return Value::Uint(r.GetUInt64(message, &field));
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return Value::Double(r.GetDouble(message, &field));
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return Value::Double(WidenFloat(r.GetFloat(message, &field)));
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return Value::Bool(r.GetBool(message, &field));
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return EnumValue(field, r.GetEnumValue(message, &field));
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return Text(r.GetStringReference(message, &field, &scratch), scratch, arena);
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageAsValue(r.GetMessage(message, &field), level + 1, arena);
  }
  return Value();
}

Value RepeatedValue(const pb::Message& message, const pb::FieldDescriptor& field, int level,
                    ValueArena* arena) {
  const int size = message.GetReflection()->FieldSize(message, &field);
  const std::span<Value> items = arena->NewValues(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    items[static_cast<size_t>(i)] = ElementValue(message, field, i, level, arena);
  }
  return Value::List(items);
}

bool HasBlank(std::string_view name) { return name.find(' ') != std::string_view::npos; }

Value MapValue(const pb::Message& message, const pb::FieldDescriptor& field, int level,
               ValueArena* arena) {
  const pb::Reflection& r = *message.GetReflection();
  const int size = r.FieldSize(message, &field);
  const std::span<Member> members = arena->NewMembers(static_cast<size_t>(size));
  bool spaced = false;
  for (int i = 0; i < size; ++i) {
    const pb::Message& entry = r.GetRepeatedMessage(message, &field, i);
    Member& member = members[static_cast<size_t>(i)];
    member.name = MapKeyText(entry, arena);
    member.value = SingularValue(entry, *field.message_type()->map_value(), level, arena);
    spaced |= HasBlank(member.name);
  }
  return Value::Object(members, spaced);
}

// Calls `f(message, field)` for the fields of a message that have content; those of an envelope's
// body come in the place of the body.
template <typename F>
void ForEachMember(const pb::Message& message, F f) {
  const pb::Descriptor& descriptor = *message.GetDescriptor();
  const pb::OneofDescriptor* body = BodyOf(descriptor);
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const pb::FieldDescriptor& field = *descriptor.field(i);
    if (!HasContent(message, field)) continue;
    if (body != nullptr && field.containing_oneof() == body) {
      ForEachMember(message.GetReflection()->GetMessage(message, &field), f);
    } else {
      f(message, field);
    }
  }
}

Value ObjectValue(const pb::Message& message, int level, ValueArena* arena) {
  size_t count = 0;
  ForEachMember(message, [&](const pb::Message&, const pb::FieldDescriptor&) { ++count; });
  const std::span<Member> members = arena->NewMembers(count);
  size_t i = 0;
  ForEachMember(message, [&](const pb::Message& owner, const pb::FieldDescriptor& field) {
    members[i++] = {field.name(), FieldValue(owner, field, level, arena)};
  });
  return Value::Object(members);
}

// The field that a holder stands for; null if none is set.
const pb::FieldDescriptor* HeldField(const pb::Message& message) {
  const pb::Descriptor& descriptor = *message.GetDescriptor();
  if (descriptor.real_oneof_decl_count() == 0) return descriptor.field(0);  // a wrapper
  return message.GetReflection()->GetOneofFieldDescriptor(message, descriptor.oneof_decl(0));
}

}  // namespace

MessageRole RoleOf(const pb::Descriptor& descriptor) {
  const std::string_view name = descriptor.full_name();
  constexpr std::string_view kGoogle = "google.protobuf.";
  constexpr std::string_view kShipped = "vedette.proto.";
  const bool google = name.starts_with(kGoogle);
  if ((!google && !name.starts_with(kShipped)) || descriptor.field_count() == 0) {
    return MessageRole::kPlain;
  }
  const std::string_view rest = name.substr(google ? kGoogle.size() : kShipped.size());
  if (rest == "Value" || (!google && rest == "ScalarValue")) return MessageRole::kHolder;
  const pb::FieldDescriptor& first = *descriptor.field(0);
  if (rest == (google ? "ListValue" : "ValueList") && first.is_repeated()) {
    return MessageRole::kList;
  }
  if (!google) return MessageRole::kPlain;
  if (rest == "Timestamp" && descriptor.field_count() == 2) return MessageRole::kTimestamp;
  if (rest == "Struct" && first.is_map()) return MessageRole::kStruct;
  constexpr std::string_view kWrappers[] = {"BoolValue",   "Int32Value",  "Int64Value",
                                            "UInt32Value", "UInt64Value", "FloatValue",
                                            "DoubleValue", "StringValue", "BytesValue"};
  for (const std::string_view wrapper : kWrappers) {
    if (rest == wrapper) return MessageRole::kHolder;
  }
  return MessageRole::kPlain;
}

bool HasPresence(const pb::FieldDescriptor& field) { return field.has_presence(); }

bool HasContent(const pb::Message& message, const pb::FieldDescriptor& field) {
  const pb::Reflection& r = *message.GetReflection();
  if (field.is_repeated()) return r.FieldSize(message, &field) > 0;
  return !HasPresence(field) || r.HasField(message, &field);
}

const pb::OneofDescriptor* BodyOf(const pb::Descriptor& descriptor) {
  if (descriptor.full_name() != "vedette.proto.Event") return nullptr;
  return descriptor.FindOneofByName("body");
}

Value ElementValue(const pb::Message& message, const pb::FieldDescriptor& field, int index,
                   int level, ValueArena* arena) {
  const pb::Reflection& r = *message.GetReflection();
  std::string scratch;
  switch (field.cpp_type()) {
    case pb::FieldDescriptor::CPPTYPE_INT32:
      return Value::Int(r.GetRepeatedInt32(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_INT64:
      return Value::Int(r.GetRepeatedInt64(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_UINT32:
      return Value::Uint(r.GetRepeatedUInt32(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_UINT64:
      return Value::Uint(r.GetRepeatedUInt64(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_DOUBLE:
      return Value::Double(r.GetRepeatedDouble(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_FLOAT:
      return Value::Double(WidenFloat(r.GetRepeatedFloat(message, &field, index)));
    case pb::FieldDescriptor::CPPTYPE_BOOL:
      return Value::Bool(r.GetRepeatedBool(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_ENUM:
      return EnumValue(field, r.GetRepeatedEnumValue(message, &field, index));
    case pb::FieldDescriptor::CPPTYPE_STRING:
      return Text(r.GetRepeatedStringReference(message, &field, index, &scratch), scratch, arena);
    case pb::FieldDescriptor::CPPTYPE_MESSAGE:
      return MessageAsValue(r.GetRepeatedMessage(message, &field, index), level + 1, arena);
  }
  return Value();
}

Value FieldValue(const pb::Message& message, const pb::FieldDescriptor& field, int level,
                 ValueArena* arena) {
  if (!HasContent(message, field)) return Value();
  if (IsNullMember(field)) return Value::Null();
  if (field.is_map()) return MapValue(message, field, level, arena);
  if (field.is_repeated()) return RepeatedValue(message, field, level, arena);
  return SingularValue(message, field, level, arena);
}

Value MessageAsValue(const pb::Message& message, int level, ValueArena* arena) {
  const pb::Descriptor& descriptor = *message.GetDescriptor();
  switch (RoleOf(descriptor)) {
    case MessageRole::kTimestamp:
      return TimestampText(message, arena);
    case MessageRole::kHolder: {
      const pb::FieldDescriptor* held = HeldField(message);
      // A holder is no level of its own: what it holds counts.
      return held == nullptr ? Value::Null() : FieldValue(message, *held, level - 1, arena);
    }
    case MessageRole::kStruct:
    case MessageRole::kList: {
      if (level > kMaxMessageLevels) return Value::Null();
      const pb::FieldDescriptor& inner = *descriptor.field(0);
      if (HasContent(message, inner)) return FieldValue(message, inner, level, arena);
      return inner.is_map() ? Value::Object({}) : Value::List({});
    }
    case MessageRole::kPlain:
      break;
  }
  return level > kMaxMessageLevels ? Value::Null() : ObjectValue(message, level, arena);
}

Value EnumNumber(const pb::Message& message, const pb::FieldDescriptor& field, int index) {
  const pb::Reflection& r = *message.GetReflection();
  return Value::Int(field.is_repeated() ? r.GetRepeatedEnumValue(message, &field, index)
                                        : r.GetEnumValue(message, &field));
}

std::string_view MapKeyText(const pb::Message& entry, ValueArena* arena) {
  const pb::FieldDescriptor& key = *entry.GetDescriptor()->map_key();
  const Value v = SingularValue(entry, key, 0, arena);
  if (v.is_string()) return v.string();
  std::string text;
  v.AppendText(&text);
  return arena->CopyString(text);
}

void VisitMessage(const pb::Message& message, int level, ValueArena* arena,
                  const std::function<void(const Value&)>& visit) {
  if (level > kMaxMessageLevels) return;
  const MessageRole role = RoleOf(*message.GetDescriptor());
  if (role == MessageRole::kTimestamp) return visit(TimestampText(message, arena));
  const int below = role == MessageRole::kHolder ? level : level + 1;
  const pb::Reflection& r = *message.GetReflection();
  const pb::Descriptor& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const pb::FieldDescriptor& field = *descriptor.field(i);
    // Without presence, a default says nothing and would make every event contain "0".
    const bool held = role == MessageRole::kHolder && !HasPresence(field);
    if (!field.is_repeated() && !held && !r.HasField(message, &field)) continue;
    if (IsNullMember(field)) continue;
    const int size = field.is_repeated() ? r.FieldSize(message, &field) : 1;
    for (int k = 0; k < size; ++k) {
      if (field.cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
        visit(field.is_repeated() ? ElementValue(message, field, k, level, arena)
                                  : SingularValue(message, field, level, arena));
        continue;
      }
      const pb::Message& inner = field.is_repeated() ? r.GetRepeatedMessage(message, &field, k)
                                                     : r.GetMessage(message, &field);
      if (!field.is_map()) {
        VisitMessage(inner, below, arena, visit);
        continue;
      }
      const pb::FieldDescriptor& value = *field.message_type()->map_value();
      if (value.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
        VisitMessage(inner.GetReflection()->GetMessage(inner, &value), below, arena, visit);
      } else {
        visit(SingularValue(inner, value, level, arena));
      }
    }
  }
}

}  // namespace vedette::inline v0
