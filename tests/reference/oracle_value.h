// The oracle's own view of an event: a JSON tree whose scalars carry their text, ready to compare.
#ifndef VEDETTE_TESTS_REFERENCE_ORACLE_VALUE_H_
#define VEDETTE_TESTS_REFERENCE_ORACLE_VALUE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::reference {

// Text as code points. A byte that belongs to no valid UTF-8 sequence is kept as one unit of its
// own, kInvalidByte + byte, so that it equals only the same byte.
using CodePoints = std::u32string;
inline constexpr char32_t kInvalidByte = 0x110000;

CodePoints Decode(std::string_view utf8);
std::string Encode(const CodePoints& text);
// Simple (one to one) Unicode case folding, unit by unit.
char32_t FoldUnit(char32_t unit);
CodePoints Fold(const CodePoints& text);
// ASCII lower case, for names such as channels.
std::string AsciiLower(std::string_view text);

// A whole string that is a decimal number: optional sign, digits, optional fraction and exponent.
// No spaces, no hexadecimal, no bare dot.
bool IsDecimal(std::string_view text);
// The value of such a string; long double holds every 64-bit integer and every double exactly.
long double DecimalValue(const std::string& text);
// Text of a double: whole numbers without a fraction, otherwise the shortest text that reads back.
std::string DoubleText(double value);

struct OracleNode;
// Immutable and shared, so that lookups may hand out values freely.
using OracleValue = std::shared_ptr<const OracleNode>;

struct OracleNode {
  enum class Kind { kNull, kBool, kNumber, kString, kArray, kObject };
  Kind kind = Kind::kNull;
  std::string text;                   // bool, number, string
  CodePoints exact;                   // the same text as code points
  CodePoints folded;                  // and case folded
  bool floating = false;              // a number that is written with a fraction or an exponent
  std::optional<long double> number;  // numbers, and strings that are wholly a decimal number
  std::vector<OracleValue> items;     // array
  std::vector<std::pair<std::string, OracleValue>> members;  // object, in written order

  bool IsScalar() const { return kind != Kind::kArray && kind != Kind::kObject; }
  bool HasText() const { return IsScalar() && kind != Kind::kNull; }
  // The first member of that name, or null pointer.
  OracleValue Find(std::string_view name) const;
};

OracleValue MakeNull();
OracleValue MakeText(OracleNode::Kind kind, std::string text);
OracleValue MakeObject(std::vector<std::pair<std::string, OracleValue>> members);

class OracleEvent {
 public:
  // No value when the text is not one JSON document.
  static std::optional<OracleEvent> FromJson(std::string_view json);

  explicit OracleEvent(OracleValue root) : root_(std::move(root)) {}
  const OracleValue& root() const { return root_; }

 private:
  OracleValue root_;
};

// The scalars and objects a value stands for once arrays, also arrays in arrays, are opened.
void AppendLeaves(const OracleValue& value, std::vector<OracleValue>* leaves);
// Every scalar anywhere in the tree (values, never key names).
void AppendScalars(const OracleValue& value, std::vector<OracleValue>* scalars);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_ORACLE_VALUE_H_
