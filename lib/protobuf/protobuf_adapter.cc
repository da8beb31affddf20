#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lib/protobuf/message_path.h"
#include "lib/protobuf/message_value.h"
#include "vedette/protobuf.h"

namespace vedette::inline v0 {
namespace {

namespace pb = ::google::protobuf;

// Resolved paths by number. Writers hold the adapter's lock; readers take none: a path never moves
// once it has a number, and whoever has the number got it after the path was there.
class PathTable {
 public:
  int Add(std::unique_ptr<MessagePath> path) {
    const auto [chunk, slot] = Place(size_);
    if (chunk == kChunks) return -1;
    if (slot == 0) chunks_[chunk] = std::make_unique<std::unique_ptr<MessagePath>[]>(SizeOf(chunk));
    chunks_[chunk][slot] = std::move(path);
    return static_cast<int>(size_++);
  }

  const MessagePath& Get(int number) const {
    const auto [chunk, slot] = Place(static_cast<size_t>(number));
    return *chunks_[chunk][slot];
  }

 private:
  static constexpr size_t kFirstSize = 64;
  static constexpr size_t kChunks = 16;  // 4 million paths

  static size_t SizeOf(size_t chunk) { return kFirstSize << chunk; }
  static std::pair<size_t, size_t> Place(size_t number) {
    size_t chunk = 0;
    while (chunk < kChunks && number >= SizeOf(chunk)) number -= SizeOf(chunk++);
    return {chunk, number};
  }

  std::array<std::unique_ptr<std::unique_ptr<MessagePath>[]>, kChunks> chunks_;
  size_t size_ = 0;
};

class ProtobufAdapter final : public EventAdapter {
 public:
  explicit ProtobufAdapter(const pb::Descriptor* descriptor)
      : descriptor_(descriptor),
        shape_(BodyOf(*descriptor) != nullptr ? EventShape::kOcsf : EventShape::kGeneric) {}

  EventShape Shape(const void* /*event*/) const override { return shape_; }

  int Bind(const FieldPath& path) const override {
    if (path.is_xml()) return -1;
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto [it, is_new] = numbers_.try_emplace(KeyOf(path), -1);
    if (is_new) {
      std::unique_ptr<MessagePath> resolved = MessagePath::Resolve(*descriptor_, path);
      if (!resolved->empty()) it->second = paths_.Add(std::move(resolved));
    }
    return it->second;
  }

  Value Get(const void* event, const FieldPath& /*path*/, int binding,
            ValueArena* arena) const override {
    const pb::Message& message = *static_cast<const pb::Message*>(event);
    if (binding < 0 || message.GetDescriptor() != descriptor_) return Value();
    return paths_.Get(binding).Get(message, arena);
  }

  void VisitScalars(const void* event, ValueArena* arena,
                    const std::function<void(const Value&)>& visit) const override {
    VisitMessage(*static_cast<const pb::Message*>(event), 0, arena, visit);
  }

 private:
  static std::string KeyOf(const FieldPath& path) {
    if (!path.exact_names()) return path.text();
    std::string key;  // dots in these names are no steps
    for (const FieldPath::Segment& segment : path.segments()) {
      key.push_back('\0');
      key.append(segment.name);
    }
    return key;
  }

  const pb::Descriptor* descriptor_;
  EventShape shape_;
  mutable std::mutex mutex_;
  mutable std::map<std::string, int> numbers_;
  mutable PathTable paths_;
};

// The set number of an envelope's int64 field.
std::optional<int64_t> NumberOf(const pb::Message& message, const char* name) {
  const pb::FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != pb::FieldDescriptor::CPPTYPE_INT64 || !HasContent(message, *field)) {
    return std::nullopt;
  }
  return message.GetReflection()->GetInt64(message, field);
}

EventTime TimeOf(const pb::Message& message) {
  constexpr int64_t kNanosPerMilli = 1'000'000;
  if (BodyOf(*message.GetDescriptor()) == nullptr) return kNoEventTime;
  if (const std::optional<int64_t> nanos = NumberOf(message, "time_ns")) return *nanos;
  const std::optional<int64_t> millis = NumberOf(message, "time");
  if (!millis || *millis > INT64_MAX / kNanosPerMilli || *millis < INT64_MIN / kNanosPerMilli) {
    return kNoEventTime;
  }
  return *millis * kNanosPerMilli;
}

}  // namespace

std::unique_ptr<EventAdapter> NewProtobufAdapter(const pb::Descriptor* descriptor) {
  return std::make_unique<ProtobufAdapter>(descriptor);
}

EventView ProtobufView(const EventAdapter& adapter, const pb::Message& message) {
  EventView view(adapter, &message);
  view.set_time(TimeOf(message));
  return view;
}

}  // namespace vedette::inline v0
