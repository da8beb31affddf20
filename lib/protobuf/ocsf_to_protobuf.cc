// OCSF events as messages of the shipped schemas.
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lib/base/casefold.h"
#include "lib/protobuf/message_value.h"
#include "vedette/proto/event.pb.h"
#include "vedette/protobuf.h"

namespace vedette::inline v0 {
namespace {

namespace pb = ::google::protobuf;
using Field = pb::FieldDescriptor;

// The integer that a value is, if it fits.
template <typename Int>
std::optional<Int> IntegerOf(const Value& v) {
  if (v.kind() == ValueKind::kInt && std::in_range<Int>(v.integer())) {
    return static_cast<Int>(v.integer());
  }
  if (v.kind() == ValueKind::kUint && std::in_range<Int>(v.unsigned_integer())) {
    return static_cast<Int>(v.unsigned_integer());
  }
  // 2^53: larger doubles may be another number than the source wrote.
  constexpr double kExact = 9007199254740992.0;
  if (v.kind() == ValueKind::kDouble && std::trunc(v.number()) == v.number() &&
      std::abs(v.number()) <= kExact && std::in_range<Int>(static_cast<int64_t>(v.number()))) {
    return static_cast<Int>(v.number());
  }
  return std::nullopt;
}

std::optional<double> DoubleOf(const Value& v) {
  if (!v.is_number()) return std::nullopt;
  return v.AsDouble();
}

bool IsUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    char32_t code = 0;
    at += NextCodePoint(text, at, &code);
    // NextCodePoint gives a lone surrogate for a byte that is no UTF-8.
    if (code >= 0xD800 && code <= 0xDFFF) return false;
  }
  return true;
}

// What a string field takes: texts, numbers and booleans as their texts; objects and lists as
// JSON, for attributes that hold what the source wrote.
std::optional<std::string> TextOf(const Value& v) {
  std::string text;
  if (v.is_list() || v.is_object()) {
    text = v.ToJson();
  } else {
    v.AppendText(&text);
  }
  if (!IsUtf8(text)) return std::nullopt;
  return text;
}

void SetText(std::string text, auto* out) {
  if (IsUtf8(text)) {
    out->set_string_value(std::move(text));
  } else {
    out->set_bytes_value(std::move(text));
  }
}

void SetScalar(const Value& v, auto* out) {
  switch (v.kind()) {
    case ValueKind::kBool:
      return out->set_bool_value(v.boolean());
    case ValueKind::kInt:
      return out->set_int_value(v.integer());
    case ValueKind::kUint:
      return out->set_uint_value(v.unsigned_integer());
    case ValueKind::kDouble:
      return out->set_double_value(v.number());
    case ValueKind::kString:
      return SetText(std::string(v.string()), out);
    default:
      return out->set_null_value(true);
  }
}

class Filler {
 public:
  explicit Filler(proto::Event* event) : event_(event) {}

  void Fill(const Value& ocsf) {
    pb::Message* const body = Body(ocsf);
    for (const Member& member : ocsf.members()) {
      path_ = member.name;
      // The body's own attribute first: some bodies have one that the envelope has, too.
      if (body != nullptr && SetMember(member, body)) continue;
      if (IsEnvelopes(member.name) && SetMember(member, event_)) continue;
      Keep(member.value);
    }
    MoveUnmapped();
  }

 private:
  // The body of the event's class; made if the class has one.
  pb::Message* Body(const Value& ocsf) {
    const std::optional<int32_t> uid = IntegerOf<int32_t>(ocsf.Find("class_uid"));
    if (!uid) return nullptr;
    const pb::OneofDescriptor& bodies = *BodyOf(*proto::Event::descriptor());
    for (int i = 0; i < bodies.field_count(); ++i) {
      const Field& field = *bodies.field(i);
      const pb::MessageOptions& options = field.message_type()->options();
      for (int c = 0; c < options.ExtensionSize(proto::event_class); ++c) {
        if (options.GetExtension(proto::event_class, c).uid() != *uid) continue;
        return event_->GetReflection()->MutableMessage(event_, &field);
      }
    }
    return nullptr;
  }

  // Bodies are chosen by class, and `unmapped` is filled from an object of that name.
  static bool IsEnvelopes(std::string_view name) {
    const Field* field = proto::Event::descriptor()->FindFieldByName(std::string(name));
    return field != nullptr && field->real_containing_oneof() == nullptr && !field->is_map();
  }

  // Whether the message has a field for it; parts that it has none for are kept as unmapped.
  bool SetMember(const Member& member, pb::Message* message) {
    const Field* field = message->GetDescriptor()->FindFieldByName(std::string(member.name));
    if (field == nullptr || field->is_map()) return false;
    if (member.value.is_null()) return true;
    const bool message_field = field->cpp_type() == Field::CPPTYPE_MESSAGE;
    if (!field->is_repeated()) {
      return message_field ? SetMessage(member.value, *field, message)
                           : SetValue(member.value, *field, message);
    }
    if (!member.value.is_list()) return AddElement(member.value, *field, message);
    for (const Value& item : member.value.list()) {
      if (!AddElement(item, *field, message)) Keep(item);
    }
    return true;
  }

  bool AddElement(const Value& item, const Field& field, pb::Message* message) {
    if (field.cpp_type() != Field::CPPTYPE_MESSAGE) return SetValue(item, field, message);
    if (!item.is_object()) return false;
    FillMessage(item, message->GetReflection()->AddMessage(message, &field));
    return true;
  }

  bool SetMessage(const Value& v, const Field& field, pb::Message* message) {
    if (!v.is_object()) return false;
    FillMessage(v, message->GetReflection()->MutableMessage(message, &field));
    return true;
  }

  // No shipped message contains itself, so depth is bounded by the schema.
  void FillMessage(const Value& object, pb::Message* message) {
    const size_t outer = path_.size();
    for (const Member& member : object.members()) {
      path_.append(".").append(member.name);
      if (!SetMember(member, message)) Keep(member.value);
      path_.resize(outer);
    }
  }

  // Sets a scalar field, or adds to a repeated one. False if the value does not fit.
  bool SetValue(const Value& v, const Field& field, pb::Message* message) {
    const pb::Reflection& r = *message->GetReflection();
    const bool add = field.is_repeated();
    const auto put = [&](auto value, auto setter, auto adder) {
      if (!value) return false;
      if (add) {
        (r.*adder)(message, &field, *std::move(value));
      } else {
        (r.*setter)(message, &field, *std::move(value));
      }
      return true;
    };
    using R = pb::Reflection;
    switch (field.cpp_type()) {
      case Field::CPPTYPE_INT32:
        return put(IntegerOf<int32_t>(v), &R::SetInt32, &R::AddInt32);
      case Field::CPPTYPE_INT64:
        return put(IntegerOf<int64_t>(v), &R::SetInt64, &R::AddInt64);
      case Field::CPPTYPE_UINT32:
        return put(IntegerOf<uint32_t>(v), &R::SetUInt32, &R::AddUInt32);
      case Field::CPPTYPE_UINT64:
        return put(IntegerOf<uint64_t>(v), &R::SetUInt64, &R::AddUInt64);
      case Field::CPPTYPE_DOUBLE:
        return put(DoubleOf(v), &R::SetDouble, &R::AddDouble);
      case Field::CPPTYPE_BOOL:
        return put(v.kind() == ValueKind::kBool ? std::optional(v.boolean()) : std::nullopt,
                   &R::SetBool, &R::AddBool);
      case Field::CPPTYPE_STRING:
        return put(TextOf(v), &R::SetString, &R::AddString);
      default:
        return false;
    }
  }

  // Keeps what has no field, flattened, under the path to it; members of an object `unmapped` under
  // their own.
  void Keep(const Value& v) {
    constexpr std::string_view kUnmapped = "unmapped.";
    const size_t outer = path_.size();
    if (v.is_object()) {
      for (const Member& member : v.members()) {
        path_.append(".").append(member.name);
        Keep(member.value);
        path_.resize(outer);
      }
    } else if (v.is_list()) {
      for (const Value& item : v.list()) Keep(item);
    } else {
      const std::string_view path(path_);
      const bool own = path.starts_with(kUnmapped) && path.size() > kUnmapped.size();
      kept_[std::string(own ? path.substr(kUnmapped.size()) : path)].push_back(v);
    }
  }

  void MoveUnmapped() {
    for (const auto& [name, values] : kept_) {
      // A key is a string of the schema, so it must be UTF-8: others are told by the same text.
      std::string key = name;
      if (!IsUtf8(key)) key = Value::String(name).ToJson();
      proto::Value& out = (*event_->mutable_unmapped())[key];
      if (values.size() == 1) {
        SetScalar(values[0], &out);
        continue;
      }
      for (const Value& v : values) SetScalar(v, out.mutable_list_value()->add_values());
    }
  }

  proto::Event* event_;
  std::string path_;  // of the value that is being set
  std::map<std::string, std::vector<Value>> kept_;
};

}  // namespace

absl::Status OcsfToProtobuf(const Value& event, pb::Message* out) {
  auto* const message = dynamic_cast<proto::Event*>(out);
  if (message == nullptr) return absl::InvalidArgumentError("no vedette.proto.Event to fill");
  if (!event.is_object()) return absl::InvalidArgumentError("the event is no object");
  message->Clear();
  Filler(message).Fill(event);
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
