#include "vedette/field_path.h"

#include <charconv>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/event/xml_json.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxBytes = 1024;
constexpr size_t kMaxSegments = 32;
// Bounds the work of one lookup in a hostile event (wide arrays of arrays of dotted keys).
constexpr int kMaxSteps = 1 << 16;

absl::Status Malformed(std::string_view text, const char* why) {
  return absl::InvalidArgumentError(
      absl::StrCat("field '", ToAbsl(text.substr(0, 80)), "': ", why));
}

// Walks a value tree along a path and hands every value found to `emit`.
template <typename Emit>
class Walker {
 public:
  Walker(const FieldPath& path, Emit emit) : path_(path), emit_(emit) {}

  bool Walk(const Value& v, size_t segment) {
    if (++steps_ > kMaxSteps) return false;
    const auto& segments = path_.segments();
    if (segment == segments.size()) {
      if (!v.absent()) emit_(v, through_list_);
      return !v.absent();
    }
    const FieldPath::Segment& next = segments[segment];
    if (next.xml_element) return WalkXmlElement(v, next.name);
    if (v.is_list()) return next.is_index ? WalkIndex(v, segment) : WalkElements(v, segment);
    if (!v.is_object()) return false;
    if (next.any_member) return WalkMembers(v, segment);
    if (next.is_index) return false;
    if (next.xml_attribute) {
      const Value attribute = XmlAttribute(v, next.name);
      return !attribute.absent() && Walk(attribute, segment + 1);
    }
    return path_.exact_names() ? WalkName(v, segment) : WalkDotted(v, segment);
  }

 private:
  bool WalkIndex(const Value& v, size_t segment) {
    const int64_t size = static_cast<int64_t>(v.list().size());
    int64_t index = path_.segments()[segment].index;
    if (index < 0) index += size;
    if (index < 0 || index >= size) return false;
    return Walk(v.list()[static_cast<size_t>(index)], segment + 1);
  }

  bool WalkElements(const Value& v, size_t segment) {
    if (depth_ >= 64) return false;
    ++depth_;
    const bool before = through_list_;
    through_list_ = true;
    bool found = false;
    for (const Value& item : v.list()) found |= Walk(item, segment);
    through_list_ = before;
    --depth_;
    return found;
  }

  bool WalkMembers(const Value& v, size_t segment) {
    for (const Member& member : v.members()) {
      if (!IsXmlAttributes(member.name) && Walk(member.value, segment + 1)) return true;
    }
    return false;
  }

  // The text of the elements called `name` (without a name, if it is empty; bare values have none):
  // of one as it is, of several as of a list.
  bool WalkXmlElement(const Value& v, std::string_view name) {
    const std::span<const Value> items = v.is_list() ? v.list() : std::span(&v, 1);
    bool blanks = false;
    size_t count = CountXmlElements(items, name, blanks);
    if (count == 0 && path_.ignore_blanks()) {
      blanks = true;
      count = CountXmlElements(items, name, blanks);
    }
    for (size_t i = 0, left = count; i < items.size() && left > 0; ++i) {
      if (!IsCalled(items[i], name, blanks)) continue;
      --left;
      const Value value = items[i].is_object() ? XmlText(items[i]) : items[i];
      emit_(value.absent() ? Value::Null() : value, through_list_ || count > 1);
    }
    return count > 0;
  }

  size_t CountXmlElements(std::span<const Value> items, std::string_view name, bool blanks) {
    size_t count = 0;
    for (const Value& item : items) {
      if (++steps_ > kMaxSteps) break;
      count += IsCalled(item, name, blanks) ? 1 : 0;
    }
    return count;
  }

  static bool IsCalled(const Value& element, std::string_view name, bool ignore_blanks) {
    const std::string_view given = XmlName(element);
    if (name.empty()) {
      if (!element.is_object()) return element.is_scalar() || element.is_null();
      return given.empty() && !XmlText(element).absent();
    }
    if (!ignore_blanks) return given == name;
    for (const char c : given) {
      if (c == ' ') continue;
      if (!name.starts_with(c)) return false;
      name.remove_prefix(1);
    }
    return name.empty();
  }

  bool WalkName(const Value& v, size_t segment) {
    const std::string& name = path_.segments()[segment].name;
    const bool last = segment + 1 == path_.segments().size();
    Value found = v.Find(name);
    if (found.absent() && last && path_.ignore_blanks() && v.spaced_names()) {
      found = v.FindIgnoringBlanks(name);
    }
    return !found.absent() && Walk(found, segment + 1);
  }

  bool WalkDotted(const Value& v, size_t segment) {
    const auto& segments = path_.segments();
    for (size_t end = segments.size(); end > segment; --end) {
      if (++steps_ > kMaxSteps) return false;
      const std::string_view key(path_.flat_key().data() + segments[segment].begin,
                                 segments[end - 1].end - segments[segment].begin);
      Value found = v.Find(key);
      if (found.absent() && end == segments.size() && path_.ignore_blanks() && v.spaced_names()) {
        found = v.FindIgnoringBlanks(key);
      }
      if (!found.absent() && Walk(found, end)) return true;
    }
    return false;
  }

  const FieldPath& path_;
  Emit emit_;
  int steps_ = 0;
  int depth_ = 0;
  bool through_list_ = false;
};

template <typename Emit>
void WalkPath(const Value& root, const FieldPath& path, Emit emit) {
  Walker<Emit>(path, emit).Walk(root, 0);
}

}  // namespace

absl::StatusOr<FieldPath> FieldPath::Parse(std::string_view text) {
  if (text.empty()) return Malformed(text, "the name is empty");
  if (text.size() > kMaxBytes) return Malformed(text, "longer than 1,024 bytes");
  FieldPath path;
  path.text_ = text;
  if (text == ".") return path;
  Segment segment;
  const auto flush = [&path, &segment] {
    segment.end = static_cast<uint32_t>(path.flat_key_.size());
    segment.name = path.flat_key_.substr(segment.begin);
    path.segments_.push_back(segment);
    segment = Segment{};
  };
  bool open = false;  // a name has begun
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool escaped =
        c == '\\' && i + 1 < text.size() && (text[i + 1] == '[' || text[i + 1] == ']');
    if (c == '.' && i > 0 && i + 1 < text.size() && (open || text[i - 1] == ']')) {
      if (open) flush();
      open = false;
      path.flat_key_.push_back('.');
    } else if (c == '[' && i > 0) {
      const size_t close = text.find(']', i);
      if (close == std::string_view::npos) return Malformed(text, "'[' without ']'");
      int32_t index = 0;
      const char* first = text.data() + i + 1;
      const auto [ptr, ec] = std::from_chars(first, text.data() + close, index);
      if (ec != std::errc() || ptr != text.data() + close || first == ptr) {
        return Malformed(text, "an index is a whole number; write '\\[' for a literal bracket");
      }
      if (open) flush();
      open = false;
      Segment at;
      at.is_index = true;
      at.index = index;
      at.begin = static_cast<uint32_t>(path.flat_key_.size());
      path.flat_key_.append(text.substr(i, close + 1 - i));
      at.end = static_cast<uint32_t>(path.flat_key_.size());
      path.segments_.push_back(at);
      i = close;
    } else {
      if (!open) segment.begin = static_cast<uint32_t>(path.flat_key_.size());
      open = true;
      if (escaped) ++i;
      path.flat_key_.push_back(text[i]);
    }
    if (path.segments_.size() > kMaxSegments) return Malformed(text, "more than 32 parts");
  }
  if (open) flush();
  path.SetFirstKeyBits();
  return path;
}

void FieldPath::SetFirstKeyBits() {
  if (segments_.empty() || segments_[0].is_index || segments_[0].any_member) return;
  first_key_bits_ = 0;
  for (const Segment& segment : segments_) {
    first_key_bits_ |= KeyBit(std::string_view(flat_key_).substr(0, segment.end));
    if (exact_names_) return;
  }
}

FieldPath FieldPath::OfNames(std::vector<std::string> names, bool ignore_blanks, bool dotted_keys) {
  FieldPath path;
  for (std::string& name : names) {
    Segment segment;
    if (!path.flat_key_.empty()) path.flat_key_.push_back('.');
    segment.begin = static_cast<uint32_t>(path.flat_key_.size());
    path.flat_key_.append(name);
    segment.end = static_cast<uint32_t>(path.flat_key_.size());
    segment.any_member = name == "*";
    segment.name = std::move(name);
    path.segments_.push_back(std::move(segment));
  }
  path.text_ = path.flat_key_;
  path.ignore_blanks_ = ignore_blanks;
  path.exact_names_ = !dotted_keys;
  path.SetFirstKeyBits();
  return path;
}

FieldPath FieldPath::OfXmlAttribute(std::vector<std::string> names) {
  FieldPath path = OfNames(std::move(names));
  path.segments_.back().xml_attribute = true;
  path.text_.insert(path.segments_.back().begin, "@");
  return path;
}

FieldPath FieldPath::OfXmlElement(std::vector<std::string> names, bool ignore_blanks) {
  FieldPath path = OfNames(std::move(names), ignore_blanks);
  path.segments_.back().xml_element = true;
  path.text_.insert(path.segments_.back().begin, "@Name=");
  return path;
}

Value Lookup(const Value& root, const FieldPath& path, ValueArena* arena) {
  Value single;
  size_t count = 0;
  bool gathered = false;
  WalkPath(root, path, [&](const Value& v, bool through_list) {
    if (!through_list) {
      single = v;
      return;
    }
    gathered = true;
    count += v.is_list() ? v.list().size() : 1;
  });
  if (!gathered) return single;
  const std::span<Value> items = arena->NewValues(count);
  size_t i = 0;
  WalkPath(root, path, [&](const Value& v, bool) {
    if (!v.is_list()) {
      items[i++] = v;
      return;
    }
    for (const Value& item : v.list()) items[i++] = item;
  });
  return Value::List(items);
}

}  // namespace vedette::inline v0
