// Random Sigma rules and events from small alphabets, so that they meet often.
#ifndef VEDETTE_TESTS_SUPPORT_SIGMA_GENERATOR_H_
#define VEDETTE_TESTS_SUPPORT_SIGMA_GENERATOR_H_

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::testing {

// Deterministic for a seed.
class SigmaGenerator {
 public:
  explicit SigmaGenerator(uint32_t seed) : random_(seed) {}

  // One rule document with log source {category: test}. Some are refused by the specification.
  std::string Rule(int number);
  // One JSON object.
  std::string EventJson();

 private:
  unsigned Below(unsigned n) { return static_cast<unsigned>(random_() % n); }
  template <size_t N>
  std::string_view Pick(const std::string_view (&options)[N]) {
    return options[Below(N)];
  }
  std::string Text(unsigned longest);
  std::string QuotedYaml(const std::string& text);
  std::string ScalarYaml(std::string_view modifiers);
  std::string Item(int indent);
  std::string ArrayBlock(int indent);
  std::string Selection(const std::string& name);
  std::string Condition(const std::vector<std::string>& names, int depth);
  std::string JsonScalar();
  std::string JsonValue(int depth);

  std::mt19937 random_;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_SIGMA_GENERATOR_H_
