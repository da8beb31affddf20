#include "lib/lang/sigma/yaml_tree.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"

namespace vedette::sigma {
namespace {

using Kind = YamlNode::Kind;

// "1:3", or "1:3+5" with a length.
std::string At(const SourceSpan& span, bool length = false) {
  std::string out = std::to_string(span.line) + ":" + std::to_string(span.column);
  return length ? out + "+" + std::to_string(span.length) : out;
}

// A tree as text: {k@line:column: value@line:column}. Quoted scalars in quotes.
std::string Show(const YamlNode& node, bool places = false) {
  std::string out;
  switch (node.kind) {
    case Kind::kNull:
      out = "null";
      break;
    case Kind::kScalar:
      out = node.quoted ? "'" + node.text + "'" : node.text;
      break;
    case Kind::kList:
      for (const YamlNode& item : node.items) {
        out += (out.empty() ? "" : ", ") + Show(item, places);
      }
      out = "[" + out + "]";
      break;
    case Kind::kMap:
      for (const YamlEntry& entry : node.entries) {
        out += (out.empty() ? "" : ", ") + entry.key;
        if (places) out += "@" + At(entry.span);
        out += ": " + Show(entry.value, places);
      }
      out = "{" + out + "}";
      break;
  }
  if (places) out += "@" + At(node.span);
  return out;
}

class Parsed {
 public:
  explicit Parsed(std::string text, YamlLimits limits = {})
      : source_{"t.yml", std::move(text)}, text_(source_) {
    documents_ = ParseYaml(text_, limits, &sink_);
  }
  Parsed(const Parsed&) = delete;

  const std::vector<YamlDocument>& documents() const { return documents_; }
  const YamlNode& root() const { return documents_.at(0).root; }
  const SigmaText& text() const { return text_; }
  const std::vector<Diagnostic>& diagnostics() const { return sink_.diagnostics(); }
  // Codes and places, joined by blanks.
  std::string Said() const {
    std::string out;
    for (const Diagnostic& d : sink_.diagnostics()) {
      out += (out.empty() ? "" : " ") + d.code + "@" + At(d.span);
    }
    return out;
  }
  std::string All() const {
    std::string out;
    for (const YamlDocument& d : documents_) {
      out += (out.empty() ? "" : " | ") + (d.ok ? Show(d.root) : std::string("wrong"));
    }
    return out;
  }

 private:
  RuleSource source_;
  SigmaText text_;
  DiagnosticSink sink_;
  std::vector<YamlDocument> documents_;
};

std::string Tree(std::string text) {
  const Parsed parsed(std::move(text));
  return parsed.diagnostics().empty() ? parsed.All() : parsed.Said();
}

TEST(YamlTree, FormsOfValues) {
  EXPECT_EQ(Tree("a: 1\nb: [x, 'y', \"z\"]\nc:\n  - d: e\n  -\n"),
            "{a: 1, b: [x, 'y', 'z'], c: [{d: e}, null]}");
  EXPECT_EQ(Tree("a:\nb: ~\nc: null\nd: ''\ne: 'null'\n"),
            "{a: null, b: null, c: null, d: '', e: 'null'}");
  EXPECT_EQ(Tree("z: 1\na: 2\nm: 3\n"), "{z: 1, a: 2, m: 3}");  // in the order of the text
  EXPECT_EQ(Tree("a: |\n  x\n   y\n"), "{a: 'x\n y\n'}");
  EXPECT_EQ(Tree("a: >-\n  x\n  y\n"), "{a: 'x y'}");
  EXPECT_EQ(Tree("just text\n"), "just text");
  EXPECT_EQ(Tree("a: 'it''s'\nb: \"\\x41\\n\"\n"), "{a: 'it's', b: 'A\n'}");
  EXPECT_EQ(Tree(R"(a: 'C:\W\*'  # comment)"), R"({a: 'C:\W\*'})");
  EXPECT_EQ(Tree("null: 1\n"), "{null: 1}");  // a field may be called so
}

TEST(YamlTree, TagsDecideWhatAScalarIs) {
  const Parsed parsed("a: !!str 5\nb: !!int 5\n");
  EXPECT_EQ(TypeOf(parsed.root().entries[0].value), ScalarType::kString);
  EXPECT_EQ(TypeOf(parsed.root().entries[1].value), ScalarType::kInt);
  EXPECT_EQ(Tree("a: !python/object 5\n"), "SIG0001@1:4");
  EXPECT_EQ(Tree("a: !!binary aGk=\n"), "SIG0001@1:4");
}

TEST(YamlTree, TypesOfPlainScalars) {
  const struct {
    const char* text;
    ScalarType type;
  } kCases[] = {
      {"5", ScalarType::kInt},        {"-5", ScalarType::kInt},
      {"+5", ScalarType::kInt},       {"0", ScalarType::kInt},
      {"1.0", ScalarType::kFloat},    {"-0.5", ScalarType::kFloat},
      {".5", ScalarType::kFloat},     {"1.5e3", ScalarType::kFloat},
      {"true", ScalarType::kBool},    {"False", ScalarType::kBool},
      {"TRUE", ScalarType::kBool},    {"tRUE", ScalarType::kString},
      {"yes", ScalarType::kString},   {"on", ScalarType::kString},
      {"off", ScalarType::kString},   {"0x10", ScalarType::kString},
      {"010", ScalarType::kString},   {"00000429", ScalarType::kString},
      {"00.5", ScalarType::kString},  {"1_000", ScalarType::kString},
      {"12:30", ScalarType::kString}, {"1.2.3", ScalarType::kString},
      {"1.5e", ScalarType::kString},  {"1.5e+", ScalarType::kString},
      {"-", ScalarType::kString},     {"+", ScalarType::kString},
      {".", ScalarType::kString},     {"-.", ScalarType::kString},
      {"5a", ScalarType::kString},    {"2026-11-25", ScalarType::kString},
      {".inf", ScalarType::kString},  {".nan", ScalarType::kString},
      {"", ScalarType::kString},      {"0o17", ScalarType::kString},
  };
  for (const auto& c : kCases) {
    YamlNode node;
    node.kind = Kind::kScalar;
    node.text = c.text;
    EXPECT_EQ(TypeOf(node), c.type) << c.text;
    node.quoted = true;
    EXPECT_EQ(TypeOf(node), ScalarType::kString) << c.text;
  }
}

TEST(YamlTree, SourceTextOfNumbersIsKept) {
  EXPECT_EQ(Tree("a: 1.50\nb: +7\nc: 00000429\nd: 1e3\ne: TRUE\n"),
            "{a: 1.50, b: +7, c: 00000429, d: 1e3, e: TRUE}");
}

TEST(YamlTree, KindsInWords) {
  const Parsed parsed("[{a: 1}, [1], null, true, 5, 1.5, x, '5']");
  std::string out;
  for (const YamlNode& item : parsed.root().items) out += std::string(DescribeKind(item)) + ",";
  EXPECT_EQ(out, "a map,a list,null,a boolean,a number,a number,a string,a string,");
}

TEST(YamlTree, PlacesAreLineAndColumn) {
  const Parsed parsed("title: x\ndetection:\n  sel:\n    f|contains: 'abc'\n    g:\n      - 1\n");
  EXPECT_EQ(Show(parsed.root(), true),
            "{title@1:1: x@1:8, detection@2:1: {sel@3:3: {f|contains@4:5: 'abc'@4:17, g@5:5: "
            "[1@6:9]@6:7}@4:5}@3:3}@1:1");
  // With its quotes.
  const YamlNode& sel = parsed.root().entries[1].value.entries[0].value;
  EXPECT_EQ(At(sel.entries[0].value.span, true), "4:17+5");
  EXPECT_EQ(At(sel.entries[1].span, true), "5:5+1");
}

TEST(YamlTree, PlacesInLaterDocuments) {
  const Parsed parsed("a: 1\n---\n# c\nb: 2\n...\n---\n\nc: [\n  3]\n");
  ASSERT_EQ(parsed.documents().size(), 3U);
  EXPECT_EQ(Show(parsed.documents()[1].root, true), "{b@4:1: 2@4:4}@4:1");
  EXPECT_EQ(Show(parsed.documents()[2].root, true), "{c@8:1: [3@9:3]@8:4}@8:1");
  EXPECT_EQ(parsed.documents()[1].line, 4U);
  EXPECT_EQ(parsed.documents()[2].line, 8U);
}

TEST(YamlTree, CarriageReturnsChangeNothing) {
  const std::string text =
      "title: x\ndetection:\n  sel:\n    - 'a'\n    - \"b\"\n    - c d\n---\nb: |\n  t\n  u\n";
  std::string crlf;
  for (const char c : text) crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  const Parsed unix_lines(text);
  const Parsed dos_lines(crlf);
  EXPECT_TRUE(dos_lines.diagnostics().empty()) << dos_lines.Said();
  ASSERT_EQ(dos_lines.documents().size(), unix_lines.documents().size());
  for (size_t i = 0; i < unix_lines.documents().size(); ++i) {
    EXPECT_EQ(Show(dos_lines.documents()[i].root, true),
              Show(unix_lines.documents()[i].root, true));
  }
}

TEST(YamlTree, Tabs) {
  EXPECT_EQ(Tree("a:\t1\nb: 2\t# c\n"), "{a: 1, b: 2}");
  EXPECT_EQ(Tree("a: 'x\ty'\n"), "{a: 'x\ty'}");
  // Indentation by a tab is not YAML, and the line of the tab is named.
  const Parsed parsed("a:\n  b: 1\n\tc: 2\n");
  ASSERT_EQ(parsed.documents().size(), 1U);
  EXPECT_FALSE(parsed.documents()[0].ok);
  ASSERT_FALSE(parsed.diagnostics().empty());
  EXPECT_EQ(parsed.diagnostics()[0].code, "SIG0001");
  EXPECT_EQ(parsed.diagnostics()[0].span.line, 3U);
}

TEST(YamlTree, EmptyDocumentsAreLeftOut) {
  EXPECT_EQ(Parsed("").documents().size(), 0U);
  EXPECT_EQ(Parsed("\n  \n# only a comment\n").documents().size(), 0U);
  EXPECT_EQ(Parsed("---\n---\n...\n---\n# c\n").documents().size(), 0U);
  EXPECT_EQ(Parsed("---\na: 1\n---\n").All(), "{a: 1}");
  EXPECT_EQ(Parsed("--- {a: 1}\n--- x\n").All(), "{a: 1} | x");
  EXPECT_EQ(Parsed("%YAML 1.2\n---\na: 1\n").All(), "{a: 1}");
  EXPECT_EQ(Parsed("a: ---\nb: -----\n").All(), "{a: ---, b: -----}");
}

TEST(YamlTree, AWrongDocumentLeavesTheOthers) {
  const Parsed parsed("a: 1\n---\nb: [\n---\nc: 3\n");
  EXPECT_EQ(parsed.All(), "{a: 1} | wrong | {c: 3}");
  ASSERT_EQ(parsed.diagnostics().size(), 1U);
  EXPECT_EQ(parsed.diagnostics()[0].code, "SIG0001");
  EXPECT_TRUE(parsed.documents()[1].root.is_null());
}

TEST(YamlTree, BrokenTexts) {
  const struct {
    const char* text;
    const char* said;
  } kCases[] = {
      {"a: 'x\n", "SIG0001@1:4"},                                     // never closed
      {"a: \"x\n", "SIG0001@1:4"},       {"a: *b\n", "SIG0001@1:4"},  // no such anchor
      {"{a: 1}\nb: 2\n", "SIG0001@2:1"},                              // text after the end
      {"[a]: 1\n", "SIG0001@1:1"},       {"{a: 1}: 1\n", "SIG0001@1:1"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Parsed(c.text).Said(), c.said) << c.text;
  // Where the parser notices is not promised, that it does and says so once is.
  for (const char* text : {"a: b: c\n", "a: [1\n", "a: {b\n", "a: 1\n b: 2\n", "a: @x\n",
                           "- a\nb\n", "a: &x\n  *x\n", "a: %x\n", "a: \"\\q\"\n"}) {
    const Parsed parsed(text);
    EXPECT_EQ(parsed.All(), "wrong") << text;
    EXPECT_EQ(parsed.diagnostics().size(), 1U) << text;
    EXPECT_EQ(parsed.Said().substr(0, 7), "SIG0001") << text;
  }
}

TEST(YamlTree, BytesThatYamlDoesNotAllow) {
  EXPECT_EQ(Parsed(std::string("a: x\nb: y\0z\n", 11)).Said(), "SIG0001@2:5");
  EXPECT_EQ(Parsed("a: \x1B[31m\n").Said(), "SIG0001@1:4");
  EXPECT_EQ(Parsed("a: \x7F\n").Said(), "SIG0001@1:4");
  for (const char* bytes :
       {"\xFF", "\xC3", "\xC0\x80", "\xE2\x82", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\x80"}) {
    const Parsed parsed("a: 1\nbc: '" + std::string(bytes) + "'\n");
    EXPECT_EQ(parsed.Said(), "SIG0001@2:6");
    EXPECT_TRUE(parsed.documents().empty());
  }
  EXPECT_EQ(Tree("a: '\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80'\n"),
            "{a: '\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80'}");
}

TEST(YamlTree, ByteOrderMark) {
  EXPECT_EQ(Tree("\xEF\xBB\xBF"
                 "title: x\nb: 'y'\n"),
            "{title: x, b: 'y'}");
  EXPECT_EQ(Tree("\xEF\xBB\xBF"
                 "---\ntitle: x\n"),
            "{title: x}");
  EXPECT_EQ(Tree("\xEF\xBB\xBF"), "");
}

// Places of the first line count from after the mark, in the source as well.
TEST(YamlTree, ByteOrderMarkBeforeQuotedScalars) {
  EXPECT_EQ(Tree("\xEF\xBB\xBF\"title\": 'x'\n"), "{title: 'x'}");
  EXPECT_EQ(Tree("\xEF\xBB\xBF{'a': \"b\"}\n"), "{a: 'b'}");
  EXPECT_EQ(Tree("\xEF\xBB\xBFnull: 1\n"), "{null: 1}");
  EXPECT_EQ(Parsed("\xEF\xBB\xBFt: 'x\n").Said().substr(0, 7), "SIG0001");
}

TEST(YamlTree, DoubledKeys) {
  const Parsed parsed("s:\n  f: 1\n  g: 2\n  f: 3\n");
  EXPECT_EQ(parsed.Said(), "SIG0002@4:3");
  EXPECT_EQ(parsed.All(), "wrong");
  ASSERT_EQ(parsed.diagnostics()[0].notes.size(), 1U);
  EXPECT_NE(parsed.diagnostics()[0].notes[0].find("line 2"), std::string::npos);
  // However they are quoted; the same key in another map is none.
  EXPECT_EQ(Parsed("f: 1\n'f': 2\n").Said(), "SIG0002@2:1");
  EXPECT_EQ(Parsed("{f: 1, f: 2}\n").Said(), "SIG0002@1:8");
  EXPECT_EQ(Tree("- f: 1\n- f: 2\n"), "[{f: 1}, {f: 2}]");
  EXPECT_EQ(Tree("f: 1\nF: 2\n"), "{f: 1, F: 2}");  // keys are exact
}

TEST(YamlTree, ManyDoubledKeysAreToldBriefly) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "f: 1\n";
  const Parsed parsed(text);
  EXPECT_EQ(parsed.All(), "wrong");
  EXPECT_LE(parsed.diagnostics().size(), 30U);
}

TEST(YamlTree, AliasesAreCopies) {
  EXPECT_EQ(Tree("a: &x [1, 2]\nb: *x\n"), "{a: [1, 2], b: [1, 2]}");
  EXPECT_EQ(Tree("a: &x {k: &y v}\nb: *x\nc: *y\n"), "{a: {k: v}, b: {k: v}, c: v}");
  EXPECT_EQ(Tree("a: &x 1\nb: &x 2\nc: *x\n"), "{a: 1, b: 2, c: 2}");  // the last one counts
  EXPECT_EQ(Parsed("a: &x [*x]\n").Said(), "SIG0001@1:8");
  EXPECT_EQ(Parsed("a: 1\n---\nb: *x\n").documents()[0].ok, true);
  EXPECT_EQ(Parsed("a: &x 1\n---\nb: *x\n").All(), "{a: 1} | wrong");  // not across documents
}

TEST(YamlTree, MergeKeys) {
  EXPECT_EQ(Tree("b: &b {x: 1, y: 2}\nc:\n  <<: *b\n  y: 3\n"),
            "{b: {x: 1, y: 2}, c: {y: 3, x: 1}}");
  EXPECT_EQ(Tree("b: &b {x: 1}\nd: &d {x: 2, z: 3}\nc:\n  <<: [*b, *d]\n"),
            "{b: {x: 1}, d: {x: 2, z: 3}, c: {x: 1, z: 3}}");
  EXPECT_EQ(Parsed("c:\n  <<: 5\n").Said().substr(0, 7), "SIG0001");
}

TEST(YamlTree, AQuotedMergeKeyIsAnOrdinaryKey) {
  EXPECT_EQ(Tree("c:\n  '<<': 5\n"), "{c: {<<: 5}}");
}

// The "billion laughs": each anchor holds the one before nine times.
TEST(YamlTree, AliasBombsAreRefused) {
  std::string text = "a0: &a0 lol\n";
  for (int i = 1; i <= 30; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 9; ++k) text += (k > 0 ? ", " : "") + last;
    text += "]\n";
  }
  const Parsed parsed(text);
  EXPECT_EQ(parsed.All(), "wrong");
  ASSERT_EQ(parsed.diagnostics().size(), 1U);
  EXPECT_EQ(parsed.diagnostics()[0].code, "SIG0006");
  EXPECT_LE(parsed.diagnostics()[0].span.line, 8U);  // long before the end
}

TEST(YamlTree, AliasesOfAliasesNestNoDeeperThanTheLimit) {
  std::string text = "a0: &a0 x\n";
  for (int i = 1; i <= 100; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  }
  const Parsed parsed(text);
  ASSERT_EQ(parsed.diagnostics().size(), 1U);
  EXPECT_EQ(parsed.diagnostics()[0].code, "SIG0006");
}

TEST(YamlTree, NestingLimit) {
  const auto nested = [](int depth) {
    return std::string(static_cast<size_t>(depth), '[') + "x" +
           std::string(static_cast<size_t>(depth), ']');
  };
  YamlLimits limits;
  limits.max_nesting = 10;
  EXPECT_TRUE(Parsed(nested(10), limits).diagnostics().empty());
  EXPECT_EQ(Parsed(nested(11), limits).Said(), "SIG0006@1:11");
  std::string maps;
  for (int i = 0; i < 11; ++i) maps += std::string(static_cast<size_t>(i), ' ') + "a:\n";
  EXPECT_EQ(Parsed(maps, limits).Said().substr(0, 7), "SIG0006");
}

TEST(YamlTree, DeepNestingIsNoCrash) {
  const std::vector<std::string> openings = {"[", "{a: ", "- ", "? ", "- - ", "[{a: ["};
  for (const std::string& opening : openings) {
    std::string text;
    while (text.size() < 200000) text += opening;
    const Parsed parsed(text);
    EXPECT_EQ(parsed.All(), "wrong") << opening;
    ASSERT_FALSE(parsed.diagnostics().empty()) << opening;
    EXPECT_LE(parsed.diagnostics().size(), 2U) << opening;
  }
}

TEST(YamlTree, LimitOfValuesIsForTheWholeSource) {
  YamlLimits limits;
  limits.max_nodes = 20;
  EXPECT_TRUE(Parsed("[1, 2, 3, 4, 5, 6, 7, 8, 9]\n", limits).diagnostics().empty());
  const Parsed parsed(
      "[1, 2, 3, 4, 5, 6, 7, 8]\n---\n[1, 2, 3, 4, 5, 6, 7, 8]\n---\n[1, 2, 3, 4]\n", limits);
  EXPECT_EQ(parsed.documents()[0].ok, true);
  ASSERT_FALSE(parsed.diagnostics().empty());
  for (const Diagnostic& d : parsed.diagnostics()) EXPECT_EQ(d.code, "SIG0006");
}

TEST(YamlTree, LimitOfOneScalar) {
  YamlLimits limits;
  limits.max_scalar_bytes = 10;
  EXPECT_TRUE(Parsed("a: '0123456789'\n", limits).diagnostics().empty());
  EXPECT_EQ(Parsed("a: '0123456789a'\n", limits).Said(), "SIG0006@1:4");
}

// The place of a part of a scalar is where that part stands, however the scalar is written.
TEST(YamlTree, PlacesWithinScalars) {
  const struct {
    const char* text;  // of one map with one entry
    const char* word;
    const char* place;
  } kCases[] = {
      {"c: sel and x\n", "x", "1:12"},
      {"c: 'sel and x'\n", "x", "1:13"},
      {"c: \"sel and x\"\n", "x", "1:13"},
      {"c: |\n  sel and\n  x\n", "x", "3:3"},
      {"c: >\n  sel and\n\n  not x\n", "not", "4:3"},
      {"c: sel and\n  x\n", "x", "2:3"},
      {"c:\n  sel\n", "sel", "2:3"},
  };
  for (const auto& c : kCases) {
    const Parsed parsed(c.text);
    ASSERT_EQ(parsed.Said(), "") << c.text;
    const YamlNode& value = parsed.root().entries[0].value;
    const size_t offset = value.text.find(c.word);
    ASSERT_NE(offset, std::string::npos) << c.text;
    const size_t length = std::string_view(c.word).size();
    EXPECT_EQ(At(PlaceIn(parsed.text(), value, offset, length), true),
              std::string(c.place) + "+" + std::to_string(length))
        << c.text;
  }
}

TEST(YamlTree, PlacesWithinKeys) {
  const Parsed parsed("field|contains: 1\n'other|all': 2\n");
  EXPECT_EQ(At(PlaceIn(parsed.root().entries[0], 6, 8), true), "1:7+8");
  EXPECT_EQ(At(PlaceIn(parsed.root().entries[1], 6, 3), true), "2:8+3");
}

TEST(YamlTree, FindGivesTheEntry) {
  const Parsed parsed("a: 1\nb: 2\n");
  ASSERT_NE(parsed.root().Find("b"), nullptr);
  EXPECT_EQ(parsed.root().Find("b")->value.text, "2");
  EXPECT_EQ(parsed.root().Find("c"), nullptr);
  EXPECT_EQ(parsed.root().entries[0].value.Find("a"), nullptr);  // a scalar has none
}

// Any text at all gives documents or reports, and never an exception.
TEST(YamlTree, AnyTextIsReadOrRefused) {
  const std::vector<std::string> words = {
      "a",   ": ", "- ", "\n", "\n  ",  "'",   "\"", "[", "]",  "{", "}",  ", ", "#",
      "&x ", "*x", "|",  ">",  "---\n", "...", "? ", "!", "<<", "%", "\t", "~",  "\r\n"};
  testing::Lcg random(3);
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (uint32_t n = (random.Next() >> 4) % 16; n > 0; --n) text += random.Of(words);
    const Parsed parsed(text);
    size_t wrong = 0;
    for (const YamlDocument& document : parsed.documents()) wrong += document.ok ? 0 : 1;
    EXPECT_EQ(wrong > 0, !parsed.diagnostics().empty()) << text;
    for (const Diagnostic& d : parsed.diagnostics()) {
      EXPECT_LE(d.span.line, parsed.text().lines() + 1) << text;
    }
  }
}

}  // namespace
}  // namespace vedette::sigma
