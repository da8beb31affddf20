// The name of an event field as rules write it, parsed once at compile time.
#ifndef VEDETTE_FIELD_PATH_H_
#define VEDETTE_FIELD_PATH_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// `process.parent.name`, `answers[0].rdata`, `records[-1]`, `a\[b\]` (literal brackets), and `.`
// (the value itself, inside array blocks). Names are case-sensitive. A path also stands for the
// flat key of the same text, which wins over nesting (see Lookup). Immutable; thread-safe to read.
class FieldPath {
 public:
  struct Segment {
    std::string name;   // empty for an index
    int32_t index = 0;  // [N]; negative counts from the end
    bool is_index = false;
    bool any_member = false;     // any member of an object (OfNames with "*": UserData wrappers)
    bool xml_attribute = false;  // an attribute of an XML element, however JSON writes it
    bool xml_element = false;    // among XML elements the one with this Name; stands for its text
    uint32_t begin = 0;          // the segment's place in flat_key()
    uint32_t end = 0;
  };

  FieldPath() = default;
  // InvalidArgument for an empty name, unbalanced brackets, more than 32 segments or 1,024 bytes.
  static absl::StatusOr<FieldPath> Parse(std::string_view text);
  // A path of plain names without syntax: each name is one segment, dots in it are literal; "*" is
  // any member. With `ignore_blanks` blanks in the event's names do not count in the last one. With
  // `dotted_keys` flat keys that join the names by dots are tried as for parsed paths.
  static FieldPath OfNames(std::vector<std::string> names, bool ignore_blanks = false,
                           bool dotted_keys = false);
  // The same for XML records as JSON: the last name is an attribute of the element before
  // (Provider/@Name), or the Name of one of the elements there (Data: [{"@Name":..,"#text":..}]);
  // empty: those without a Name. An element without text is null; of several, all count.
  static FieldPath OfXmlAttribute(std::vector<std::string> names);
  static FieldPath OfXmlElement(std::vector<std::string> names, bool ignore_blanks = false);

  const std::string& text() const { return text_; }
  const std::vector<Segment>& segments() const { return segments_; }
  // The text without escapes: what a flat key that stands for the whole path is called.
  const std::string& flat_key() const { return flat_key_; }
  bool is_self() const { return segments_.empty(); }
  bool ignore_blanks() const { return ignore_blanks_; }
  // Dotted keys are not tried (OfNames and its kin).
  bool exact_names() const { return exact_names_; }
  // Whether the path only makes sense in XML records as JSON.
  bool is_xml() const {
    return !segments_.empty() && (segments_.back().xml_attribute || segments_.back().xml_element);
  }

  // Bits of the names with which the path can begin in an object (KeyBit); all ones if any can.
  uint64_t first_key_bits() const { return first_key_bits_; }

  friend bool operator==(const FieldPath& a, const FieldPath& b) { return a.text_ == b.text_; }

 private:
  void SetFirstKeyBits();

  uint64_t first_key_bits_ = ~uint64_t{0};
  std::string text_;  // as written
  std::string flat_key_;
  std::vector<Segment> segments_;
  bool ignore_blanks_ = false;
  bool exact_names_ = false;
};

// One of 64 bits for a name: an object whose names' bits share none with first_key_bits() of a path
// does not have it. Saves most look-ups of absent fields.
inline uint64_t KeyBit(std::string_view name) {
  const auto byte = [&name](size_t i) { return static_cast<unsigned char>(name[i]); };
  const size_t n = name.size();
  const size_t mixed = n == 0 ? 0 : n * 7 + byte(0) * 5 + byte(n / 2) * 11 + byte(n - 1) * 3;
  return uint64_t{1} << (mixed % 61);
}

// The value of `path` in a value tree. At each object the longest dotted rest that is a key wins
// ("a.b.c", then "a.b", then "a"); names pass through arrays and gather from every element (SEP
// #212), into a list made in `arena`. Absent if there is no such field. Steps are bounded.
Value Lookup(const Value& root, const FieldPath& path, ValueArena* arena);

}  // namespace vedette::inline v0

#endif  // VEDETTE_FIELD_PATH_H_
