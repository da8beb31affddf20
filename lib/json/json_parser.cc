#include <simdjson.h>

#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/json/wanted_fields.h"
#include "vedette/json.h"

namespace vedette::inline v0 {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kHardMaxDepth = 256;

absl::Status FromSimdjson(simdjson::error_code error) {
  if (error == simdjson::CAPACITY || error == simdjson::MEMALLOC ||
      error == simdjson::DEPTH_ERROR) {
    return absl::ResourceExhaustedError(simdjson::error_message(error));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("not valid JSON: ", simdjson::error_message(error)));
}

// Turns one on-demand document into a tree in an arena. Children are gathered on shared stacks and
// copied when their container closes, so that nothing is allocated once the stacks have grown.
class TreeBuilder {
 public:
  absl::Status Build(ondemand::object object, const WantedFields* wanted,
                     const JsonOptions& options, ValueArena* arena, Value* out) {
    wanted_ = wanted;
    options_ = &options;
    max_depth_ = std::min(options.max_depth, kHardMaxDepth);
    arena_ = arena;
    values_ = 0;
    items_.clear();
    members_.clear();
    return Object(object, 1, out);
  }

 private:
  absl::Status Count(size_t depth) {
    if (depth > max_depth_) {
      return absl::ResourceExhaustedError(
          absl::StrCat("nested deeper than ", max_depth_, " levels"));
    }
    if (++values_ > options_->max_values) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", options_->max_values, " values"));
    }
    return absl::OkStatus();
  }

  absl::Status Object(ondemand::object object, size_t depth, Value* out) {
    if (absl::Status s = Count(depth); !s.ok()) return s;
    const size_t start = members_.size();
    bool spaced = false;
    for (auto field : object) {
      std::string_view name;
      if (const auto error = field.unescaped_key().get(name)) return FromSimdjson(error);
      if (depth == 1 && wanted_ != nullptr && !wanted_->Contains(name)) continue;
      ondemand::value value;
      if (const auto error = field.value().get(value)) return FromSimdjson(error);
      spaced = spaced || name.find(' ') != std::string_view::npos;
      Member member;
      member.name = arena_->CopyString(name);
      if (absl::Status s = Any(value, depth, &member.value); !s.ok()) return s;
      members_.push_back(member);
    }
    const std::span<Member> kept = arena_->NewMembers(members_.size() - start);
    std::copy(members_.begin() + static_cast<ptrdiff_t>(start), members_.end(), kept.begin());
    members_.resize(start);
    *out = Value::Object(kept, spaced);
    return absl::OkStatus();
  }

  absl::Status Array(ondemand::array array, size_t depth, Value* out) {
    if (absl::Status s = Count(depth); !s.ok()) return s;
    const size_t start = items_.size();
    for (auto element : array) {
      ondemand::value value;
      if (const auto error = element.get(value)) return FromSimdjson(error);
      Value item;
      if (absl::Status s = Any(value, depth, &item); !s.ok()) return s;
      items_.push_back(item);
    }
    const std::span<Value> kept = arena_->NewValues(items_.size() - start);
    std::copy(items_.begin() + static_cast<ptrdiff_t>(start), items_.end(), kept.begin());
    items_.resize(start);
    *out = Value::List(kept);
    return absl::OkStatus();
  }

  absl::Status Any(ondemand::value value, size_t depth, Value* out) {
    ondemand::json_type type;
    if (const auto error = value.type().get(type)) return FromSimdjson(error);
    switch (type) {
      case ondemand::json_type::object: {
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return FromSimdjson(error);
        return Object(object, depth + 1, out);
      }
      case ondemand::json_type::array: {
        ondemand::array array;
        if (const auto error = value.get_array().get(array)) return FromSimdjson(error);
        return Array(array, depth + 1, out);
      }
      default:
        if (absl::Status s = Count(depth); !s.ok()) return s;
        return Scalar(value, type, out);
    }
  }

  absl::Status Scalar(ondemand::value value, ondemand::json_type type, Value* out) {
    switch (type) {
      case ondemand::json_type::string: {
        std::string_view text;
        if (const auto error = value.get_string().get(text)) return FromSimdjson(error);
        *out = Value::String(arena_->CopyString(text));
        return absl::OkStatus();
      }
      case ondemand::json_type::number:
        return Number(value, out);
      case ondemand::json_type::boolean: {
        bool b = false;
        if (const auto error = value.get_bool().get(b)) return FromSimdjson(error);
        *out = Value::Bool(b);
        return absl::OkStatus();
      }
      default: {
        bool is_null = false;
        if (const auto error = value.is_null().get(is_null)) return FromSimdjson(error);
        if (!is_null) return FromSimdjson(simdjson::N_ATOM_ERROR);
        *out = Value::Null();
        return absl::OkStatus();
      }
    }
  }

  static absl::Status Number(ondemand::value value, Value* out) {
    ondemand::number number;
    const auto error = value.get_number().get(number);
    if (error == simdjson::SUCCESS) {
      if (number.is_int64()) {
        *out = Value::Int(number.get_int64());
      } else if (number.is_uint64()) {
        *out = Value::Uint(number.get_uint64());
      } else {
        *out = Value::Double(number.get_double());
      }
      return absl::OkStatus();
    }
    // Integers beyond 64 bits: as near as a double comes.
    double real = 0;
    if (const auto e = value.get_double().get(real)) return FromSimdjson(e);
    *out = Value::Double(real);
    return absl::OkStatus();
  }

  const WantedFields* wanted_ = nullptr;
  const JsonOptions* options_ = nullptr;
  ValueArena* arena_ = nullptr;
  size_t max_depth_ = 0;
  size_t values_ = 0;
  std::vector<Value> items_;
  std::vector<Member> members_;
};

}  // namespace

struct JsonParser::Impl {
  explicit Impl(JsonOptions o) : options(std::move(o)) {
    if (options.only_fields_of != nullptr && !options.only_fields_of->searches_whole_event()) {
      wanted = std::make_unique<WantedFields>(*options.only_fields_of);
    }
  }

  // The text with the padding that simdjson reads beyond it.
  simdjson::padded_string_view Padded(std::string_view text) {
    const size_t needed = text.size() + simdjson::SIMDJSON_PADDING;
    if (buffer.size() < needed) buffer.resize(std::max(needed, buffer.size() * 2));
    std::memcpy(buffer.data(), text.data(), text.size());
    std::memset(buffer.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view(buffer.data(), text.size(), buffer.size());
  }

  // One huge event must not keep its memory for ever.
  void Shrink() {
    if (buffer.size() <= kKeptBytes) return;
    std::vector<char>().swap(buffer);
    parser = ondemand::parser();
  }

  static constexpr size_t kKeptBytes = size_t{4} << 20;
  JsonOptions options;
  std::unique_ptr<WantedFields> wanted;
  ondemand::parser parser;
  std::vector<char> buffer;
  TreeBuilder builder;
};

JsonParser::JsonParser(JsonOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

absl::Status JsonParser::Parse(std::string_view text, Event* event) {
  event->Clear();
  if (text.size() > impl_->options.max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("an event of ", text.size(), " bytes, at most ", impl_->options.max_bytes));
  }
  impl_->Shrink();
  ondemand::document document;
  if (const auto error = impl_->parser.iterate(impl_->Padded(text)).get(document)) {
    return FromSimdjson(error);
  }
  ondemand::object object;
  if (const auto error = document.get_object().get(object)) {
    if (error == simdjson::INCORRECT_TYPE) {
      return absl::InvalidArgumentError("an event is a JSON object");
    }
    return FromSimdjson(error);
  }
  Value root;
  absl::Status built =
      impl_->builder.Build(object, impl_->wanted.get(), impl_->options, &event->arena(), &root);
  const char* rest = nullptr;
  if (built.ok() && document.current_location().get(rest) == simdjson::SUCCESS) {
    built = absl::InvalidArgumentError("text after the JSON object");
  }
  if (!built.ok()) {
    event->Clear();
    return built;
  }
  event->set_root(root);
  if (impl_->options.shape.has_value()) {
    event->set_shape(*impl_->options.shape);
    event->set_time(FindEventTime(root, *impl_->options.shape));
  }
  event->set_raw(text);
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
