#include "lib/json/tree_builder.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/json/json_string.h"

namespace vedette::inline v0 {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr size_t kHardMaxDepth = 256;

}  // namespace

absl::Status FromSimdjson(simdjson::error_code error) {
  if (error == simdjson::CAPACITY || error == simdjson::MEMALLOC ||
      error == simdjson::DEPTH_ERROR) {
    return absl::ResourceExhaustedError(simdjson::error_message(error));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("not valid JSON: ", simdjson::error_message(error)));
}

absl::Status TreeBuilder::Build(ondemand::object object, std::span<char> text,
                                const JsonOptions& options, ValueArena* arena, Value* out) {
  status_ = absl::OkStatus();
  text_ = text;
  arena_ = arena;
  max_depth_ = std::min(options.max_depth, kHardMaxDepth);
  max_values_ = options.max_values;
  values_ = 0;
  items_.clear();
  members_.clear();
  names_.Begin();
  node_ = KnownNames::kStart;
  if (!Object(object, 1, out)) return status_;
  return absl::OkStatus();
}

bool TreeBuilder::Fail(absl::Status status) {
  status_ = std::move(status);
  return false;
}

bool TreeBuilder::CheckCount() {
  if (values_ <= max_values_) return true;
  return Fail(absl::ResourceExhaustedError(absl::StrCat("more than ", max_values_, " values")));
}

// What no rule reads is checked as strictly as what some rule does: the verdict on an event must
// not depend on the other rules.
bool TreeBuilder::Skip(ondemand::value value, ondemand::json_type type) {
  std::string_view text;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return Fail(error);
    if (const auto error = object.raw_json().get(text)) return Fail(error);
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (const auto error = value.get_array().get(array)) return Fail(error);
    if (const auto error = array.raw_json().get(text)) return Fail(error);
  } else {
    Value unused;
    return Count() && Scalar(value, type, &unused);
  }
  if (!validator_.Check(text, &values_)) {
    return Fail(absl::InvalidArgumentError("not valid JSON within a member that no rule reads"));
  }
  return CheckCount();
}

bool TreeBuilder::EscapedName(const char* raw, std::string_view* name) {
  char* const begin = text_.data() + (raw - text_.data());
  char* end = begin;
  while (*end != '"') end += *end == '\\' ? 2 : 1;  // simdjson has paired the quotes
  end = UnescapeJson(begin, end);
  if (end == nullptr) return Fail(simdjson::STRING_ERROR);
  *name = {begin, static_cast<size_t>(end - begin)};
  return true;
}

bool TreeBuilder::Object(ondemand::object object, size_t depth, Value* out) {
  if (!Count()) return false;
  const size_t start = members_.size();
  bool spaced = false;
  for (auto result : object) {
    ondemand::field field;
    if (const auto error = std::move(result).get(field)) return Fail(error);
    Member member;
    bool wanted = true;
    const char* const raw = field.key().raw();
    const KnownNames::Name* known = names_.Recognise(raw, text_.data() + text_.size(), &node_);
    if (known != nullptr) [[likely]] {
      member.name = {raw, known->text.size()};
      wanted = known->wanted;
    } else {
      if (!EscapedName(raw, &member.name)) return false;
      wanted = depth > 1 || names_.IsWanted(member.name);
    }
    if (depth == 1 && !wanted) {
      ondemand::json_type type;
      if (const auto error = field.value().type().get(type)) return Fail(error);
      if (!Skip(field.value(), type)) return false;
      continue;
    }
    spaced = spaced ||
             (known != nullptr ? known->spaced : member.name.find(' ') != std::string_view::npos);
    if (!Any(field.value(), depth, &member.value)) return false;
    members_.push_back(member);
  }
  const std::span<Member> kept = arena_->NewMembers(members_.size() - start);
  std::copy(members_.begin() + static_cast<ptrdiff_t>(start), members_.end(), kept.begin());
  members_.resize(start);
  *out = Value::Object(kept, spaced);
  return true;
}

bool TreeBuilder::Array(ondemand::array array, size_t depth, Value* out) {
  if (!Count()) return false;
  const size_t start = items_.size();
  // What lists hold is no part of the form: they would have ever new ones.
  names_.Pass(KnownNames::Mark::kList, &node_);
  const KnownNames::Node node = node_;
  for (auto element : array) {
    ondemand::value value;
    if (const auto error = element.get(value)) return Fail(error);
    Value item;
    if (!Any(value, depth, &item)) return false;
    items_.push_back(item);
    node_ = node;
  }
  const std::span<Value> kept = arena_->NewValues(items_.size() - start);
  std::copy(items_.begin() + static_cast<ptrdiff_t>(start), items_.end(), kept.begin());
  items_.resize(start);
  *out = Value::List(kept);
  return true;
}

// Recursion is bounded by max_depth_.
bool TreeBuilder::Any(ondemand::value value, size_t depth, Value* out) {
  ondemand::json_type type;
  if (const auto error = value.type().get(type)) return Fail(error);
  const bool is_container =
      type == ondemand::json_type::object || type == ondemand::json_type::array;
  if (!is_container) return Count() && Scalar(value, type, out);
  if (depth >= max_depth_) {
    *out = Value::Null();
    return Skip(value, type);
  }
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto error = value.get_object().get(object)) return Fail(error);
    names_.Pass(KnownNames::Mark::kObject, &node_);
    const bool done = Object(object, depth + 1, out);
    names_.Pass(KnownNames::Mark::kEndOfObject, &node_);
    return done;
  }
  ondemand::array array;
  if (const auto error = value.get_array().get(array)) return Fail(error);
  return Array(array, depth + 1, out);
}

bool TreeBuilder::Scalar(ondemand::value value, ondemand::json_type type, Value* out) {
  switch (type) {
    case ondemand::json_type::string:
      return String(value, out);
    case ondemand::json_type::number:
      return Number(value, out);
    case ondemand::json_type::boolean: {
      bool b = false;
      if (const auto error = value.get_bool().get(b)) return Fail(error);
      *out = Value::Bool(b);
      return true;
    }
    default: {
      bool is_null = false;
      if (const auto error = value.is_null().get(is_null)) return Fail(error);
      if (!is_null) return Fail(simdjson::N_ATOM_ERROR);
      *out = Value::Null();
      return true;
    }
  }
}

// The token reaches to the next one: simdjson has checked its quotes, its bytes and that they are
// UTF-8, so that neither the end of the string nor its characters need be looked for.
bool TreeBuilder::String(ondemand::value value, Value* out) {
  const std::string_view token = value.raw_json_token();
  ondemand::raw_json_string unused;
  if (const auto error = value.get_raw_json_string().get(unused)) return Fail(error);
  char* const begin = text_.data() + (token.data() + 1 - text_.data());
  char* end = text_.data() + (token.data() + token.size() - text_.data());
  while (end > begin && end[-1] != '"') --end;  // blanks
  if (end == begin) return Fail(simdjson::STRING_ERROR);
  end = UnescapeJson(begin, end - 1);
  if (end == nullptr) return Fail(simdjson::STRING_ERROR);
  *out = Value::String({begin, static_cast<size_t>(end - begin)});
  return true;
}

bool TreeBuilder::Number(ondemand::value value, Value* out) {
  ondemand::number number;
  const auto error = value.get_number().get(number);
  if (error == simdjson::SUCCESS) {
    if (number.is_int64()) {
      *out = Value::Int(number.get_int64());
    } else if (number.is_uint64()) {
      *out = Value::Uint(number.get_uint64());
    }
    if (!number.is_double()) return true;
  }
  // Integers beyond 64 bits: as near as a double comes. Floating point numbers are read again:
  // simdjson 3.0's get_number() gives 0 for those of 20 digits and more.
  const std::string_view token = value.raw_json_token();
  double real = 0;
  if (const auto e = value.get_double().get(real)) {
    // 1e400 is a number; a strange one must not hide an event.
    if (!validator_.IsNumber(token)) return Fail(e);
    real = token.starts_with('-') ? -std::numeric_limits<double>::max()
                                  : std::numeric_limits<double>::max();
  }
  *out = Value::Double(real);
  return true;
}

}  // namespace vedette::inline v0
