#include "lib/cli/options.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/cli/text.h"

namespace vedette::cli {
namespace {

using Strings = std::vector<std::string>;

const CommandSpec& Command() {
  static const auto* const command = new CommandSpec{
      "test",
      "FILE...",
      "Tests something.",
      "A longer text that says what the command does, in more words than fit into one line of a "
      "narrow terminal, so that it must be wrapped.",
      "vedette test a\nvedette test --level high b",
      {
          {"level", 'l', OptionKind::kValue, "LEVEL", "The least level.", {}},
          {"format", 'f', OptionKind::kValue, "FORMAT", "How to write.", "table|json|csv"},
          {"tag", 't', OptionKind::kRepeat, "TAG", "Only with the tag; may be repeated.", {}},
          {"rules", 'r', OptionKind::kWords, "PATH", "Files of rules.", {}},
          {"kinds", 0, OptionKind::kWords, "KIND", "Kinds.", "one|two"},
          {"quiet", 'q', OptionKind::kFlag, "", "Say less.", {}},
          {"verbose", 'v', OptionKind::kFlag, "", "Say more.", {}},
          {"limit", 0, OptionKind::kValue, "N", "At most N.", {}},
      },
      2};
  return *command;
}

absl::StatusOr<Options> Parse(const Strings& words) { return ParseOptions(Command(), words); }

// What was understood: "level=high tag=a,b quiet | x y", or the error.
std::string Understood(const Strings& words) {
  const auto options = Parse(words);
  if (!options.ok()) {
    EXPECT_EQ(options.status().code(), absl::StatusCode::kInvalidArgument);
    return "error: " + std::string(options.status().message());
  }
  std::string out;
  for (const std::string_view name :
       {"level", "format", "tag", "rules", "kinds", "quiet", "verbose", "limit", "help"}) {
    if (!options->Has(name)) continue;
    std::string values;
    for (const std::string& v : options->Values(name)) values += (values.empty() ? "" : ",") + v;
    out += std::string(name) + (values.empty() ? "" : "=" + values) + " ";
  }
  out += "|";
  for (const std::string& argument : options->arguments()) out += " " + argument;
  return out;
}

TEST(CliOptions, FormsOfOptions) {
  const struct {
    Strings words;
    const char* understood;
  } kCases[] = {
      {{}, "|"},
      {{"a", "b"}, "| a b"},
      {{"--level", "high"}, "level=high |"},
      {{"--level=high"}, "level=high |"},
      {{"--level=a=b"}, "level=a=b |"},
      {{"--level="}, "level |"},
      {{"-l", "high"}, "level=high |"},
      {{"-lhigh"}, "level=high |"},
      {{"-l=high"}, "level=high |"},
      {{"--quiet", "a"}, "quiet | a"},
      {{"a", "--quiet"}, "quiet | a"},
      {{"-qv"}, "quiet verbose |"},
      {{"-qlhigh"}, "level=high quiet |"},
      {{"-ql", "high"}, "level=high quiet |"},
      {{"-q", "-q"}, "quiet |"},
      {{"--tag", "a", "--tag=b", "-tc"}, "tag=a,b,c |"},
      {{"--rules", "a", "b", "c", "--quiet", "d"}, "rules=a,b,c quiet | d"},
      {{"--rules=a", "b"}, "rules=a | b"},
      {{"--rules", "a", "--rules", "b"}, "rules=a,b |"},
      {{"--rules", "a", "--", "b"}, "rules=a | b"},
      {{"--", "--level", "-x"}, "| --level -x"},
      {{"--", "--"}, "| --"},
      {{"-"}, "| -"},  // standard input
      {{"--level", "-"}, "level=- |"},
      {{"--level=-5"}, "level=-5 |"},
      {{"--level=--quiet"}, "level=--quiet |"},
      {{"--format", "json"}, "format=json |"},
      {{""}, "| "},
      {{"--help"}, "help |"},
      {{"-h"}, "help |"},
      {{"-h", "a", "b", "c", "d"}, "help | a b c d"},
  };
  for (const auto& c : kCases) {
    std::string shown;
    for (const std::string& word : c.words) shown += "[" + word + "]";
    EXPECT_EQ(Understood(c.words), c.understood) << shown;
  }
}

TEST(CliOptions, TheLastValueCounts) {
  const auto options = Parse({"--level", "low", "--level=high"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->Value("level"), "high");
}

TEST(CliOptions, ErrorsSayWhatIsWrong) {
  const struct {
    Strings words;
    Strings parts;  // all are in the message
  } kCases[] = {
      {{"--levle", "x"}, {"unknown option --levle", "did you mean '--level'?"}},
      {{"--lev"}, {"unknown option --lev", "did you mean '--level'?"}},
      {{"--hlep"}, {"unknown option --hlep", "did you mean '--help'?"}},
      {{"--levle=x"}, {"unknown option --levle ", "'--level'"}},
      {{"-x"}, {"unknown option -x"}},
      {{"-qx"}, {"unknown option -x"}},
      {{"-5"}, {"unknown option -5"}},
      {{"--"
        "=x"},
       {"unknown option --"}},
      {{"--level"}, {"--level needs a value", "LEVEL"}},
      {{"-l"}, {"--level needs a value"}},
      {{"--level", "--quiet"}, {"--level needs a value", "--level=VALUE"}},
      {{"--level", "-5"}, {"--level needs a value", "--level=VALUE"}},
      {{"--rules", "--quiet"}, {"--rules needs a value"}},
      {{"--level", "--", "x"}, {"--level needs a value"}},
      {{"--quiet=yes"}, {"--quiet takes no value"}},
      {{"--format", "jsno"}, {"--format", "table, json, csv", "'jsno'", "did you mean 'json'?"}},
      {{"--format=JSON"}, {"--format", "'JSON'"}},
      {{"a", "b", "c"}, {"unexpected argument 'c'"}},
      {{"--kinds", "three"}, {"--kinds", "one, two", "'three'"}},
      {{"--kinds", "one", "three"}, {"'three'"}},
  };
  for (const auto& c : kCases) {
    const std::string understood = Understood(c.words);
    EXPECT_EQ(understood.substr(0, 7), "error: ") << understood;
    for (const std::string& part : c.parts) {
      EXPECT_NE(understood.find(part), std::string::npos) << part << " is not in " << understood;
    }
  }
  EXPECT_EQ(Understood({"--zzzzzzzz"}).find("did you mean"), std::string::npos);
}

TEST(CliOptions, EveryWordMustBeOneOfTheChoices) {
  EXPECT_EQ(Understood({"--kinds", "three", "one"}).substr(0, 7), "error: ");
}

TEST(CliOptions, MessagesAreSafeForTerminals) {
  for (const Strings& words : std::vector<Strings>{{"--\x1B[31m"},
                                                   {"-\x1B"},
                                                   {"--format", "\x1B[31m"},
                                                   {"a", "b", "\x1B[31m"},
                                                   {"--\xE2\x80\xAE"}}) {
    const std::string understood = Understood(words);
    EXPECT_EQ(understood.substr(0, 7), "error: ");
    EXPECT_EQ(understood.find('\x1B'), std::string::npos) << understood;
    EXPECT_EQ(Clean(understood), understood);
  }
}

TEST(CliOptions, Numbers) {
  const auto number = [](const Strings& words) -> std::string {
    const auto options = Parse(words);
    if (!options.ok()) return "?";
    const auto n = options->Number("limit", 7);
    return n.ok() ? std::to_string(*n) : std::string(n.status().message());
  };
  EXPECT_EQ(number({}), "7");
  EXPECT_EQ(number({"--limit", "0"}), "0");
  EXPECT_EQ(number({"--limit", "18446744073709551615"}), "18446744073709551615");
  for (const char* wrong :
       {"18446744073709551616", "5x", "x5", "1.5", "+5", " 5", "5 ", "0x10", "1e3", "1,000"}) {
    const std::string said = number({"--limit", wrong});
    EXPECT_NE(said.find("--limit"), std::string::npos) << said;
    EXPECT_NE(said.find("'" + std::string(wrong) + "'"), std::string::npos) << said;
  }
  EXPECT_NE(number({"--limit="}).find("whole number"), std::string::npos);
  EXPECT_NE(number({"--limit=-1"}).find("whole number"), std::string::npos);
}

TEST(CliOptions, ValuesOfWhatWasNotGiven) {
  const auto options = Parse({"--quiet"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->Value("level"), "");
  EXPECT_EQ(options->Value("level", "low"), "low");
  EXPECT_TRUE(options->Values("tag").empty());
  EXPECT_TRUE(options->SplitValues("tag").empty());
  EXPECT_FALSE(options->Has("tag"));
  // An empty value is given all the same.
  const auto empty = Parse({"--level="});
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->Has("level"));
  EXPECT_EQ(empty->Value("level", "low"), "");
}

TEST(CliOptions, ValuesAreCutAtCommas) {
  const auto options = Parse({"--tag", "a,b", "--tag=c, d,,"});
  ASSERT_TRUE(options.ok());
  EXPECT_EQ(options->SplitValues("tag"), (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(options->Values("tag").size(), 2U);
}

TEST(CliOptions, ClosestName) {
  const std::vector<std::string_view> names = {"level", "rules", "logsource", "log", "tag"};
  const struct {
    const char* word;
    const char* name;
  } kCases[] = {
      {"level", "level"},  {"levle", "level"}, {"leve", "level"},
      {"levels", "level"}, {"rule", "rules"},  {"logsuorce", "logsource"},

      {"lgo", "log"},      {"tga", "tag"},     {"", ""},
      {"xyz", ""},         {"completely", ""}, {"logso", "logsource"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ClosestName(c.word, names), c.name) << c.word;
  }
  // As near to "log" as to "logsource", which it begins: either will do, but there is one.
  EXPECT_NE(ClosestName("logs", names), "");
  EXPECT_EQ(ClosestName("level", {}), "");
  EXPECT_EQ(DidYouMean("levle", names), " (did you mean 'level'?)");
  EXPECT_EQ(DidYouMean("xyz", names), "");
}

TEST(CliOptions, HelpNamesEverything) {
  const std::string help = HelpText(Command(), 80);
  for (const char* part :
       {"usage: vedette test FILE... [OPTIONS]\n", "Tests something.", "-l, --level LEVEL",
        "-f, --format FORMAT", "-r, --rules PATH...", "    --limit N", "-q, --quiet", "-h, --help",
        "The least level.", "  vedette test a\n  vedette test --level high b\n"}) {
    EXPECT_NE(help.find(part), std::string::npos) << part << " is not in\n" << help;
  }
}

TEST(CliOptions, HelpFitsItsWidth) {
  for (const size_t width : {size_t{1}, size_t{60}, size_t{73}, size_t{100}, size_t{5000}}) {
    const std::string help = HelpText(Command(), width);
    const size_t limit = width < 60 ? 60 : width > 100 ? 100 : width;
    size_t begin = 0;
    while (begin < help.size()) {
      const size_t end = help.find('\n', begin);
      ASSERT_NE(end, std::string::npos);  // every line ends
      EXPECT_LE(end - begin, limit) << help.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

}  // namespace
}  // namespace vedette::cli
