#include "tests/reference/sigma_oracle.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/reference/sigma_pattern.h"
#include "tests/reference/sigma_scalar.h"
#include "tests/reference/windows_events.h"

namespace vedette::reference {
namespace {

enum Expect { kNo, kYes, kRefused };

// `rule` is a whole detection section when it holds a condition, else the one selection in it;
// either as a YAML flow map (braces may be left out) or, for a selection, a flow list.
struct Row {
  const char* label;
  const char* rule;
  const char* event;
  Expect expect;
};

std::string RuleText(const std::string& rule) {
  std::string body = rule;
  if (!body.starts_with('[')) body = "{" + body + "}";
  if (rule.find("condition:") == std::string::npos || rule.find("[any]") != std::string::npos) {
    body = "{s: " + body + ", condition: s}";
  }
  return "title: t\nlogsource: {product: p}\ndetection: " + body + "\n";
}

Expect Evaluate(const std::vector<std::string>& texts, const std::string& event) {
  static const std::map<std::string, std::vector<std::string>> placeholders = {
      {"admins", {"root", "adm*"}}, {"site", {"a.b"}}};
  const LoadResult loaded = LoadSigma(texts, placeholders);
  if (!loaded.refused.empty()) return kRefused;
  const auto parsed = OracleEvent::FromJson(event);
  EXPECT_TRUE(parsed.has_value()) << event;
  EXPECT_EQ(loaded.rules.size(), 1u);
  if (!parsed || loaded.rules.size() != 1) return kRefused;
  return Matches(*loaded.rules[0], *parsed) ? kYes : kNo;
}

template <size_t kCount>
void CheckRows(const Row (&rows)[kCount]) {
  for (const Row& row : rows) {
    EXPECT_EQ(Evaluate({RuleText(row.rule)}, row.event), row.expect)
        << row.label << ": " << row.rule << " on " << row.event;
  }
}

constexpr Row kStrings[] = {
    {"1", R"(f: 'a\*b')", R"({"f":"a*b"})", kYes},
    {"2", R"(f: 'a\*b')", R"({"f":"axb"})", kNo},
    {"3", R"(f: 'a\\*b')", R"({"f":"a\\xyzb"})", kYes},
    {"4", R"(f: 'a\\*b')", R"({"f":"a*b"})", kNo},
    {"6", R"(f: 'a\\b')", R"({"f":"a\\b"})", kYes},
    {"7", R"(f: 'a\\b')", R"({"f":"a\\\\b"})", kNo},
    {"8", R"(f: 'a\\\b')", R"({"f":"a\\\\b"})", kYes},
    {"9", R"(f: '\\\\srv')", R"({"f":"\\\\srv"})", kYes},
    {"escaped star after backslash", R"(f: 'a\\\*b')", R"({"f":"a\\*b"})", kYes},
    {"10", R"(f: 'C:\W\cmd.exe')", R"({"f":"c:\\w\\CMD.EXE"})", kYes},
    {"12", R"(f|startswith: 'C:\T\')", R"({"f":"C:\\T\\x"})", kYes},
    {"13", R"(f: 'x\')", R"({"f":"x\\"})", kYes},
    {"14", R"(f: 'prog?.exe')", R"({"f":"prog.exe"})", kNo},
    {"15", R"(f: 'prog?.exe')", R"({"f":"progÄ.exe"})", kYes},
    {"16", R"(f: 'a*b')", R"({"f":"a\n\nb"})", kYes},
    {"18", R"(f: '*')", R"({})", kNo},
    {"star matches the empty text", R"(f: '*')", R"({"f":""})", kYes},
    {"star is not null", R"(f: '*')", R"({"f":null})", kNo},
    {"19", R"(f: '?*')", R"({"f":""})", kNo},
    {"20", R"(f|contains: 'a*b')", R"({"f":"xxa1b2"})", kYes},
    {"21", R"(f|endswith: '\7z*.exe')", R"({"f":"C:\\p\\7zFM.exe"})", kYes},
    {"22", R"(f|startswith: '/home/*/www/')", R"({"f":"/home/bob/www/i.php"})", kYes},
    {"whole value", R"(f: 'b')", R"({"f":"abc"})", kNo},
    {"stars need another try", R"(f: '*ab*abc')", R"({"f":"xabxababc"})", kYes},
    {"108", R"(f: 'ПРИВЕТ')", R"({"f":"привет"})", kYes},
    {"109", R"(f: 'straße')", R"({"f":"STRASSE"})", kNo},
    {"110", R"(image: 'a')", R"({"Image":"a"})", kNo},
    {"88", R"(f|cased: 'Ab')", R"({"f":"ab"})", kNo},
    {"cased contains", R"(f|contains|cased: 'Ab')", R"({"f":"xAbx"})", kYes},
    {"unknown modifier", R"(f|like: 'a')", R"({})", kRefused},
};

TEST(SigmaOracle, Strings) { CheckRows(kStrings); }

constexpr Row kNulls[] = {
    {"24", R"(f: '')", R"({"f":""})", kYes},
    {"25", R"(f: '')", R"({})", kNo},
    {"26", R"(f: '')", R"({"f":null})", kNo},
    {"27", R"(f: null)", R"({})", kYes},
    {"28", R"(f: null)", R"({"f":null})", kYes},
    {"30", R"(f: null)", R"({"f":"null"})", kNo},
    {"null text", R"(f: 'null')", R"({"f":"NULL"})", kYes},
    {"null and empty text", R"(f: null)", R"({"f":""})", kNo},
    {"null and empty array", R"(f: null)", R"({"f":[]})", kYes},
    {"null in an array", R"(f: null)", R"({"f":["a",null]})", kYes},
    {"null and an object", R"(f: null)", R"({"f":{}})", kNo},
    {"empty list is null", R"(f: [])", R"({})", kYes},
    {"31", R"(f|exists: true)", R"({"f":null})", kYes},
    {"32", R"(f|exists: true)", R"({"f":""})", kYes},
    {"exists and empty array", R"(f|exists: true)", R"({"f":[]})", kYes},
    {"33", R"(f|exists: false)", R"({})", kYes},
    {"exists needs a bool", R"(f|exists: 'true')", R"({})", kRefused},
    {"exists must be first", R"(f|contains|exists: true)", R"({})", kRefused},
    {"E10", R"(f: ['', null])", R"({"f":null})", kYes},
    {"E10 absent", R"(f: ['', null])", R"({})", kYes},
    {"E10 other", R"(f: ['', null])", R"({"f":"x"})", kNo},
    {"E15", R"(f: '-')", R"({"f":"-"})", kYes},
    {"objects have no text", R"(f|contains: 'a')", R"({"f":{"a":"a"}})", kNo},
};

TEST(SigmaOracle, NullEmptyAbsent) { CheckRows(kNulls); }

constexpr Row kLists[] = {
    {"34", "s: {g: 1}, filter: {f|contains: x}, condition: s and not filter", R"({"g":1})", kYes},
    {"36", "[{f: a}, {g: b}]", R"({"g":"b"})", kYes},
    {"37", "[{f: a, g: b}, {h: c}]", R"({"f":"a"})", kNo},
    {"38", "f: [a, b], g: [c, d]", R"({"f":"b","g":"c"})", kYes},
    {"39", "f: [a, b], g: [c, d]", R"({"f":"a","g":"x"})", kNo},
    {"40", "f|contains|all: [a, b]", R"({"f":"xbya"})", kYes},
    {"42", "f|contains|all: a", R"({"f":"xax"})", kYes},
    {"43", "f|windash|contains|all: [' -a ', ' -b ']", R"({"f":"x /a  -b "})", kYes},
    {"44", "[aaa, bbb]", R"({"x":{"y":"zzBBBz"}})", kYes},
    {"45", "'|all': [aaa, bbb]", R"({"p":"aaa","q":"bbb"})", kYes},
    {"all keywords needed", "'|all': [aaa, bbb]", R"({"p":"aaa"})", kNo},
    {"46", "[aaa]", R"({"aaa":"zzz"})", kNo},
    {"48", "['a*c']", R"({"m":"xx abbc yy"})", kYes},
    {"keyword does not span values", "['a*c']", R"({"m":"xx a","n":"c"})", kNo},
    {"number as a keyword", "[42]", R"({"m":["a",{"n":1424}]})", kYes},
    {"bool as a keyword", "[true]", R"({})", kRefused},
    {"null as a keyword", "[null]", R"({})", kRefused},
    {"scalar identifier", "s: abc, condition: s", R"({"m":"xabcx"})", kYes},
    {"maps and keywords mixed", "[{f: a}, kkk]", R"({"m":"kkk"})", kYes},
    {"nested map", "f: {g: a}", R"({})", kRefused},
    {"map in a value list", "f: [{g: a}]", R"({})", kRefused},
    {"E9", "s: {f: 1, f: 2}, condition: s", R"({})", kRefused},
    {"94", "f|neq: [a, b]", R"({"f":"b"})", kNo},
    {"neq and absent", "f|neq: a", R"({})", kYes},
    {"96", "f|contains|all|neq: [a, b]", R"({"f":"a"})", kYes},
};

TEST(SigmaOracle, ListsMapsKeywords) { CheckRows(kLists); }

constexpr Row kNumbers[] = {
    {"49", "EventID: 4624", R"({"EventID":"4624"})", kYes},
    {"50", "EventID: '4624'", R"({"EventID":4624})", kYes},
    {"51", "f: '0x3e7'", R"({"f":"0x3E7"})", kYes},
    {"52", "f: '0x10'", R"({"f":16})", kNo},
    {"52 plain", "f: 0x10", R"({"f":16})", kNo},
    {"54", "f|contains: 00000429", R"({"f":"d 00000429"})", kYes},
    {"55", "f|contains: 00000429", R"({"f":"x429"})", kNo},
    {"56", "f: 1.0", R"({"f":1})", kYes},
    {"double", "f: 1", R"({"f":1.0})", kYes},
    {"fraction", "f: 0.5", R"({"f":"0.5"})", kYes},
    {"57", "f: '40*'", R"({"f":404})", kYes},
    {"58", "f|gt: 5", R"({"f":"10"})", kYes},
    {"60", "f|lt: 5", R"({})", kNo},
    {"61", "f|gt: '5'", R"({"f":6})", kRefused},
    {"not wholly a number", "f|gt: 5", R"({"f":" 10"})", kNo},
    {"hexadecimal is no number", "f|gt: 5", R"({"f":"0x10"})", kNo},
    {"bool is no number", "f|gte: 0", R"({"f":true})", kNo},
    {"large integers are exact", "f|gt: 9223372036854775806", R"({"f":9223372036854775807})", kYes},
    {"fractions compare", "f|lte: 0.1", R"({"f":0.1})", kYes},
    {"compare list is OR", "f|gt: [100, 5]", R"({"f":6})", kYes},
    {"62", "f: true", R"({"f":"True"})", kYes},
    {"63", "f: 'true'", R"({"f":true})", kYes},
    {"64", "f|cidr: 10.0.0.0/8", R"({"f":"10.255.0.1"})", kYes},
    {"66", "f|cidr: 'fe80::/10'", R"({"f":"FE80::1"})", kYes},
    {"67", "f|cidr: '::1/128'", R"({"f":"0:0:0:0:0:0:0:1"})", kYes},
    {"68", "f|cidr: '10.0.0.1/8'", R"({"f":"10.0.0.1"})", kRefused},
    {"69", "f|cidr: 10.0.0.7", R"({"f":"10.0.0.7"})", kYes},
    {"E12", "f|cidr: 10.0.0.0/8", R"({"f":"::ffff:10.0.0.1"})", kNo},
    {"no address", "f|cidr: 0.0.0.0/0", R"({"f":"host"})", kNo},
    {"no network", "f|cidr: 'a*'", R"({})", kRefused},
    {"E13", "ts|hour|gte: 22", R"({"ts":"2026-01-01T23:15:00+09:00"})", kYes},
    {"plain part", "ts|minute: 15", R"({"ts":"2026-01-01 23:15:00.5"})", kYes},
    {"ISO week", "ts|week: 53", R"({"ts":"2027-01-01"})", kYes},
    {"parts in the wrong order", "ts|gte|hour: 22", R"({})", kRefused},
    {"no date", "ts|year|gte: 1", R"({"ts":"2026-02-30"})", kNo},
};

TEST(SigmaOracle, NumbersAddressesDates) { CheckRows(kNumbers); }

constexpr Row kEncodings[] = {
    {"70", "f|contains|windash: ' -f'", R"({"f":"x /f"})", kYes},
    {"72", "f|contains|windash: ' /im '", R"({"f":"x -im y"})", kYes},
    {"73", "f|contains|windash: ' -a-b'", R"({"f":"x /a-b"})", kYes},
    {"74", "f|contains|windash: ' -a-b'", R"({"f":"x -a/b"})", kNo},
    {"windash to a long dash", "f|contains|windash: ' -f'", R"({"f":"x ―f"})", kYes},
    {"E5", "f|contains|windash: ' –enc'", R"({"f":" -enc"})", kYes},
    {"75", "f|base64offset|contains: 'foo bar'", R"({"f":"WFhmb28gYmFyIQ=="})", kYes},
    {"76", "f|base64offset|contains: 'foo bar'", R"({"f":"Zm9vIGJhclo="})", kYes},
    {"78", "f|base64: 'foobar'", R"({"f":"Zm9vYmFy"})", kYes},
    {"79", "f|base64: 'fo*'", R"({"f":"x"})", kRefused},
    {"E2", R"(f|base64: 'a\*b')", R"({"f":"YSpi"})", kYes},
    {"E2 no", R"(f|base64: 'a\*b')", R"({"f":"YVwqYg=="})", kNo},
    {"E4", "f|utf16|base64: 'foo'", R"({"f":"//5mAG8AbwA="})", kYes},
    {"E4 utf16le", "f|utf16le|base64: 'foo'", R"({"f":"ZgBvAG8A"})", kYes},
    {"wide", "f|wide|base64: 'foo'", R"({"f":"ZgBvAG8A"})", kYes},
    {"utf16be", "f|utf16be|base64: 'foo'", R"({"f":"AGYAbwBv"})", kYes},
    {"one byte matches not everything", "f|base64offset|contains: 'a'", R"({"f":"...."})", kNo},
    {"80", "f|re: 'fo+'", R"({"f":"xxfooyy"})", kYes},
    {"81", "f|re: 'foo'", R"({"f":"FOO"})", kNo},
    {"82", "f|re|i: 'foo'", R"({"f":"FOO"})", kYes},
    {"84", "f|re|s: 'a.b'", R"({"f":"a\nb"})", kYes},
    {"84 without", "f|re: 'a.b'", R"({"f":"a\nb"})", kNo},
    {"85", "f|re|m: '^b'", R"({"f":"a\nb"})", kYes},
    {"85 without", "f|re: '^b'", R"({"f":"a\nb"})", kNo},
    {"86", "f|re: ['^a', 'z$']", R"({"f":"xyz"})", kYes},
    {"87", "f|contains|re: 'ab'", R"({"f":"ab"})", kRefused},
    {"bad regex", "f|re: 'a('", R"({})", kRefused},
    {"regex closing its group", "f|re|m: 'a)(?:b'", R"({})", kRefused},
    {"unsupported regex", "f|re: '(?=a)'", R"({})", kRefused},
    {"regex takes no escapes", R"(f|re: '^a\\b$')", R"({"f":"a\\b"})", kYes},
    {"90", "f|fieldref: g", R"({"f":"ABC","g":"abc"})", kYes},
    {"91", "f|fieldref: g", R"({})", kNo},
    {"92", "f|fieldref|startswith: g", R"({"f":"abcdef","g":"abc"})", kYes},
    {"92 reverse", "f|startswith|fieldref: g", R"({})", kRefused},
    {"fieldref takes no wildcards from events", "f|fieldref: g", R"({"f":"abc","g":"a*"})", kNo},
    {"93", "f|fieldref|neq: g", R"({"f":"a","g":"b"})", kYes},
    {"E7", "f|expand: '%x%'", R"({})", kRefused},
    {"expand", "f|expand: 'u-%admins%'", R"({"f":"u-ROOT"})", kYes},
    {"expand a wildcard", "f|expand: '%admins%'", R"({"f":"administrator"})", kYes},
    {"literal percent", R"(f|expand: '\%x%')", R"({"f":"%x%"})", kYes},
    {"percent without expand", "f: '%x%'", R"({"f":"%x%"})", kYes},
    {"expand in a regex", "f|re|expand: '^%site%$'", R"({"f":"a.b"})", kYes},
    {"expand in a regex is literal", "f|re|expand: '^%site%$'", R"({"f":"axb"})", kNo},
};

TEST(SigmaOracle, Modifiers) { CheckRows(kEncodings); }

constexpr Row kConditions[] = {
    {"97", "a: {f: 1}, b: {g: 1}, x: {h: 1}, condition: a or b and not x", R"({"f":1,"h":1})",
     kYes},
    {"98", "a: {f: 1}, b: {g: 1}, condition: not a and b", R"({"f":1,"g":1})", kNo},
    {"99", "s: {f: 1}, filter_a: {g: 1}, filter_b: {h: 1}, condition: s and not 1 of filter_*",
     R"({"f":1,"h":1})", kNo},
    {"100", "s: {f: 1}, filter_a: {g: 1}, filter_b: {h: 1}, condition: s and not all of filter_*",
     R"({"f":1,"h":1})", kYes},
    {"102", "s: {f: 1}, _x: {g: 1}, condition: s and _x", R"({"f":1})", kNo},
    {"103", "sel_a_x: {f: 1}, sel_b_x: {g: 1}, sel_b_y: {h: 1}, condition: all of sel_*_x",
     R"({"f":1,"g":1})", kYes},
    {"104", "sel: {f: 1}, select: {g: 1}, condition: 1 of sel", R"({"g":1})", kNo},
    {"105", "s: {f: 1}, condition: s | count() > 5", R"({"f":1})", kRefused},
    {"106", "s: {f: 1}, condition: s and nosuch", R"({"f":1})", kRefused},
    {"E8", "s: {f: 1}, condition: s and 1 of nosuch_*", R"({"f":1})", kRefused},
    {"them skips underscore", "s: {f: 1}, _x: {g: 1}, condition: all of them", R"({"f":1})", kYes},
    {"underscore pattern", "s: {f: 1}, _x: {g: 1}, condition: any of _*", R"({"g":1})", kYes},
    {"N of", "s: {f: 1}, t: {g: 1}, condition: 2 of them", R"({"f":1})", kRefused},
    {"upper case", "s: {f: 1}, t: {g: 1}, condition: s AND NOT t", R"({"f":1})", kYes},
    {"keyword inside a name", "notepad: {f: 1}, condition: notepad", R"({"f":1})", kYes},
    {"list of conditions", "s: {f: 1}, t: {g: 1}, condition: [s, t]", R"({"g":1})", kYes},
    {"brackets", "a: {f: 1}, b: {g: 1}, condition: not (a and b)", R"({"f":1})", kYes},
    {"open bracket", "s: {f: 1}, condition: (s", R"({})", kRefused},
    {"no operator", "s: {f: 1}, condition: s s", R"({})", kRefused},
    {"timeframe", "s: {f: 1}, timeframe: 5m, condition: s", R"({})", kRefused},
    {"114", "s: {f: a}, condition: not s", R"({"f":["a","b"]})", kNo},
};

TEST(SigmaOracle, Conditions) { CheckRows(kConditions); }

constexpr Row kArrays[] = {
    {"111", "u.type: Root", R"({"u":{"type":"Root"}})", kYes},
    {"112", "u.type: Root", R"({"u.type":"Root","u":{"type":"x"}})", kYes},
    {"flat key wins", "u.type: x", R"({"u.type":"Root","u":{"type":"x"}})", kNo},
    {"115", "c.ip|cidr: 123.1.0.0/16", R"({"c":[{"ip":"10.0.0.1"},{"ip":"123.1.2.3"}]})", kYes},
    {"E11", "f|contains|all: [a, b]", R"({"f":["xa","yb"]})", kYes},
    {"any, one element", "'c[any]': {p: tcp, q: 1}", R"({"c":[{"p":"tcp","q":2},{"p":"u","q":1}]})",
     kNo},
    {"any", "'c[any]': {p: tcp, q: 1}", R"({"c":[{"p":"u","q":2},{"p":"tcp","q":1}]})", kYes},
    {"all", "'c[all]': {p: tcp}", R"({"c":[{"p":"tcp"},{"p":"u"}]})", kNo},
    {"all of none", "'c[all]': {p: tcp}", R"({"c":[]})", kNo},
    {"all_or_empty", "'c[all_or_empty]': {p: tcp}", R"({})", kYes},
    {"none", "'c[none]': {p: tcp}", R"({"c":[{"p":"u"}]})", kYes},
    {"none of none", "'c[none]': {p: tcp}", R"({})", kYes},
    {"extended block", "'c[any]': {condition: a and not b, a: {p: x}, b: {q: 1}}",
     R"({"c":[{"p":"x","q":1},{"p":"x","q":2}]})", kYes},
    {"extended block, no", "'c[any]': {condition: a and not b, a: {p: x}, b: {q: 1}}",
     R"({"c":[{"p":"x","q":1},{"p":"y"}]})", kNo},
    {"current element", "'c[all]': {'.|startswith': a}", R"({"c":["ab","ac"]})", kYes},
    {"short form", "'c[all]|startswith': a", R"({"c":["ab","bc"]})", kNo},
    {"nested", "'c[any]': {'d[all]': {e: 1}}", R"({"c":[{"d":[{"e":1},{"e":2}]},{"d":[{"e":1}]}]})",
     kYes},
    {"position", "'f[1]': b", R"({"f":["a","b"]})", kYes},
    {"position from the end", "'f[-1]': b", R"({"f":["a","b"]})", kYes},
    {"position outside", "'f[2]': null", R"({"f":["a","b"]})", kYes},
    {"position in a path", "'f[0].g': 1", R"({"f":[{"g":1},{"g":2}]})", kYes},
    {"escaped brackets", R"('f\[x\]': 1)", R"({"f[x]":1})", kYes},
    {"unknown brackets", "'f[some]': 1", R"({})", kRefused},
};

TEST(SigmaOracle, Arrays) { CheckRows(kArrays); }

constexpr char kBase[] =
    "title: a\nid: 11\nname: base\nlogsource: {product: windows, category: process_creation}\n"
    "detection: {s: {f: 1}, condition: s}\n";

std::string FilterText(const std::string& rules, const std::string& product,
                       const std::string& condition) {
  return "title: x\nlogsource: {product: " + product + "}\nfilter:\n  " + rules +
         "\n  s: {u: adm}\n  condition: " + condition + "\n";
}

TEST(SigmaOracle, Filters) {
  const char* event = R"({"f":1,"u":"adm"})";
  EXPECT_EQ(Evaluate({kBase}, event), kYes);
  for (const char* rules : {"rules: [11]", "rules: [base]", "rules: any", "rules: []"}) {
    const std::string filter = FilterText(rules, "windows", "not s");
    EXPECT_EQ(Evaluate({kBase, filter}, event), kNo) << rules;
    EXPECT_EQ(Evaluate({filter, kBase}, event), kNo) << rules;
    EXPECT_EQ(Evaluate({kBase, filter}, R"({"f":1,"u":"bob"})"), kYes) << rules;
  }
  EXPECT_EQ(Evaluate({kBase, FilterText("rules: [other]", "windows", "not s")}, event), kYes);
  EXPECT_EQ(Evaluate({kBase, FilterText("rules: any", "linux", "not s")}, event), kYes);
  EXPECT_EQ(Evaluate({kBase, FilterText("rules: any", "windows", "not 1 of them")}, event), kNo);
  EXPECT_EQ(Evaluate({kBase, FilterText("t: {v: 1}", "windows", "not s")}, event), kRefused);
}

TEST(SigmaOracle, Documents) {
  const std::string text =
      "action: global\ntitle: g\nlogsource: {product: windows}\n"
      "detection: {s: {f: 1}, condition: s}\n"
      "---\nid: a\ndetection: {s: {f: 2, g: 1}}\n"
      "---\naction: repeat\nid: b\ndetection: {s: {g: 2}}\n"
      "---\naction: reset\n---\nid: c\ndetection: {s: {h: 1}, condition: s}\n"
      "---\nid: d\ncorrelation: {type: event_count, rules: [a]}\n"
      "---\nid: e\n";
  const LoadResult loaded = LoadSigma({text});
  ASSERT_EQ(loaded.rules.size(), 3u);
  EXPECT_EQ(loaded.correlations, std::vector<std::string>{"d"});
  ASSERT_EQ(loaded.refused.size(), 1u);
  EXPECT_EQ(loaded.refused[0].substr(0, 2), "e:");
  const auto first = *OracleEvent::FromJson(R"({"f":1,"g":1})");
  const auto second = *OracleEvent::FromJson(R"({"f":1,"g":2})");
  EXPECT_TRUE(Matches(*loaded.rules[0], first));
  EXPECT_FALSE(Matches(*loaded.rules[0], second));
  EXPECT_TRUE(Matches(*loaded.rules[1], second));
  EXPECT_FALSE(Matches(*loaded.rules[2], first));
  EXPECT_EQ(loaded.rules[1]->title, "g");
  EXPECT_EQ(loaded.rules[2]->logsource.product, "");
  EXPECT_EQ(LoadSigma({"a: [", "- 1", "&a [*a]"}).refused.size(), 3u);
}

TEST(SigmaOracle, Windows) {
  const auto tree = *OracleEvent::FromJson(
      R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":1,)"
      R"("Channel":"Microsoft-Windows-Sysmon/Operational","Computer":"c"},)"
      R"("EventData":{"Image":"x.exe","Threat Name":"t","Computer":"d"}}})");
  bool present = false;
  const FieldLookup lookup = WindowsLookup();
  EXPECT_EQ(lookup(tree, "Provider_Name", &present).at(0)->text, "P");
  EXPECT_EQ(lookup(tree, "ThreatName", &present).at(0)->text, "t");
  EXPECT_EQ(lookup(tree, "Computer", &present).at(0)->text, "d");
  const LoadResult rule = LoadSigma({kBase});
  EXPECT_TRUE(LogSourceApplies(*rule.rules.at(0), WindowsLogSources(tree)));

  const auto flat = *OracleEvent::FromJson(
      R"({"_note":"n","Channel":"security","EventID":"4688","NewProcessName":"y",)"
      R"("SourceName":"S"})");
  EXPECT_EQ(lookup(flat, "Image", &present).at(0)->text, "y");
  EXPECT_EQ(lookup(flat, "Provider_Name", &present).at(0)->text, "S");
  EXPECT_TRUE(LogSourceApplies(*rule.rules.at(0), WindowsLogSources(flat)));
  EXPECT_EQ(WithoutAnnotations(flat).root()->Find("_note"), nullptr);

  const auto beat = *OracleEvent::FromJson(
      R"({"log_name":"Security","event_id":4624,"event_data":{"LogonType":"3"}})");
  EXPECT_EQ(lookup(beat, "LogonType", &present).at(0)->text, "3");
  EXPECT_EQ(WindowsLogSources(beat).at(0).service, "security");
  EXPECT_FALSE(LogSourceApplies(*rule.rules.at(0), WindowsLogSources(beat)));
  EXPECT_TRUE(WindowsLogSources(*OracleEvent::FromJson(R"({"a":1})")).empty());
}

TEST(SigmaOracle, InvalidBytesAreUnitsOfTheirOwn) {
  const std::string bytes = "a\xff\xc3";
  EXPECT_EQ(Encode(Decode(bytes)), bytes);
  EXPECT_EQ(Decode(bytes).size(), 3u);
  EXPECT_TRUE(GlobMatches(ParsePattern("a??", false), Decode(bytes)));
  EXPECT_FALSE(GlobMatches(ParsePattern("a\xfe?", false), Decode(bytes)));
}

TEST(SigmaOracle, IsoWeeks) {
  EXPECT_EQ(ReadTimePart("2026-01-01", TimePart::kWeek), 1);
  EXPECT_EQ(ReadTimePart("2024-12-30", TimePart::kWeek), 1);
  EXPECT_EQ(ReadTimePart("2021-01-03T00:00Z", TimePart::kWeek), 53);
  EXPECT_EQ(ReadTimePart("2026-01-01", TimePart::kHour), std::nullopt);
}

}  // namespace
}  // namespace vedette::reference
