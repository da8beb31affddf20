#include "lib/lang/sigma/metadata.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace vedette::sigma {
namespace {

using Strings = std::vector<std::string>;

class Metadata {
 public:
  explicit Metadata(std::string yaml, Document::Kind kind = Document::Kind::kRule, bool lint = true)
      : source_{"t.yml", std::move(yaml)},
        text_(source_),
        document_(Reporter(&text_, &sink_, lint)) {
    documents_ = ParseYaml(text_, {}, &sink_);
    document_.kind = kind;
    document_.span = documents_.at(0).root.span;
    ParseMetadata(documents_.at(0).root, &document_);
  }
  Metadata(const Metadata&) = delete;

  const RuleMeta& meta() const { return document_.meta; }
  const Document& document() const { return document_; }
  // Severity, code and line of all that was said: "E SIG0004:1".
  std::string Said() const {
    std::string out;
    for (const Diagnostic& d : sink_.diagnostics()) {
      out += (out.empty() ? "" : " ") + std::string(d.severity == Severity::kError ? "E" : "W") +
             d.code + ":" + std::to_string(d.span.line);
    }
    return out;
  }

 private:
  RuleSource source_;
  SigmaText text_;
  DiagnosticSink sink_;
  Document document_;
  std::vector<YamlDocument> documents_;
};

const std::string kHead = "title: T\nlogsource: {product: windows}\n";

TEST(SigmaMetadata, EverythingIsKept) {
  const Metadata m(R"(title: A title
id: 01234567-89ab-cdef-0123-456789abcdef
name: a_name
status: test
level: high
description: What it finds.
author: Someone
date: 2026-11-25
modified: 2026/12/01
license: MIT
references: [https://a.example, https://b.example]
falsepositives: [None, Few]
fields: [Image, User]
tags: [attack.t1059, cve.2026-1]
related:
  - {id: x, type: derived}
  - {id: y, type: similar}
logsource:
  category: process_creation
  product: windows
  service: sysmon
  definition: ignored
)");
  EXPECT_EQ(m.Said(), "");
  const RuleMeta& meta = m.meta();
  EXPECT_EQ(meta.title, "A title");
  EXPECT_EQ(meta.id, "01234567-89ab-cdef-0123-456789abcdef");
  EXPECT_EQ(meta.name, "a_name");
  EXPECT_EQ(meta.status, "test");
  EXPECT_EQ(meta.level, Level::kHigh);
  EXPECT_EQ(meta.description, "What it finds.");
  EXPECT_EQ(meta.author, "Someone");
  EXPECT_EQ(meta.date, "2026-11-25");
  EXPECT_EQ(meta.modified, "2026/12/01");
  EXPECT_EQ(meta.license, "MIT");
  EXPECT_EQ(meta.references, (Strings{"https://a.example", "https://b.example"}));
  EXPECT_EQ(meta.false_positives, (Strings{"None", "Few"}));
  EXPECT_EQ(meta.fields, (Strings{"Image", "User"}));
  EXPECT_EQ(meta.tags, (Strings{"attack.t1059", "cve.2026-1"}));
  ASSERT_EQ(meta.related.size(), 2U);
  EXPECT_EQ(meta.related[1], (std::pair<std::string, std::string>("y", "similar")));
  EXPECT_EQ(meta.log_source.category, "process_creation");
  EXPECT_EQ(meta.log_source.product, "windows");
  EXPECT_EQ(meta.log_source.service, "sysmon");
  EXPECT_TRUE(meta.custom.empty());
  EXPECT_EQ(m.document().id_span.line, 2U);
  EXPECT_EQ(m.document().name_span.line, 3U);
}

TEST(SigmaMetadata, OtherKeysAreCustom) {
  const Metadata m(kHead + "regression: path/x\nextra: {a: 1, b: [x, y]}\nlist: [1, {k: v}]\n");
  EXPECT_EQ(m.Said(), "");
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"regression", "path/x"}, {"extra", "a: 1, b: x, y"}, {"list", "1, k: v"}};
  EXPECT_EQ(m.meta().custom, expected);
}

TEST(SigmaMetadata, CustomValuesAreBounded) {
  std::string list = "extra: [";
  for (int i = 0; i < 5000; ++i) list += "word, ";
  const Metadata m(kHead + list + "x]\n");
  EXPECT_LT(m.meta().custom.at(0).second.size(), 5000U);
}

TEST(SigmaMetadata, PartsThatMustBeThere) {
  EXPECT_EQ(Metadata("logsource: {product: windows}\n").Said(), "ESIG0004:1");
  EXPECT_EQ(Metadata("title:\nlogsource: {product: windows}\n").Said(), "ESIG0004:1");
  EXPECT_EQ(Metadata("title: ''\nlogsource: {product: windows}\n").Said(), "ESIG0004:1");
  EXPECT_EQ(Metadata("title: T\n").Said(), "ESIG0004:1");
  EXPECT_EQ(Metadata("title: T\n", Document::Kind::kFilter).Said(), "ESIG0004:1");
  // A correlation sees detections, not events.
  EXPECT_EQ(Metadata("title: T\n", Document::Kind::kCorrelation).Said(), "");
}

TEST(SigmaMetadata, WrongTypesAreErrors) {
  const struct {
    const char* line;
    const char* said;
  } kCases[] = {
      {"id: [a]\n", "ESIG0005:3"},          {"name: {a: b}\n", "ESIG0005:3"},
      {"status: [test]\n", "ESIG0005:3"},   {"level: {a: b}\n", "ESIG0005:3"},
      {"description: [a]\n", "ESIG0005:3"}, {"date: [a]\n", "ESIG0005:3"},
      {"license: {a: b}\n", "ESIG0005:3"},
  };
  for (const auto& c : kCases) EXPECT_EQ(Metadata(kHead + c.line).Said(), c.said) << c.line;
  // Said once, and not as missing too.
  EXPECT_EQ(Metadata("title: [a]\nlogsource: {product: x}\n").Said(), "ESIG0005:1");
}

TEST(SigmaMetadata, QuestionableValuesAreWarnings) {
  const struct {
    const char* line;
    const char* said;
  } kCases[] = {
      {"id: not-a-uuid\n", "WSIG0065:3"},
      {"id: 01234567-89ab-cdef-0123-456789abcdeg\n", "WSIG0065:3"},
      {"id: 0123456789ab-cdef-0123-456789abcdef0\n", "WSIG0065:3"},
      {"id: 01234567-89AB-CDEF-0123-456789ABCDEF\n", ""},
      {"status: tset\n", "WSIG0065:3"},
      {"level: hihg\n", "WSIG0065:3"},
      {"date: 25.11.2026\n", "WSIG0065:3"},
      {"date: 2026-11\n", "WSIG0065:3"},
      {"date: yesterday\n", "WSIG0065:3"},
      {"date: 2026/11/25\n", ""},
      {"tags: [t1059]\n", "WSIG0065:3"},
      {"tags: attack.t1059\n", "WSIG0065:3"},  // not a list
      {"references: {a: b}\n", "WSIG0065:3"},
      {"related: x\n", "WSIG0065:3"},
      {"related:\n  - {id: x}\n", "WSIG0065:4"},
      {"related:\n  - {id: x, type: cousin}\n", "WSIG0065:4"},
      {"author: {a: b}\n", "WSIG0065:3"},
      {"author: [A, B]\n", ""},
      {"status:\n", ""},
      {"tags:\n", ""},
      {"related:\n", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Metadata(kHead + c.line).Said(), c.said) << c.line;
    EXPECT_EQ(Metadata(kHead + c.line, Document::Kind::kRule, false).Said(), "") << c.line;
  }
}

TEST(SigmaMetadata, WhatIsNotUnderstoodIsNotPassedOn) {
  EXPECT_EQ(Metadata(kHead + "status: tset\n").meta().status, "");
  EXPECT_EQ(Metadata(kHead + "level: hihg\n").meta().level, Level::kUnset);
  EXPECT_EQ(Metadata(kHead + "author: [A, B]\n").meta().author, "A, B");
  EXPECT_EQ(Metadata(kHead + "tags: attack.t1059\n").meta().tags, Strings{"attack.t1059"});
  EXPECT_EQ(Metadata(kHead + "related:\n  - {id: x}\n").meta().related.size(), 0U);
}

TEST(SigmaMetadata, EveryLevelAndStatus) {
  const std::pair<const char*, Level> kLevels[] = {{"informational", Level::kInformational},
                                                   {"low", Level::kLow},
                                                   {"medium", Level::kMedium},
                                                   {"high", Level::kHigh},
                                                   {"critical", Level::kCritical}};
  for (const auto& [name, level] : kLevels) {
    const Metadata m(kHead + "level: " + name + "\n");
    EXPECT_EQ(m.meta().level, level);
    EXPECT_EQ(m.Said(), "");
  }
  for (const char* status : {"stable", "test", "experimental", "deprecated", "unsupported"}) {
    const Metadata m(kHead + "status: " + status + "\n");
    EXPECT_EQ(m.meta().status, status);
    EXPECT_EQ(m.Said(), "");
  }
}

TEST(SigmaMetadata, LogSources) {
  const struct {
    const char* yaml;
    const char* said;
  } kCases[] = {
      {"logsource: {}\n", "ESIG0004:2"},
      {"logsource: {definition: x}\n", "ESIG0004:2"},
      {"logsource: {product: null}\n", "ESIG0004:2"},
      {"logsource: windows\n", "ESIG0005:2"},
      {"logsource: [windows]\n", "ESIG0005:2"},
      {"logsource:\n", "ESIG0005:2"},
      {"logsource: {product: [windows]}\n", "ESIG0005:2"},
      {"logsource: {product: Windows}\n", "WSIG0065:2"},
      {"logsource: {product: windows, service: null}\n", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(Metadata("title: T\n" + std::string(c.yaml)).Said(), c.said) << c.yaml;
  }
  EXPECT_EQ(Metadata("title: T\nlogsource: {product: Windows}\n").meta().log_source.product,
            "windows");
}

TEST(SigmaMetadata, ScalarLists) {
  const auto list = [](const std::string& yaml) {
    RuleSource source{"t.yml", yaml};
    const SigmaText text(source);
    DiagnosticSink sink;
    const auto documents = ParseYaml(text, {}, &sink);
    Strings out;
    if (!ScalarList(documents.at(0).root, &out)) out.push_back("(wrong)");
    return out;
  };
  EXPECT_EQ(list("[a, 5, true, 'x']"), (Strings{"a", "5", "true", "x"}));
  EXPECT_EQ(list("a"), Strings{"a"});
  EXPECT_EQ(list("[]"), Strings{});
  EXPECT_EQ(list("[a, null, b]"), (Strings{"a", "b"}));
  EXPECT_EQ(list("[a, [b]]"), (Strings{"a", "(wrong)"}));
  EXPECT_EQ(list("[a, {b: c}]"), (Strings{"a", "(wrong)"}));
  EXPECT_EQ(list("{a: b}"), Strings{"(wrong)"});
}

}  // namespace
}  // namespace vedette::sigma
