#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/utf8.h"
#include "lib/io/common/line_reader.h"
#include "lib/io/common/record.h"
#include "vedette/io/zeek.h"

namespace vedette::inline v0 {
namespace {

enum class Kind : uint8_t { kText, kCount, kNumber, kTime, kBool };

struct Column {
  Kind kind = Kind::kText;
  bool list = false;
};

Kind KindOf(std::string_view type) {
  if (type == "count" || type == "int" || type == "port") return Kind::kCount;
  if (type == "double" || type == "interval") return Kind::kNumber;
  if (type == "time") return Kind::kTime;
  if (type == "bool") return Kind::kBool;
  return Kind::kText;  // string, addr, subnet, enum, pattern, func, file
}

// `\x09` is a tab; replaced within the text.
std::string_view Unescape(std::string_view value, char* text) {
  if (value.find("\\x") == std::string_view::npos) return value;
  size_t out = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    char c = value[i];
    if (c == '\\' && i + 3 < value.size() && value[i + 1] == 'x') {
      if (const auto code = HexDigits(value.substr(i + 2), 2); code.has_value()) {
        c = static_cast<char>(*code);
        i += 3;
      }
    }
    text[out++] = c;
  }
  return {text, out};
}

std::string Unescaped(std::string_view value) {
  std::string text(value);
  text.resize(Unescape(value, text.data()).size());
  return text;
}

// The next part up to `separator`; false at the end.
bool NextPart(std::string_view separator, std::string_view* rest, bool* more,
              std::string_view* part) {
  if (!*more) return false;
  const size_t end = rest->find(separator);
  *part = rest->substr(0, end);
  *more = end != std::string_view::npos;
  if (*more) rest->remove_prefix(end + separator.size());
  return true;
}

class ZeekParser final : public LineParser {
 public:
  explicit ZeekParser(TextOptions options) : options_(std::move(options)) {}

  ParseOutcome Parse(std::string_view line, Event* event) override {
    if (line.starts_with('#')) return Directive(line);
    if (columns_.empty()) return {ParseOutcome::Kind::kBroken, "no #fields line before it"};
    return Record(line, event);
  }

 private:
  ParseOutcome Directive(std::string_view line) {
    constexpr ParseOutcome kNone = {ParseOutcome::Kind::kNone, ""};
    if (line.starts_with("#separator ")) {
      // Another log begins.
      *this = ZeekParser(std::move(options_));
      separator_ = Unescaped(line.substr(line.find(' ') + 1));
      if (separator_.empty()) separator_.assign(1, '\t');  // gcc 12 warns of "\t"
      return kNone;
    }
    const size_t end = line.find(separator_);
    const std::string_view name = line.substr(0, end);
    std::string_view rest =
        end == std::string_view::npos ? std::string_view() : line.substr(end + separator_.size());
    if (name == "#set_separator") {
      set_separator_ = rest.empty() ? "," : Unescaped(rest);
    } else if (name == "#empty_field") {
      empty_ = Unescaped(rest);
    } else if (name == "#unset_field") {
      unset_ = Unescaped(rest);
    } else if (name == "#path") {
      path_ = Unescaped(rest);
    } else if (name == "#fields" || name == "#types") {
      return Columns(name == "#types", rest);
    }
    return kNone;  // #open, #close and remarks
  }

  ParseOutcome Columns(bool types, std::string_view rest) {
    if (!types) {
      columns_.clear();
      names_.Clear();
      ts_ = SIZE_MAX;
    }
    bool more = !rest.empty();
    std::string_view part;
    for (size_t i = 0; NextPart(separator_, &rest, &more, &part); ++i) {
      if (i >= options_.max_fields) {
        columns_.clear();
        return kTooManyFields;
      }
      if (!types) {
        if (part == "ts") ts_ = i;
        columns_.push_back({});
        names_.Add(part);
        continue;
      }
      if (i == columns_.size()) return {ParseOutcome::Kind::kBroken, "more #types than #fields"};
      columns_[i].list = part.starts_with("set[") || part.starts_with("vector[");
      if (columns_[i].list) part = part.substr(part.find('[') + 1);
      columns_[i].kind = KindOf(part.substr(0, part.find(']')));
    }
    return {ParseOutcome::Kind::kNone, ""};
  }

  ParseOutcome Record(std::string_view line, Event* event) {
    ValueArena* const arena = &event->arena();
    char* const text = MutableCopy(line, arena);
    const std::string_view copy(text, line.size());
    std::string_view rest = copy;
    fields_.Clear();
    const char* const names = names_.CopyTo(arena);
    if (!path_.empty()) fields_.Add("_path", Value::String(arena->CopyString(path_)));
    bool more = true;
    std::string_view part;
    size_t i = 0;
    EventTime time = kNoEventTime;
    while (NextPart(separator_, &rest, &more, &part)) {
      if (i == columns_.size()) return {ParseOutcome::Kind::kBroken, "more values than #fields"};
      const size_t at_column = i++;
      const Column& column = columns_[at_column];
      if (part == unset_) continue;
      char* const at = text + (part.data() - copy.data());
      const Value value = column.list ? List(column.kind, part, at, arena)
                                      : Scalar(column.kind, part == empty_ ? "" : part, at);
      if (at_column == ts_ && column.kind == Kind::kTime) time = Nanos(part);
      fields_.Add(names_.Name(at_column, names), value);
    }
    if (i < columns_.size()) return {ParseOutcome::Kind::kBroken, "fewer values than #fields"};
    FinishEvent(options_, fields_.TakeObject(0, arena), event);
    if (!options_.shape.has_value()) event->set_shape(EventShape::kZeek);
    if (time != kNoEventTime) event->set_time(time);
    return {};
  }

  Value List(Kind kind, std::string_view part, char* text, ValueArena* arena) {
    items_.clear();
    const std::string_view all = part;
    bool more = part != empty_ && !part.empty();
    std::string_view item;
    while (NextPart(set_separator_, &part, &more, &item)) {
      items_.push_back(item == unset_ ? Value::Null()
                                      : Scalar(kind, item, text + (item.data() - all.data())));
    }
    const std::span<Value> values = arena->NewValues(items_.size());
    std::ranges::copy(items_, values.begin());
    return Value::List(values);
  }

  static Value Scalar(Kind kind, std::string_view part, char* text) {
    switch (kind) {
      case Kind::kText:
        break;
      case Kind::kCount:
        return NumberOrText(part);
      case Kind::kNumber:
      case Kind::kTime: {
        double number = 0;
        const auto parsed = std::from_chars(part.data(), part.data() + part.size(), number);
        if (parsed.ec == std::errc() && parsed.ptr == part.data() + part.size() &&
            std::isfinite(number)) {
          return Value::Double(number);
        }
        break;
      }
      case Kind::kBool:
        if (part == "T" || part == "F") return Value::Bool(part == "T");
        break;
    }
    return Value::String(Unescape(part, text));
  }

  // `1789000000.123456` exactly; a double has no more than 16 digits.
  static EventTime Nanos(std::string_view text) {
    constexpr int64_t kMaxSeconds = 9000000000;  // the year 2255
    const size_t point = text.find('.');
    if (point == std::string_view::npos || point > 10) return ParseEventTime(Value::String(text));
    int64_t nanos = 0;
    size_t digits = 0;
    for (const char c : text.substr(0, point)) {
      if (c < '0' || c > '9') return kNoEventTime;
      nanos = nanos * 10 + (c - '0');
    }
    if (nanos > kMaxSeconds) return kNoEventTime;
    for (const char c : text.substr(point + 1)) {
      if (c < '0' || c > '9') return kNoEventTime;
      if (++digits <= 9) nanos = nanos * 10 + (c - '0');
    }
    for (; digits < 9; ++digits) nanos *= 10;
    return nanos;
  }

  TextOptions options_;
  std::string separator_ = "\t";
  std::string set_separator_ = ",";
  std::string empty_ = "(empty)";
  std::string unset_ = "-";
  std::string path_;
  std::vector<Column> columns_;
  ColumnNames names_;
  size_t ts_ = SIZE_MAX;  // the column of the event's time
  std::vector<Value> items_;
  RecordFields fields_;
};

}  // namespace

std::unique_ptr<EventReader> NewZeekReader(std::string name, ByteSource bytes,
                                           TextOptions options) {
  auto parser = std::make_unique<ZeekParser>(options);
  return NewLineReader(std::move(name), std::move(bytes), options, std::move(parser));
}

}  // namespace vedette::inline v0
