// JSON objects built member by member.
#ifndef VEDETTE_LIB_EVENT_JSON_WRITER_H_
#define VEDETTE_LIB_EVENT_JSON_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/json_text.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// Appends to a string; commas come by themselves.
class JsonWriter {
 public:
  explicit JsonWriter(std::string* out) : out_(out) {}

  void Begin() { Open('{'); }
  void Begin(std::string_view name) {
    Name(name);
    out_->push_back('{');
  }
  void End() { out_->push_back('}'); }
  void BeginList(std::string_view name) {
    Name(name);
    out_->push_back('[');
  }
  void EndList() { out_->push_back(']'); }

  void Text(std::string_view name, std::string_view text) {
    Name(name);
    AppendJsonString(text, out_);
  }
  // Nothing if it is empty.
  void TextIf(std::string_view name, std::string_view text) {
    if (!text.empty()) Text(name, text);
  }
  void Time(std::string_view name, EventTime t) { TextIf(name, FormatEventTime(t)); }
  void Number(std::string_view name, uint64_t n) { Raw(name, std::to_string(n)); }
  void Signed(std::string_view name, int64_t n) { Raw(name, std::to_string(n)); }
  void Bool(std::string_view name, bool b) { Raw(name, b ? "true" : "false"); }
  void BoolIf(std::string_view name, bool b) {
    if (b) Bool(name, b);
  }
  // `json` is JSON already.
  void Raw(std::string_view name, std::string_view json) {
    Name(name);
    out_->append(json);
  }
  void List(std::string_view name, const std::vector<std::string>& texts) {
    BeginList(name);
    for (const std::string& text : texts) Item(text);
    EndList();
  }
  // Nothing if there are none.
  void Texts(std::string_view name, const std::vector<std::string>& texts) {
    if (!texts.empty()) List(name, texts);
  }
  void Pairs(std::string_view name, const std::vector<std::pair<std::string, std::string>>& pairs,
             bool values_are_json) {
    Begin(name);
    for (const auto& [key, value] : pairs) {
      if (values_are_json) {
        Raw(key, value);
      } else {
        Text(key, value);
      }
    }
    End();
  }
  void Item(std::string_view text) {
    Comma();
    AppendJsonString(text, out_);
  }

 private:
  void Comma() {
    const char last = out_->empty() ? '{' : out_->back();
    if (last != '{' && last != '[' && last != ':') out_->push_back(',');
  }
  void Open(char c) {
    Comma();
    out_->push_back(c);
  }
  void Name(std::string_view name) {
    Comma();
    AppendJsonString(name, out_);
    out_->push_back(':');
  }

  std::string* out_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_JSON_WRITER_H_
