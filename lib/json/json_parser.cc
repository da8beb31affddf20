#include <cstring>
#include <span>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/base/casefold.h"
#include "lib/json/structurals.h"
#include "lib/json/tree_builder.h"
#include "lib/json/wanted_fields.h"
#include "vedette/json.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

}  // namespace

struct JsonParser::Impl {
  explicit Impl(JsonOptions o)
      : options(std::move(o)), wanted(WantedOf(options)), builder(wanted.get()) {}

  static std::unique_ptr<WantedFields> WantedOf(const JsonOptions& options) {
    const Program* const program = options.only_fields_of;
    if (program == nullptr || program->searches_whole_event()) return nullptr;
    return std::make_unique<WantedFields>(*program);
  }

  // A copy of the text for the event to keep, with the padding that simdjson reads beyond it.
  static std::span<char> Copy(std::string_view text, ValueArena* arena) {
    char* const copy = static_cast<char*>(arena->Allocate(text.size() + Structurals::kPadding, 1));
    if (!text.empty()) std::memcpy(copy, text.data(), text.size());
    std::memset(copy + text.size(), 0, Structurals::kPadding);
    return {copy, text.size()};
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

  // What is the same for all trees of a form is found out once.
  void SetRoot(Value root, Event* event) {
    const uint64_t token = builder.names_token();
    if (token == 0) return event->set_root(root);
    if (const auto it = forms.find(token); it != forms.end()) {
      return event->set_root(root, it->second.key_bits, it->second.shape, token);
    }
    event->set_root(root);
    event->set_names_token(token);
    // Whether this one is a number tells OCSF, and not its name alone.
    if (!root.Find("class_uid").absent()) return;
    if (forms.size() >= kMaxForms) forms.clear();
    forms.emplace(token, Form{event->key_bits(), event->shape()});
  }

  // One huge event must not keep its memory for ever.
  void Shrink() {
    if (structurals.capacity() <= kKeptBytes) return;
    std::string().swap(repaired);
    structurals = Structurals();
  }

  struct Form {
    uint64_t key_bits;
    EventShape shape;
  };
  static constexpr size_t kKeptBytes = size_t{4} << 20;
  static constexpr size_t kMaxForms = 4096;
  JsonOptions options;
  std::unique_ptr<WantedFields> wanted;
  Structurals structurals;
  std::string repaired;
  TreeBuilder builder;
  absl::flat_hash_map<uint64_t, Form> forms;  // by token
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
  std::span<char> copy = Impl::Copy(text, &event->arena());
  auto error = impl_->structurals.Find(copy);
  if (error == simdjson::UTF8_ERROR) {
    event->arena().Reset();
    copy = Impl::Copy(impl_->Repaired(text), &event->arena());
    error = impl_->structurals.Find(copy);
  }
  if (error != simdjson::SUCCESS) return FromSimdjson(error);
  Value root;
  const absl::Status built =
      impl_->builder.Build(copy, impl_->structurals, impl_->options, &event->arena(), &root);
  if (!built.ok()) {
    event->Clear();
    return built;
  }
  impl_->SetRoot(root, event);
  if (impl_->options.shape.has_value()) {
    event->set_shape(*impl_->options.shape);
    event->set_time(FindEventTime(root, *impl_->options.shape));
  }
  event->set_raw(text);
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
