#include "lib/json/tree_builder.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/charconv.h"
#include "absl/strings/str_cat.h"
#include "lib/json/json_string.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kHardMaxDepth = 256;

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

absl::Status FromSimdjson(simdjson::error_code error) {
  if (error == simdjson::CAPACITY || error == simdjson::MEMALLOC ||
      error == simdjson::DEPTH_ERROR) {
    return absl::ResourceExhaustedError(simdjson::error_message(error));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("not valid JSON: ", simdjson::error_message(error)));
}

absl::Status TreeBuilder::Build(std::span<char> text, const Structurals& places,
                                const JsonOptions& options, ValueArena* arena, Value* out) {
  status_ = absl::OkStatus();
  text_ = text.data();
  text_end_ = text_ + text.size();
  at_ = places.places();
  end_ = at_ + places.size();
  arena_ = arena;
  max_depth_ = std::min(options.max_depth, kHardMaxDepth);
  max_values_ = options.max_values;
  values_ = 0;
  items_.clear();
  members_.clear();
  names_.Begin();
  node_ = KnownNames::kStart;
  if (Here() != '{') return absl::InvalidArgumentError("an event is a JSON object");
  ++at_;
  if (!Object(1, out)) return status_;
  if (at_ != end_) return absl::InvalidArgumentError("text after the JSON object");
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

std::string_view TreeBuilder::Token() const {
  const char* end = text_ + at_[1];
  while (IsBlank(end[-1])) --end;  // the first byte is none
  return {text_ + *at_, static_cast<size_t>(end - text_) - *at_};
}

// What no rule reads is checked as strictly as what some rule does: the verdict on an event must
// not depend on the other rules.
bool TreeBuilder::Skip() {
  if (Here() != '{' && Here() != '[') {
    Value unused;
    return Count() && Scalar(&unused);
  }
  const char* const begin = text_ + *at_;
  size_t open = 0;
  do {
    if (at_ == end_) return Fail(simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
    const char c = Here();
    if (c == '{' || c == '[') ++open;
    if (c == '}' || c == ']') --open;
    ++at_;
  } while (open > 0);
  const char* const end = text_ + at_[-1] + 1;
  if (!validator_.Check({begin, static_cast<size_t>(end - begin)}, &values_)) {
    return Fail(absl::InvalidArgumentError("not valid JSON within a member that no rule reads"));
  }
  return CheckCount();
}

// A member's name and its colon.
bool TreeBuilder::Name(size_t depth, std::string_view* name, bool* spaced, bool* wanted) {
  if (Here() != '"') return Fail(simdjson::TAPE_ERROR);
  const char* const raw = text_ + *at_ + 1;
  const KnownNames::Name* known = names_.Recognise(raw, text_end_, &node_);
  if (known != nullptr) [[likely]] {
    *name = {raw, known->text.size()};
    *spaced = known->spaced;
    *wanted = known->wanted;
    ++at_;
  } else {
    char* begin = nullptr;
    char* end = nullptr;
    if (!Text(&begin, &end)) return false;
    *name = {begin, static_cast<size_t>(end - begin)};
    *spaced = name->find(' ') != std::string_view::npos;
    *wanted = depth > 1 || names_.IsWanted(*name);
  }
  if (Here() != ':') return Fail(simdjson::TAPE_ERROR);
  ++at_;
  return true;
}

bool TreeBuilder::Object(size_t depth, Value* out) {
  if (!Count()) return false;
  const size_t start = members_.size();
  bool spaced_names = false;
  if (Here() == '}') {
    ++at_;
    *out = Value::Object({}, false);
    return true;
  }
  while (true) {
    Member member;
    bool spaced = false;
    bool wanted = true;
    if (!Name(depth, &member.name, &spaced, &wanted)) return false;
    if (depth == 1 && !wanted) {
      if (!Skip()) return false;
    } else {
      spaced_names = spaced_names || spaced;
      if (!Any(depth, &member.value)) return false;
      members_.push_back(member);
    }
    const char next = Here();
    if (next != ',' && next != '}') {
      return Fail(at_ == end_ ? simdjson::INCOMPLETE_ARRAY_OR_OBJECT : simdjson::TAPE_ERROR);
    }
    ++at_;
    if (next == '}') break;
  }
  const std::span<Member> kept = arena_->NewMembers(members_.size() - start);
  std::copy(members_.begin() + static_cast<ptrdiff_t>(start), members_.end(), kept.begin());
  members_.resize(start);
  *out = Value::Object(kept, spaced_names);
  return true;
}

bool TreeBuilder::Array(size_t depth, Value* out) {
  if (!Count()) return false;
  const size_t start = items_.size();
  // What lists hold is no part of the form: they would have ever new ones.
  names_.Pass(KnownNames::Mark::kList, &node_);
  const KnownNames::Node node = node_;
  for (char next = Here() == ']' ? *"]" : *","; next == ',';) {
    Value item;
    if (!Any(depth, &item)) return false;
    items_.push_back(item);
    node_ = node;
    next = Here();
    if (next != ',' && next != ']') {
      return Fail(at_ == end_ ? simdjson::INCOMPLETE_ARRAY_OR_OBJECT : simdjson::TAPE_ERROR);
    }
    if (next == ',') ++at_;
  }
  ++at_;
  const std::span<Value> kept = arena_->NewValues(items_.size() - start);
  std::copy(items_.begin() + static_cast<ptrdiff_t>(start), items_.end(), kept.begin());
  items_.resize(start);
  *out = Value::List(kept);
  return true;
}

// Recursion is bounded by max_depth_.
bool TreeBuilder::Any(size_t depth, Value* out) {
  const char first = Here();
  if (first != '{' && first != '[') [[likely]]
    return Count() && Scalar(out);
  if (depth >= max_depth_) {
    *out = Value::Null();
    return Skip();
  }
  ++at_;
  if (first == '[') return Array(depth + 1, out);
  names_.Pass(KnownNames::Mark::kObject, &node_);
  const bool done = Object(depth + 1, out);
  names_.Pass(KnownNames::Mark::kEndOfObject, &node_);
  return done;
}

bool TreeBuilder::Scalar(Value* out) {
  switch (Here()) {
    case '"': {
      char* begin = nullptr;
      char* end = nullptr;
      if (!Text(&begin, &end)) return false;
      *out = Value::String({begin, static_cast<size_t>(end - begin)});
      return true;
    }
    case 't':
      return Word("true", Value::Bool(true), simdjson::T_ATOM_ERROR, out);
    case 'f':
      return Word("false", Value::Bool(false), simdjson::F_ATOM_ERROR, out);
    case 'n':
      return Word("null", Value::Null(), simdjson::N_ATOM_ERROR, out);
    default:
      return Number(out);
  }
}

bool TreeBuilder::Word(std::string_view word, Value value, simdjson::error_code error, Value* out) {
  if (Token() != word) return Fail(error);
  ++at_;
  *out = value;
  return true;
}

// What stands between the quotes. They end before the next structural character: simdjson has
// paired them, and found all that is no blank outside of them.
bool TreeBuilder::Text(char** begin, char** end) {
  *begin = text_ + *at_ + 1;
  char* last = text_ + at_[1] - 1;
  while (*last != '"') --last;  // blanks
  if (last < *begin) return Fail(simdjson::STRING_ERROR);
  *end = UnescapeJson(*begin, last);
  if (*end == nullptr) return Fail(simdjson::STRING_ERROR);
  ++at_;
  return true;
}

bool TreeBuilder::Number(Value* out) {
  if (at_ == end_) return Fail(simdjson::INCOMPLETE_ARRAY_OR_OBJECT);
  const std::string_view token = Token();
  const char* const begin = token.data();
  const char* const end = begin + token.size();
  const size_t sign = token.starts_with('-') ? 1 : 0;
  const bool whole = token.size() > sign && std::all_of(begin + sign, end, IsDigit);
  if (whole && (token[sign] != '0' || token.size() == sign + 1)) [[likely]] {
    int64_t integer = 0;
    if (std::from_chars(begin, end, integer).ec == std::errc()) {
      *out = Value::Int(integer);
      return ++at_, true;
    }
    uint64_t natural = 0;
    if (std::from_chars(begin, end, natural).ec == std::errc()) {
      *out = Value::Uint(natural);
      return ++at_, true;
    }
  }
  if (!validator_.IsNumber(token)) {
    return Fail(sign == 1 || IsDigit(*begin) ? simdjson::NUMBER_ERROR : simdjson::TAPE_ERROR);
  }
  // 1e400 and integers beyond 64 bits are numbers, too: as near as a double comes.
  double real = 0;
  absl::from_chars(begin, end, real);
  *out = Value::Double(real);
  return ++at_, true;
}

}  // namespace vedette::inline v0
