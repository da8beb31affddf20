#include <simdjson.h>

#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/casefold.h"
#include "lib/base/strings.h"
#include "lib/json/json_string.h"
#include "lib/json/json_validator.h"
#include "lib/json/wanted_fields.h"
#include "vedette/json.h"

namespace vedette::inline v0 {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kHardMaxDepth = 256;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

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
  absl::Status CheckCount() const {
    if (values_ <= options_->max_values) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("more than ", options_->max_values, " values"));
  }
  absl::Status Count() {
    ++values_;
    return CheckCount();
  }

  // What no rule reads is checked as strictly as what some rule does: the verdict on an event must
  // not depend on the other rules.
  absl::Status Skip(ondemand::value value, ondemand::json_type type) {
    std::string_view text;
    if (type == ondemand::json_type::object) {
      ondemand::object object;
      if (const auto error = value.get_object().get(object)) return FromSimdjson(error);
      if (const auto error = object.raw_json().get(text)) return FromSimdjson(error);
    } else if (type == ondemand::json_type::array) {
      ondemand::array array;
      if (const auto error = value.get_array().get(array)) return FromSimdjson(error);
      if (const auto error = array.raw_json().get(text)) return FromSimdjson(error);
    } else {
      if (absl::Status s = Count(); !s.ok()) return s;
      Value unused;
      return Scalar(value, type, false, &unused);
    }
    if (!validator_.Check(text, &values_)) {
      return absl::InvalidArgumentError("not valid JSON within a member that no rule reads");
    }
    return CheckCount();
  }

  // The name of a member, unescaped.
  absl::Status Name(ondemand::field& field, std::string_view* name) {
    const char* raw = field.key().raw();
    const auto error = field.unescaped_key().get(*name);
    if (error == simdjson::SUCCESS) return absl::OkStatus();
    return Repaired(error, raw, name);
  }

  // A string with half a surrogate pair: one bad escape must not hide an event.
  absl::Status Repaired(simdjson::error_code error, const char* raw, std::string_view* text) {
    if (error != simdjson::STRING_ERROR || !DecodeJsonString(raw, &repaired_)) {
      return FromSimdjson(error);
    }
    *text = repaired_;
    return absl::OkStatus();
  }

  absl::Status Object(ondemand::object object, size_t depth, Value* out) {
    if (absl::Status s = Count(); !s.ok()) return s;
    const size_t start = members_.size();
    bool spaced = false;
    for (auto result : object) {
      ondemand::field field;
      if (const auto error = std::move(result).get(field)) return FromSimdjson(error);
      std::string_view name;
      if (absl::Status s = Name(field, &name); !s.ok()) return s;
      if (depth == 1 && wanted_ != nullptr && !wanted_->Contains(name)) {
        ondemand::json_type type;
        if (const auto error = field.value().type().get(type)) return FromSimdjson(error);
        if (absl::Status s = Skip(field.value(), type); !s.ok()) return s;
        continue;
      }
      spaced = spaced || name.find(' ') != std::string_view::npos;
      Member member;
      member.name = arena_->CopyString(name);
      if (absl::Status s = Any(field.value(), depth, &member.value); !s.ok()) return s;
      members_.push_back(member);
    }
    const std::span<Member> kept = arena_->NewMembers(members_.size() - start);
    std::copy(members_.begin() + static_cast<ptrdiff_t>(start), members_.end(), kept.begin());
    members_.resize(start);
    *out = Value::Object(kept, spaced);
    return absl::OkStatus();
  }

  absl::Status Array(ondemand::array array, size_t depth, Value* out) {
    if (absl::Status s = Count(); !s.ok()) return s;
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
    const bool is_container =
        type == ondemand::json_type::object || type == ondemand::json_type::array;
    if (is_container && depth >= max_depth_) {
      *out = Value::Null();
      return Skip(value, type);
    }
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
        if (absl::Status s = Count(); !s.ok()) return s;
        return Scalar(value, type, true, out);
    }
  }

  // With `keep` false the value is only checked.
  absl::Status Scalar(ondemand::value value, ondemand::json_type type, bool keep, Value* out) {
    switch (type) {
      case ondemand::json_type::string: {
        const char* raw = value.raw_json_token().data() + 1;
        std::string_view text;
        if (const auto error = value.get_string().get(text)) {
          if (absl::Status s = Repaired(error, raw, &text); !s.ok()) return s;
        }
        if (keep) *out = Value::String(arena_->CopyString(text));
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

  absl::Status Number(ondemand::value value, Value* out) {
    ondemand::number number;
    const auto error = value.get_number().get(number);
    if (error == simdjson::SUCCESS) {
      if (number.is_int64()) {
        *out = Value::Int(number.get_int64());
      } else if (number.is_uint64()) {
        *out = Value::Uint(number.get_uint64());
      }
      if (!number.is_double()) return absl::OkStatus();
    }
    // Integers beyond 64 bits: as near as a double comes. Floating point numbers are read again:
    // simdjson 3.0's get_number() gives 0 for those of 20 digits and more.
    const std::string_view token = value.raw_json_token();
    double real = 0;
    if (const auto e = value.get_double().get(real)) {
      // 1e400 is a number; a strange one must not hide an event.
      if (!validator_.IsNumber(token)) return FromSimdjson(e);
      real = token.starts_with('-') ? -std::numeric_limits<double>::max()
                                    : std::numeric_limits<double>::max();
    }
    *out = Value::Double(real);
    return absl::OkStatus();
  }

  const WantedFields* wanted_ = nullptr;
  const JsonOptions* options_ = nullptr;
  ValueArena* arena_ = nullptr;
  size_t max_depth_ = 0;
  size_t values_ = 0;
  JsonValidator validator_;
  std::string repaired_;
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
    if (!text.empty()) std::memcpy(buffer.data(), text.data(), text.size());
    std::memset(buffer.data() + text.size(), 0, simdjson::SIMDJSON_PADDING);
    return simdjson::padded_string_view(buffer.data(), text.size(), buffer.size());
  }

  // `text` with bytes that are no UTF-8 replaced by U+FFFD: one bad byte must not hide an event.
  std::string_view Repaired(std::string_view text) {
    repaired.clear();
    char32_t cp = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t length = NextCodePoint(text, at, &cp);
      const bool broken = length == 1 && cp > 0x7F;
      repaired.append(broken ? kReplacement : text.substr(at, length));
      at += length;
    }
    return repaired;
  }

  // One huge event must not keep its memory for ever.
  void Shrink() {
    if (buffer.size() <= kKeptBytes) return;
    std::vector<char>().swap(buffer);
    std::string().swap(repaired);
    parser = ondemand::parser();
  }

  static constexpr size_t kKeptBytes = size_t{4} << 20;
  JsonOptions options;
  std::unique_ptr<WantedFields> wanted;
  ondemand::parser parser;
  std::vector<char> buffer;
  std::string repaired;
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
  auto error = impl_->parser.iterate(impl_->Padded(text)).get(document);
  if (error == simdjson::UTF8_ERROR) {
    error = impl_->parser.iterate(impl_->Padded(impl_->Repaired(text))).get(document);
  }
  if (error != simdjson::SUCCESS) return FromSimdjson(error);
  ondemand::object object;
  error = document.get_object().get(object);
  if (error != simdjson::SUCCESS) {
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
