#include "lib/lang/sigma/modifiers.h"

#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/ir/text_encoding.h"
#include "tests/support/lcg.h"

namespace vedette::sigma {
namespace {

using Strings = std::vector<std::string>;

constexpr SourceSpan kPlace = {3, 10, 1};

// A chain and its value, and what is said about them.
class Chain {
 public:
  explicit Chain(std::string_view modifiers, bool keyword = false) {
    chain_ = ParseModifiers(modifiers, keyword, kPlace, &reporter_);
  }
  // No modifier at all: how the detection parser calls it.
  static ModifierChain Empty() { return {}; }

  bool ok() const { return chain_.has_value(); }
  const ModifierChain& get() const { return *chain_; }
  const DiagnosticSink& sink() const { return sink_; }
  // "SIG0011 3:10+8", "" if nothing was said.
  std::string Said() const {
    std::string out;
    for (const Diagnostic& d : sink_.diagnostics()) {
      if (!out.empty()) out += " ";
      out += d.code + " " + std::to_string(d.span.line) + ":" + std::to_string(d.span.column);
    }
    return out;
  }
  std::string Codes() const {
    std::string out;
    for (const Diagnostic& d : sink_.diagnostics()) out += (out.empty() ? "" : " ") + d.code;
    return out;
  }
  std::optional<std::vector<ValueTest>> Apply(const YamlNode& value,
                                              const PlaceholderValues& placeholders = {}) {
    return ApplyModifiers(*chain_, value, placeholders, &reporter_);
  }

 private:
  RuleSource source_{"t.yml", "a: 1\nb: 2\n  field|contains|all|windash: x\n"};
  SigmaText text_{source_};
  DiagnosticSink sink_;
  Reporter reporter_{&text_, &sink_, true};
  std::optional<ModifierChain> chain_;
};

YamlNode Plain(std::string text) {
  YamlNode node;
  node.kind = YamlNode::Kind::kScalar;
  node.text = std::move(text);
  node.span = {3, 30, 1};
  return node;
}

YamlNode Quote(std::string text) {
  YamlNode node = Plain(std::move(text));
  node.quoted = true;
  return node;
}

// The patterns that a value becomes, as sources; the codes of errors if it is refused.
Strings Texts(std::string_view modifiers, const YamlNode& value,
              const PlaceholderValues& placeholders = {}) {
  Chain chain(modifiers);
  if (!chain.ok()) return {"chain: " + chain.Codes()};
  const auto tests = chain.Apply(value, placeholders);
  if (!tests.has_value()) return {chain.Codes()};
  Strings out;
  for (const ValueTest& test : *tests) {
    out.push_back(test.predicate.op == PredicateOp::kRegex ? test.text.LiteralText()
                                                           : test.text.ToSource());
  }
  return out;
}

TEST(Modifiers, EveryNameIsKnownByItself) {
  for (const std::string_view name : ModifierNames()) {
    EXPECT_TRUE(ModifierByName(name).has_value()) << name;
  }
  EXPECT_EQ(ModifierByName("wide"), ModifierByName("utf16le"));
  EXPECT_EQ(ModifierByName("i"), ModifierByName("ignorecase"));
  EXPECT_EQ(ModifierByName("m"), ModifierByName("multiline"));
  EXPECT_EQ(ModifierByName("s"), ModifierByName("dotall"));
  for (const std::string_view name :
       {"", "Contains", "CONTAINS", " contains", "contain", "regex"}) {
    EXPECT_FALSE(ModifierByName(name).has_value()) << name;
  }
}

TEST(Modifiers, LegalChains) {
  const struct {
    const char* text;
    TestKind kind;
  } kCases[] = {
      {"contains", TestKind::kText},
      {"startswith", TestKind::kText},
      {"endswith", TestKind::kText},
      {"contains|all", TestKind::kText},
      {"all|contains", TestKind::kText},
      {"contains|windash", TestKind::kText},
      {"windash|contains|all", TestKind::kText},
      {"endswith|windash", TestKind::kText},
      {"contains|expand", TestKind::kText},
      {"expand|contains", TestKind::kText},
      {"cased", TestKind::kText},
      {"contains|cased", TestKind::kText},
      {"neq", TestKind::kText},
      {"contains|all|neq", TestKind::kText},
      {"base64", TestKind::kText},
      {"base64|contains", TestKind::kText},
      {"base64offset|contains", TestKind::kText},
      {"wide|base64offset|contains", TestKind::kText},
      {"utf16le|base64", TestKind::kText},
      {"utf16be|base64offset", TestKind::kText},
      {"utf16|base64|contains", TestKind::kText},
      {"expand|base64", TestKind::kText},
      {"windash|base64", TestKind::kText},
      {"re", TestKind::kRegex},
      {"re|i", TestKind::kRegex},
      {"re|i|m|s", TestKind::kRegex},
      {"re|ignorecase|multiline|dotall", TestKind::kRegex},
      {"re|contains", TestKind::kRegex},
      {"re|startswith", TestKind::kRegex},
      {"re|expand", TestKind::kRegex},
      {"re|all", TestKind::kRegex},
      {"re|neq", TestKind::kRegex},
      {"cidr", TestKind::kCidr},
      {"cidr|neq", TestKind::kCidr},
      {"fieldref", TestKind::kFieldRef},
      {"fieldref|neq", TestKind::kFieldRef},
      {"fieldref|startswith", TestKind::kFieldRef},
      {"fieldref|endswith", TestKind::kFieldRef},
      {"fieldref|contains", TestKind::kFieldRef},
      {"fieldref|cased", TestKind::kFieldRef},
      {"exists", TestKind::kExists},
      {"exists|neq", TestKind::kExists},
      {"lt", TestKind::kNumber},
      {"lte", TestKind::kNumber},
      {"gt", TestKind::kNumber},
      {"gte", TestKind::kNumber},
      {"gt|neq", TestKind::kNumber},
      {"hour", TestKind::kNumber},
      {"hour|gte", TestKind::kNumber},
      {"minute|lt", TestKind::kNumber},
      {"week|lte", TestKind::kNumber},
      {"year|gt", TestKind::kNumber},
  };
  for (const auto& c : kCases) {
    const Chain chain(c.text);
    ASSERT_TRUE(chain.ok()) << c.text << ": " << chain.Said();
    EXPECT_EQ(chain.get().kind, c.kind) << c.text;
    EXPECT_EQ(chain.sink().diagnostics().size(), 0U) << c.text;
  }
}

TEST(Modifiers, IllegalChainsAndWhichModifierIsWrong) {
  const struct {
    const char* text;
    const char* said;
  } kCases[] = {
      {"", "SIG0010 3:10"},
      {"contain", "SIG0010 3:10"},
      {"contains|", "SIG0010 3:19"},
      {"contains||all", "SIG0010 3:19"},
      {"contains|al", "SIG0010 3:19"},
      {"Contains", "SIG0010 3:10"},
      {"contains|re", "SIG0011 3:19"},
      {"all|re", "SIG0011 3:14"},
      {"re|base64", "SIG0011 3:13"},
      {"re|windash", "SIG0011 3:13"},
      {"re|cased", "SIG0011 3:13"},
      {"re|cidr", "SIG0011 3:13"},
      {"re|gt", "SIG0011 3:13"},
      {"i", "SIG0011 3:10"},
      {"contains|i", "SIG0011 3:19"},
      {"contains|base64", "SIG0011 3:19"},
      {"startswith|base64offset", "SIG0011 3:21"},
      {"base64|wide", "SIG0011 3:17"},
      {"base64|windash", "SIG0011 3:17"},
      {"base64|expand", "SIG0011 3:17"},
      {"wide", "SIG0011 3:10"},
      {"wide|contains", "SIG0011 3:15"},
      {"wide|utf16be|base64", "SIG0011 3:15"},
      {"contains|cidr", "SIG0011 3:19"},
      {"cidr|contains", "SIG0011 3:15"},
      {"startswith|fieldref", "SIG0011 3:21"},
      {"fieldref|windash", "SIG0011 3:19"},
      {"contains|exists", "SIG0011 3:19"},
      {"exists|contains", "SIG0011 3:17"},
      {"exists|all", "SIG0011 3:17"},
      {"gte|hour", "SIG0011 3:14"},
      {"gt|lt", "SIG0011 3:13"},
      {"hour|minute", "SIG0011 3:15"},
      {"hour|gt|lt", "SIG0011 3:18"},
      {"contains|gt", "SIG0011 3:19"},
      {"gt|contains", "SIG0011 3:13"},
      {"lt|cased", "SIG0011 3:13"},
  };
  for (const auto& c : kCases) {
    const Chain chain(c.text);
    EXPECT_FALSE(chain.ok()) << c.text;
    EXPECT_EQ(chain.Said(), c.said) << c.text;
  }
}

TEST(Modifiers, KeywordsHaveNoField) {
  for (const char* text : {"all", "contains", "windash", "cased|all", "base64offset|contains"}) {
    EXPECT_TRUE(Chain(text, true).ok()) << text;
  }
  for (const char* text : {"exists", "cidr", "fieldref", "gt", "hour"}) {
    EXPECT_EQ(Chain(text, true).Said(), "SIG0011 3:10") << text;
  }
}

TEST(Modifiers, AllAndNeqAreAboutTheItem) {
  const Chain chain("contains|all|neq");
  ASSERT_TRUE(chain.ok());
  EXPECT_TRUE(chain.get().all);
  EXPECT_TRUE(chain.get().neq);
  EXPECT_EQ(chain.get().steps, std::vector<Modifier>{Modifier::kContains});
  EXPECT_FALSE(Chain("contains").get().all);
  EXPECT_FALSE(Chain("contains").get().neq);
  EXPECT_TRUE(Chain("contains|cased").get().cased);
}

TEST(Modifiers, LongChainsAreRefused) {
  std::string text = "contains";
  for (int i = 0; i < 1000; ++i) text += "|contains";
  EXPECT_FALSE(Chain(text).ok());
}

TEST(Modifiers, SlipsGetASuggestion) {
  const Chain chain("startwith");
  ASSERT_EQ(chain.sink().diagnostics().size(), 1U);
  EXPECT_NE(chain.sink().diagnostics()[0].hint.find("'startswith'"), std::string::npos);
  EXPECT_EQ(Chain("qqqqqqqqq").sink().diagnostics()[0].hint, "");
}

TEST(ApplyModifiers, WildcardsAroundTheValue) {
  EXPECT_EQ(Texts("contains", Quote("a*b")), Strings{"*a*b*"});
  EXPECT_EQ(Texts("contains", Quote("*a*")), Strings{"*a*"});
  EXPECT_EQ(Texts("startswith", Quote(R"(C:\T\)")), Strings{R"(C:\T\\*)"});
  EXPECT_EQ(Texts("endswith", Quote(R"(\7z*.exe)")), Strings{R"(*\7z*.exe)"});
  EXPECT_EQ(Texts("contains", Quote(R"(a\*)")), Strings{R"(*a\**)"});
  // A number under a text modifier is the text as it was written.
  EXPECT_EQ(Texts("contains", Plain("00000429")), Strings{"*00000429*"});
  EXPECT_EQ(Texts("contains", Plain("1.50")), Strings{"*1.50*"});
}

TEST(ApplyModifiers, ScalarsWithoutModifiers) {
  RuleSource source{"t.yml", ""};
  const SigmaText text(source);
  const auto op = [&text](const YamlNode& value) {
    DiagnosticSink sink;
    Reporter reporter(&text, &sink, true);
    const auto tests = ApplyModifiers(Chain::Empty(), value, {}, &reporter);
    EXPECT_TRUE(tests.has_value() && tests->size() == 1) << value.text;
    return tests.has_value() ? tests->at(0).predicate : Predicate{};
  };
  EXPECT_EQ(op(Plain("5")).op, PredicateOp::kNumberEq);
  EXPECT_EQ(op(Plain("1.0")).number.Text(), "1");
  EXPECT_EQ(op(Quote("5")).op, PredicateOp::kText);
  EXPECT_EQ(op(Plain("0x10")).op, PredicateOp::kText);
  EXPECT_EQ(op(Plain("00000429")).op, PredicateOp::kText);
  EXPECT_EQ(op(Plain("1_000")).op, PredicateOp::kText);
  EXPECT_EQ(op(Plain("true")).op, PredicateOp::kText);
  EXPECT_EQ(op(YamlNode()).op, PredicateOp::kIsNull);
  // Beyond int64 the text is all there is.
  EXPECT_EQ(op(Plain("99999999999999999999")).op, PredicateOp::kText);
}

TEST(ApplyModifiers, NoModifierGivesTextOfBooleans) {
  EXPECT_EQ(Texts("neq", Plain("TRUE")), Strings{"true"});
  EXPECT_EQ(Texts("neq", Plain("False")), Strings{"false"});
  EXPECT_EQ(Texts("neq", Quote("TRUE")), Strings{"TRUE"});
}

TEST(ApplyModifiers, WrongValues) {
  YamlNode list;
  list.kind = YamlNode::Kind::kList;
  YamlNode map;
  map.kind = YamlNode::Kind::kMap;
  const struct {
    const char* modifiers;
    YamlNode value;
    const char* code;
  } kCases[] = {
      {"contains", list, "SIG0017"},
      {"contains", map, "SIG0017"},
      {"contains", YamlNode(), "SIG0012"},
      {"contains", Plain("true"), "SIG0012"},
      {"exists", Quote("true"), "SIG0012"},
      {"exists", Plain("yes"), "SIG0012"},
      {"exists", Plain("1"), "SIG0012"},
      {"exists", YamlNode(), "SIG0012"},
      {"gt", Quote("5"), "SIG0012"},
      {"gt", Plain("five"), "SIG0012"},
      {"gt", Plain("0x10"), "SIG0012"},
      {"gt", Plain("true"), "SIG0012"},
      {"gt", YamlNode(), "SIG0012"},
      {"hour", Quote("5"), "SIG0012"},
      {"gt", Plain("99999999999999999999"), "SIG0012"},
      {"cidr", Quote("10.0.0.1/8"), "SIG0015"},
      {"cidr", Quote("10.0.0.0/33"), "SIG0015"},
      {"cidr", Quote("nonsense"), "SIG0015"},
      {"cidr", Quote(""), "SIG0015"},
      {"fieldref", Quote("a*"), "SIG0013"},
      {"fieldref", Plain("5"), "SIG0012"},
      {"fieldref", Quote(""), "SIG0012"},
      {"re", Quote("a(b"), "SIG0014"},
      {"re", Quote("a(?=b)"), "SIG0014"},
      {"re", YamlNode(), "SIG0012"},
      {"base64", Quote("fo*"), "SIG0013"},
      {"base64offset", Quote("f?o"), "SIG0013"},
      {"wide|base64", Quote("f*"), "SIG0013"},
      {"base64", YamlNode(), "SIG0012"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Texts(c.modifiers, c.value), Strings{c.code}) << c.modifiers << " " << c.value.text;
  }
}

TEST(ApplyModifiers, AnEmptyValueIsNotEncoded) {
  // It would become a variant that every event has.
  EXPECT_EQ(Texts("base64offset|contains", Quote("")), Strings{"SIG0012"});
  EXPECT_EQ(Texts("wide|base64offset|contains", Quote("")), Strings{"SIG0012"});
}

TEST(ApplyModifiers, NoVariantOfAShortValueMatchesEverything) {
  for (const char* chain : {"base64|contains", "base64offset|contains", "wide|base64offset"}) {
    for (const char* value : {"a", "ab"}) {
      for (const std::string& text : Texts(chain, Quote(value))) {
        EXPECT_GE(SigmaString::Parse(text).pieces.size(), 1U) << chain << " '" << value << "'";
        EXPECT_TRUE(SigmaString::Parse(text).Has(SigmaString::Piece::Kind::kLiteral))
            << chain << " '" << value << "'";
      }
    }
  }
}

TEST(ApplyModifiers, Base64) {
  EXPECT_EQ(Texts("base64", Quote("foobar")), Strings{"Zm9vYmFy"});
  EXPECT_EQ(Texts("base64", Quote(R"(a\*b)")), Strings{"YSpi"});  // the escape is not encoded
  EXPECT_EQ(Texts("base64", Plain("123")), Strings{"MTIz"});
  EXPECT_EQ(Texts("utf16|base64", Quote("foo")), Strings{"//5mAG8AbwA="});  // with its mark
  EXPECT_EQ(Texts("utf16le|base64", Quote("foo")), Strings{"ZgBvAG8A"});
  EXPECT_EQ(Texts("wide|base64", Quote("foo")), Strings{"ZgBvAG8A"});
  EXPECT_EQ(Texts("utf16be|base64", Quote("foo")), Strings{"AGYAbwBv"});
  EXPECT_EQ(Texts("base64offset|contains", Quote("foo bar")),
            (Strings{"*Zm9vIGJhc*", "*ZvbyBiYX*", "*mb28gYmFy*"}));
}

TEST(ApplyModifiers, EncodedValuesAreLiteral) {
  // "+" and "/" aside, nothing of base64 is special, and the wildcards stand only around it.
  for (const std::string& text : Texts("base64offset|contains", Quote("foo bar"))) {
    EXPECT_TRUE(text.starts_with('*') && text.ends_with('*')) << text;
    EXPECT_EQ(text.substr(1, text.size() - 2).find_first_of("*?=\\"), std::string::npos) << text;
  }
}

// All of base64offset through the modifiers: UTF-8 and UTF-16, any bytes before and after.
TEST(ApplyModifiers, Base64OffsetFindsTheValueAtAnyOffset) {
  const auto wide = [](const std::string& text) { return ToUtf16(text, false); };
  testing::Lcg random(7);
  const std::string alphabet = "abcXYZ019 -/\\.:\xC3\xA4";
  for (int round = 0; round < 500; ++round) {
    std::string value = "k";
    for (uint32_t n = random.Below(12) + 1; n > 0; --n) {
      // Whole characters: a broken one is no text to encode in UTF-16.
      const uint32_t at = random.Below(15);
      value += at == 14 ? "\xC3\xA4" : std::string(1, alphabet[at]);
    }
    const std::string escaped = SigmaString::Literal(value).ToSource();
    for (const bool utf16 : {false, true}) {
      const std::string bytes = utf16 ? wide(value) : value;
      Chain chain(utf16 ? "wide|base64offset" : "base64offset");
      const auto tests = chain.Apply(Quote(escaped));
      ASSERT_TRUE(tests.has_value()) << escaped;
      for (size_t before = 0; before < 3; ++before) {
        std::string text(before, static_cast<char>(random.Below(256)));
        text += bytes + std::string(random.Below(4), static_cast<char>(random.Below(256)));
        const std::string encoded = Base64(text);
        bool found = false;
        for (const ValueTest& test : *tests) {
          found = found || encoded.find(test.text.LiteralText()) != std::string::npos;
        }
        EXPECT_TRUE(found) << value << " after " << before;
      }
    }
  }
}

TEST(ApplyModifiers, WindashIsOnePatternUntilItIsEncoded) {
  Chain chain("windash|contains");
  const auto tests = chain.Apply(Quote(" -enc"));
  ASSERT_TRUE(tests.has_value());
  ASSERT_EQ(tests->size(), 1U);
  EXPECT_TRUE(tests->at(0).text.Has(SigmaString::Piece::Kind::kDash));
  const Strings encoded = Texts("windash|base64", Quote(" -enc"));
  const std::set<std::string> variants(encoded.begin(), encoded.end());
  std::set<std::string> expected;
  for (const std::string dash : {"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"}) {
    expected.insert(Base64(" " + dash + "enc"));
  }
  EXPECT_EQ(variants, expected);
}

TEST(ApplyModifiers, ManyDashesCannotBeEncoded) {
  std::string value;
  for (int i = 0; i < 50; ++i) value += " -a";
  EXPECT_EQ(Texts("windash|contains", Quote(value)).size(), 1U);
  EXPECT_EQ(Texts("windash|base64", Quote(value)), Strings{"SIG0006"});
}

TEST(ApplyModifiers, RegexIsRawAndTiedByItsModifiers) {
  EXPECT_EQ(Texts("re", Quote(R"(a\\b\*c*)")), Strings{R"(a\\b\*c*)"});
  EXPECT_EQ(Texts("re|contains", Quote("a|b")), Strings{"a|b"});
  // The alternatives are tied together, not only the outer ones.
  EXPECT_EQ(Texts("re|startswith", Quote("a|b")), Strings{R"(\A(?:a|b))"});
  EXPECT_EQ(Texts("re|endswith", Quote("a|b")), Strings{R"((?:a|b)\z)"});
  Chain chain("re|i|s");
  const auto tests = chain.Apply(Quote("a"));
  ASSERT_TRUE(tests.has_value());
  const RegexFlags& flags = tests->at(0).predicate.regex_flags;
  EXPECT_TRUE(flags.ignore_case && flags.dot_all && !flags.multi_line);
}

TEST(ApplyModifiers, Numbers) {
  const struct {
    const char* modifiers;
    PredicateOp op;
    TimePart part;
  } kCases[] = {
      {"lt", PredicateOp::kNumberLt, TimePart::kNone},
      {"lte", PredicateOp::kNumberLe, TimePart::kNone},
      {"gt", PredicateOp::kNumberGt, TimePart::kNone},
      {"gte", PredicateOp::kNumberGe, TimePart::kNone},
      {"minute", PredicateOp::kNumberEq, TimePart::kMinute},
      {"hour", PredicateOp::kNumberEq, TimePart::kHour},
      {"day", PredicateOp::kNumberEq, TimePart::kDay},
      {"week|lt", PredicateOp::kNumberLt, TimePart::kWeek},
      {"month|gt", PredicateOp::kNumberGt, TimePart::kMonth},
      {"year|gte", PredicateOp::kNumberGe, TimePart::kYear},
  };
  for (const auto& c : kCases) {
    Chain chain(c.modifiers);
    const auto tests = chain.Apply(Plain("-3"));
    ASSERT_TRUE(tests.has_value() && tests->size() == 1) << c.modifiers;
    EXPECT_EQ(tests->at(0).predicate.op, c.op) << c.modifiers;
    EXPECT_EQ(tests->at(0).predicate.time_part, c.part) << c.modifiers;
    EXPECT_EQ(tests->at(0).predicate.number.i, -3) << c.modifiers;
  }
}

TEST(ApplyModifiers, ExistsFalseIsTheOpposite) {
  for (const auto& [text, negated] : {std::pair("true", false), std::pair("False", true)}) {
    Chain chain("exists");
    const auto tests = chain.Apply(Plain(text));
    ASSERT_TRUE(tests.has_value());
    EXPECT_EQ(tests->at(0).predicate.op, PredicateOp::kExists);
    EXPECT_EQ(tests->at(0).negated, negated) << text;
  }
}

TEST(ApplyModifiers, FieldReferences) {
  const struct {
    const char* modifiers;
    FieldCompare compare;
  } kCases[] = {{"fieldref", FieldCompare::kEqual},
                {"fieldref|startswith", FieldCompare::kStartsWith},
                {"fieldref|endswith", FieldCompare::kEndsWith},
                {"fieldref|contains", FieldCompare::kContains},
                {"fieldref|startswith|endswith", FieldCompare::kContains}};
  for (const auto& c : kCases) {
    Chain chain(c.modifiers);
    const auto tests = chain.Apply(Plain("other.field"));
    ASSERT_TRUE(tests.has_value()) << c.modifiers;
    EXPECT_EQ(tests->at(0).predicate.other_field, "other.field");
    EXPECT_EQ(tests->at(0).predicate.compare, c.compare) << c.modifiers;
    EXPECT_FALSE(tests->at(0).predicate.cased);
  }
  Chain cased("fieldref|cased");
  EXPECT_TRUE(cased.Apply(Plain("g"))->at(0).predicate.cased);
}

TEST(ApplyModifiers, PlaceholdersStayOrBecomeTheirValues) {
  const PlaceholderValues values = {{"u", {"bob", "a*"}}};
  EXPECT_EQ(Texts("expand", Quote("/home/%u%/x"), values), (Strings{"/home/bob/x", "/home/a*/x"}));
  EXPECT_EQ(Texts("contains|expand", Quote("%u%"), values), (Strings{"*bob*", "*a**"}));
  EXPECT_EQ(Texts("re|expand", Quote("^%u%$"), values), (Strings{"^bob$", R"(^a(?s:.*)$)"}));
  EXPECT_EQ(Texts("expand", Quote("%v%"), values), Strings{"%v%"});
  EXPECT_EQ(Texts("expand|base64", Quote("%v%"), values), Strings{"SIG0016"});
  EXPECT_EQ(Texts("expand|base64", Quote("%u%"), {{"u", {"foobar"}}}), Strings{"Zm9vYmFy"});
}

TEST(ApplyModifiers, Keywords) {
  Chain plain("all", true);
  ASSERT_TRUE(plain.ok());
  const auto tests = plain.Apply(Plain("4624"));
  ASSERT_TRUE(tests.has_value());
  EXPECT_EQ(tests->at(0).predicate.op, PredicateOp::kKeyword);
  EXPECT_EQ(tests->at(0).text.ToSource(), "*4624*");
  for (const YamlNode& value : {Plain("true"), YamlNode(), Quote("")}) {
    Chain chain("all", true);
    EXPECT_FALSE(chain.Apply(value).has_value());
    EXPECT_EQ(chain.Codes(), "SIG0019") << value.text;
  }
}

TEST(ParseNumber, WholeAndBrokenNumbers) {
  const struct {
    const char* text;
    const char* number;  // "" for none
  } kCases[] = {
      {"0", "0"},
      {"-0", "0"},
      {"+5", "5"},
      {"1.0", "1"},
      {"1.5", "1.5"},
      {"-2.50", "-2.5"},
      {".5", "0.5"},
      {"9223372036854775807", "9223372036854775807"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775808", ""},
      {"", ""},
      {"-", ""},
      {"1 ", ""},
      {"1a", ""},
      {"1.5x", ""},
      {"0x10", ""},
      {"nan", ""},
      {"inf", ""},
      {"1.0e999", ""},
  };
  for (const auto& c : kCases) {
    const auto number = ParseNumber(c.text);
    EXPECT_EQ(number.has_value() ? number->Text() : "", c.number) << c.text;
  }
  EXPECT_TRUE(ParseNumber("1.0")->is_int);
  EXPECT_FALSE(ParseNumber("1.5")->is_int);
}

}  // namespace
}  // namespace vedette::sigma
