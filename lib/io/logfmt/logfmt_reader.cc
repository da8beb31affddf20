#include <algorithm>
#include <utility>

#include "lib/base/utf8.h"
#include "lib/io/common/line_reader.h"
#include "lib/io/common/record.h"
#include "vedette/io/logfmt.h"

namespace vedette::inline v0 {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

class LogfmtParser final : public LineParser {
 public:
  explicit LogfmtParser(TextOptions options) : options_(std::move(options)) {}

  ParseOutcome Parse(std::string_view line, Event* event) override {
    fields_.Clear();
    text_ = MutableCopy(line, &event->arena());
    const std::string_view copy(text_, line.size());
    ParseOutcome outcome;
    bool pairs = false;
    for (size_t at = 0; at < copy.size();) {
      if (IsBlank(copy[at])) {
        ++at;
        continue;
      }
      const size_t key = at;
      while (at < copy.size() && !IsBlank(copy[at]) && copy[at] != '=' && copy[at] != '"') ++at;
      const std::string_view name = copy.substr(key, at - key);
      const bool assigned = at < copy.size() && copy[at] == '=';
      if (name.empty() || (!assigned && at < copy.size() && copy[at] == '"')) {
        outcome = {ParseOutcome::Kind::kIncomplete, "text that is no key=value"};
        while (at < copy.size() && !IsBlank(copy[at])) ++at;
        continue;
      }
      if (fields_.size() >= options_.max_fields) return kTooManyFields;
      if (!assigned) {
        fields_.Add(name, Value::Bool(true));
        continue;
      }
      pairs = true;
      ++at;
      if (at < copy.size() && copy[at] == '"') {
        bool closed = false;
        fields_.Add(name, Value::String(Quoted(copy, &at, &closed)));
        if (!closed) outcome = {ParseOutcome::Kind::kIncomplete, "a quoted value does not end"};
      } else {
        const size_t value = at;
        while (at < copy.size() && !IsBlank(copy[at])) ++at;
        fields_.Add(name, NumberOrText(copy.substr(value, at - value)));
      }
    }
    if (!pairs) return {ParseOutcome::Kind::kBroken, "no key=value in the line"};
    FinishEvent(options_, fields_.TakeObject(0, &event->arena()), event);
    return outcome;
  }

 private:
  // The value whose opening quote stands at `*at`, unescaped within the text.
  std::string_view Quoted(std::string_view copy, size_t* at, bool* closed) {
    char* const begin = text_ + *at;
    size_t out = 0;
    for (++*at; *at < copy.size(); ++*at) {
      const char c = copy[*at];
      if (c == '"') {
        ++*at;
        *closed = true;
        break;
      }
      if (c != '\\' || *at + 1 == copy.size()) {
        begin[out++] = c;
        continue;
      }
      ++*at;
      const char escaped = copy[*at];
      switch (escaped) {
        case 'n':
          begin[out++] = '\n';
          break;
        case 't':
          begin[out++] = '\t';
          break;
        case 'r':
          begin[out++] = '\r';
          break;
        case 'u':
          if (const auto code = HexDigits(copy.substr(*at + 1), 4); code.has_value()) {
            // Six characters become three bytes at most.
            out += EncodeUtf8(*code, begin + out);
            *at += 4;
            break;
          }
          [[fallthrough]];
        default:
          if (escaped != '"' && escaped != '\\') begin[out++] = '\\';
          begin[out++] = escaped;
      }
    }
    return {begin, out};
  }

  TextOptions options_;
  RecordFields fields_;
  char* text_ = nullptr;
};

}  // namespace

std::unique_ptr<EventReader> NewLogfmtReader(std::string name, ByteSource bytes,
                                             TextOptions options) {
  auto parser = std::make_unique<LogfmtParser>(options);
  return NewLineReader(std::move(name), std::move(bytes), options, std::move(parser));
}

}  // namespace vedette::inline v0
