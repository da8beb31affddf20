// Random conditions and values of the Vedette language, and events from the same small alphabets,
// so that they meet often.
#ifndef VEDETTE_TESTS_SUPPORT_VEDETTE_GENERATOR_H_
#define VEDETTE_TESTS_SUPPORT_VEDETTE_GENERATOR_H_

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vedette::testing {

// Declared in front of all generated rules: the list `words` and the map `weights`.
extern const char kVedettePrelude[];
// The sets `known` (of values) and `records` (fields `a` and `b`) that conditions ask: each line is
// a set, the type of its first value, that value, and for records that of `b`, parted by tabs.
extern const char kVedetteIndicators[];

struct GeneratedVedette {
  std::vector<std::pair<std::string, std::string>> lets;  // of the rule: name and condition
  std::string text;                                       // a condition or a value
  // `match .. outcome ..`: the whole rule.
  std::string Rule(const std::string& name, bool is_value) const;
};

// Deterministic for a seed. Everything is well typed.
class VedetteGenerator {
 public:
  explicit VedetteGenerator(uint32_t seed) : random_(seed) {}

  GeneratedVedette Condition();
  GeneratedVedette Value();
  // One JSON object.
  std::string EventJson();

 private:
  unsigned Below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  bool OneIn(unsigned n) { return Below(n) == 0; }
  template <size_t N>
  std::string Pick(const std::string_view (&options)[N]) {
    return std::string(options[Below(N)]);
  }

  std::string Field();
  std::string Chars(unsigned longest);
  std::string Literal(const std::string& bytes, bool pattern);
  std::string Text(bool pattern = false);
  std::string Number();
  std::string Constant();
  std::string TextValue(int depth);
  std::string NumberValue(int depth);
  std::string AnyOf(int depth);
  std::string ValueCondition(int depth);
  std::string BoolCall(int depth, bool with_cidr);
  std::string TextTest(const std::string& subject, bool with_regex = true);
  std::string MemberTest(const std::string& subject);
  std::string ComputedTextTest(const std::string& subject, int depth);
  std::string FieldTest(const std::string& field);
  std::string ComputedTest(int depth);
  std::string Block(int depth);
  std::string Atom(int depth);
  std::string Boolean(int depth);
  std::string JsonScalar(unsigned kind);
  std::string JsonValue(unsigned kind, int depth);

  std::mt19937 random_;
  std::string element_;  // the variable of the block around, if there is one
  std::vector<std::string> lets_;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_VEDETTE_GENERATOR_H_
