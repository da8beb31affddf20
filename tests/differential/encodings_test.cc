// A rule of the Vedette language with encodings is the rule of Sigma with the same modifiers.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/tree.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"

namespace vedette {
namespace {

struct EncodingPair {
  const char* sigma;   // `field|modifiers: value`
  const char* native;  // the same condition
};

constexpr EncodingPair kEncodingPairs[] = {
    {"f|base64: 'foobar'", R"(f : base64("foobar"))"},
    {"f|base64|contains: ['foo bar', 'whoami']", R"(f contains~ base64("foo bar", "whoami"))"},
    {"f|base64|startswith: 'a\\*b'", R"(f startswith~ base64("a*b"))"},
    {"f|base64offset|contains: 'foo bar'", R"(f contains~ base64offset("foo bar"))"},
    {"f|base64offset|contains: ['whoami', 'naïve']",
     R"(f contains~ base64offset("whoami", "naïve"))"},
    {"f|wide|base64offset|contains: 'whoami'", R"(f contains~ base64offset(wide("whoami")))"},
    {"f|utf16be|base64: 'net'", R"(f : base64(utf16be("net")))"},
    {"f|utf16|base64|endswith: 'foo'", R"(f endswith~ base64(utf16("foo")))"},
    {"f|cased|base64: 'foobar'", R"(f == base64("foobar"))"},
    {"f|windash: '-h'", R"(f : windash("-h"))"},
    {"f|windash|contains: ' -f'", R"(f contains~ windash(" -f"))"},
    {"f|windash|contains: ' -o*.zip'", R"(f : windash("* -o*.zip*"))"},
    {"f|windash|startswith: ['-q', '/im']", R"(f startswith~ windash("-q", "/im"))"},
    {"f|windash|base64|contains: ' -enc'", R"(f contains~ base64(windash(" -enc")))"},
    {"f|windash|wide|base64offset|contains: ' /nop'",
     R"(f contains~ base64offset(wide(windash(" /nop"))))"},
};

constexpr const char* kEncodingEvents[] = {
    R"({"f":"Zm9vYmFy"})",
    R"({"f":"-enc zm9vYMFy"})",
    R"({"f":"WFhmb28gYmFyIQ=="})",
    R"({"f":"x Zm9vIGJhcg== d2hvYW1p"})",
    R"({"f":"YSpi"})",
    R"({"f":"MXdob2FtaSAvYWxs"})",
    R"({"f":"bmHDr3ZlPw=="})",
    R"({"f":"MXcAaABvAGEAbQBpAAoA"})",
    R"({"f":"AG4AZQB0"})",
    R"({"f":"xx//5mAG8AbwA="})",
    R"({"f":"/h"})",
    R"({"f":"run –F"})",
    R"({"f":"zip /O all.ZIP now"})",
    R"({"f":"/im x"})",
    R"({"f":"IC9lbmM="})",
    R"({"f":"MSAALwBuAG8AcAA="})",
    R"({"f":"foo bar -f"})",
    R"({"f":null})",
    R"({})",
};

std::shared_ptr<const Program> Built(const std::string& name, const std::string& text) {
  RuleSet rules;
  rules.Add(name, text);
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  compiler.AddFrontend(VedetteFrontend());
  const auto built = compiler.Compile(rules);
  for (const Diagnostic& d : built->diagnostics) ADD_FAILURE() << FormatDiagnostic(d);
  return built->program;
}

TEST(Encodings, SayTheSameInBothLanguages) {
  const LogSource source{.product = "windows", .category = "", .service = ""};
  std::vector<Event> events;
  for (const char* json : kEncodingEvents) {
    events.push_back(testing::EventOf(json));
    events.back().set_log_source(source);
  }
  size_t all_hits = 0;
  for (const EncodingPair& pair : kEncodingPairs) {
    const auto sigma = Built(
        "a.yml", std::string("title: t\nlogsource: {product: windows}\ndetection:\n  s:\n    ") +
                     pair.sigma + "\n  condition: s\n");
    const auto native = Built(
        "a.vdt",
        std::string("rule t { meta { logsource = { product: \"windows\" } } match any where ") +
            pair.native + " }");
    Evaluator by_sigma(sigma);
    Evaluator by_native(native);
    size_t hits = 0;
    for (const Event& event : events) {
      const bool expected = !by_sigma.Evaluate(event.view()).empty();
      EXPECT_EQ(!by_native.Evaluate(event.view()).empty(), expected) << pair.native;
      hits += expected ? 1 : 0;
    }
    EXPECT_GT(hits, 0U) << pair.sigma;
    EXPECT_LT(hits, events.size()) << pair.sigma;
    all_hits += hits;
    ASSERT_EQ(sigma->rule_count(), 1U);
    ASSERT_EQ(native->rule_count(), 1U);
    EXPECT_EQ(sigma->fingerprint(0), native->fingerprint(0)) << pair.native;
  }
  EXPECT_GT(all_hits, std::size(kEncodingPairs));
}

}  // namespace
}  // namespace vedette
