// The JSON reader against simdjson's own document parser: what one takes the other must take, with
// the same values.
#include "vedette/json.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace vedette {
namespace {

namespace dom = simdjson::dom;

// Values that both parsers must read alike.
void ExpectSame(const Value& value, const dom::element& element, std::string_view text);

void ExpectSameMembers(const Value& value, const dom::object& object, std::string_view text) {
  ASSERT_EQ(value.members().size(), object.size()) << text;
  size_t i = 0;
  for (const auto& [name, member] : object) {
    EXPECT_EQ(value.members()[i].name, name) << text;
    ExpectSame(value.members()[i++].value, member, text);
  }
}

void ExpectSameItems(const Value& value, const dom::array& array, std::string_view text) {
  ASSERT_EQ(value.list().size(), array.size()) << text;
  size_t i = 0;
  for (const dom::element item : array) ExpectSame(value.list()[i++], item, text);
}

void ExpectSame(const Value& value, const dom::element& element, std::string_view text) {
  switch (element.type()) {
    case dom::element_type::OBJECT:
      ASSERT_TRUE(value.is_object()) << text;
      return ExpectSameMembers(value, element.get_object().value_unsafe(), text);
    case dom::element_type::ARRAY:
      ASSERT_TRUE(value.is_list()) << text;
      return ExpectSameItems(value, element.get_array().value_unsafe(), text);
    case dom::element_type::STRING:
      ASSERT_TRUE(value.is_string()) << text;
      EXPECT_EQ(value.string(), element.get_string().value_unsafe()) << text;
      return;
    case dom::element_type::INT64:
      EXPECT_EQ(value.ToJson(), std::to_string(element.get_int64().value_unsafe())) << text;
      return;
    case dom::element_type::UINT64:
      EXPECT_EQ(value.ToJson(), std::to_string(element.get_uint64().value_unsafe())) << text;
      return;
    case dom::element_type::DOUBLE:
      ASSERT_TRUE(value.is_number()) << text;
      EXPECT_EQ(value.AsDouble(), element.get_double().value_unsafe()) << text;
      return;
    case dom::element_type::BOOL:
      EXPECT_EQ(value.ToJson(), element.get_bool().value_unsafe() ? "true" : "false") << text;
      return;
    case dom::element_type::NULL_VALUE:
      EXPECT_EQ(value.ToJson(), "null") << text;
      return;
  }
}

// The text with numbers cut to what a double and 64 bits hold; beyond that we read the nearest
// double and simdjson nothing.
std::string WithSmallNumbers(std::string_view text) {
  std::string out;
  size_t digits = 0;
  bool exponent = false;
  for (const char c : text) {
    const bool is_digit = c >= '0' && c <= '9';
    digits = is_digit ? digits + 1 : 0;
    if (!is_digit) exponent = c == 'e' || c == 'E' || (exponent && (c == '+' || c == '-'));
    if (digits <= (exponent ? 2U : 18U)) out.push_back(c);
  }
  return out;
}

// Reads texts with both; counts what they take alike.
class BothParsers {
 public:
  void Read(std::string_view text) {
    dom::element root;
    auto error = dom_.parse(text.data(), text.size()).get(root);
    const bool large = error == simdjson::NUMBER_ERROR;
    const std::string small = large ? WithSmallNumbers(text) : "";
    if (large) error = dom_.parse(small).get(root);
    const bool takes = error == simdjson::SUCCESS && root.is_object();
    Event event;
    const absl::Status status = parser_.Parse(text, &event);
    ASSERT_EQ(status.ok(), takes) << text << "\n"
                                  << status << "\n"
                                  << simdjson::error_message(error);
    if (!takes || large) return;
    ++taken_;
    ExpectSame(event.root(), root, text);
  }
  size_t taken() const { return taken_; }

 private:
  dom::parser dom_;
  JsonParser parser_;
  size_t taken_ = 0;
};

constexpr std::string_view kTokens[] = {"{",
                                        "}",
                                        "[",
                                        "]",
                                        ",",
                                        ":",
                                        "\"a\"",
                                        "\"a\":",
                                        "\"\\u0041\\n\"",
                                        " ",
                                        "\n",
                                        "true",
                                        "tru",
                                        "false",
                                        "null",
                                        "nul",
                                        "0",
                                        "-1",
                                        "01",
                                        "-",
                                        "1.5",
                                        "1.",
                                        ".5",
                                        "1e5",
                                        "1E-3",
                                        "1e",
                                        "-0",
                                        "\"",
                                        "\\",
                                        "x",
                                        "\"\"",
                                        "+1",
                                        "\"b c\":",
                                        "\"\\\"\"",
                                        "\"\xc3\xa9\"",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "18446744073709551615",
                                        "-9223372036854775808",
                                        "\t",
                                        "truex",
                                        "\"\\q\"",
                                        "\"\\\\\"",
                                        std::string_view("\0", 1),
                                        "0.1e1",
                                        "1e0.5",
                                        "--1",
                                        "12345678901234567",
                                        "0x1"};

TEST(JsonAgainstSimdjson, TokensInAnyOrder) {
  std::mt19937 random(20261127);
  BothParsers both;
  for (int i = 0; i < 60000; ++i) {
    std::string text = "{";
    for (size_t n = random() % 8; n > 0; --n) text += kTokens[random() % std::size(kTokens)];
    if (random() % 4 != 0) text += "}";
    both.Read(text);
  }
  EXPECT_GT(both.taken(), 500U);
}

TEST(JsonAgainstSimdjson, OneMemberOfEachKind) {
  BothParsers both;
  for (const std::string_view before : {"", " ", "\n\t"}) {
    for (const std::string_view token : kTokens) {
      for (const std::string_view after : {"", " ", ",", "x", "\"", "}", "]", "1", "\r\n"}) {
        const std::string value = std::string(before) + std::string(token) + std::string(after);
        both.Read("{\"a\":" + value + "}");
        both.Read("{\"a\":[" + value + "]}");
        both.Read("{\"a\":{\"b\":" + value + "}}");
        both.Read("{\"a\":1," + value + "}");
        both.Read("{" + value + ":1}");
        both.Read("{\"a\":1}" + value);
        both.Read(value);
      }
    }
  }
  EXPECT_GT(both.taken(), 500U);
}

TEST(JsonAgainstSimdjson, EventsWithOneByteChanged) {
  const std::vector<std::string> events = {
      R"({"Channel":"Security","EventID":4688,"Image":"C:\\Windows\\cmd.exe","List":[1,2.5,"x"],"In":{"a":null}})",
      R"({"a" : { "b" : [ { "c" : true } , [ ] , { } ] } , "d" : "é\u00e9\/\"" , "e" : -12.5e-3 })",
      R"({"":"","x":[[[[]]]],"y":{"z":{}},"n":18446744073709551615,"f":false})"};
  constexpr std::string_view kBytes = "{}[]:,\" \\01.-etfn\x01\n";
  std::mt19937 random(7);
  BothParsers both;
  for (const std::string& event : events) {
    for (size_t at = 0; at < event.size(); ++at) {
      // Half of a character of UTF-8 is repaired, which simdjson does not.
      if ((static_cast<unsigned char>(event[at]) & 0x80) != 0) continue;
      std::string text = event;
      both.Read(text.erase(at, 1));
      for (const char c : kBytes) {
        text = event;
        text[at] = c;
        both.Read(text);
        text = event;
        both.Read(text.insert(at, 1, c));
      }
    }
    for (int i = 0; i < 20000; ++i) {
      std::string text = event;
      for (int edits = 1 + static_cast<int>(random() % 4); edits > 0; --edits) {
        const size_t at = random() % text.size();
        if ((static_cast<unsigned char>(text[at]) & 0x80) != 0) continue;
        text[at] = kBytes[random() % kBytes.size()];
      }
      both.Read(text);
    }
  }
  EXPECT_GT(both.taken(), 1000U);
}

}  // namespace
}  // namespace vedette
