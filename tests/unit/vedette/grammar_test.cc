// The grammar in docs/language.md is that of the parser: sentences made from it parse, and every
// alternative of it is used.
#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/lang/vedette/parser.h"

namespace vedette::lang {
namespace {

// A part of a production.
struct Part {
  enum class Kind { kText, kToken, kRule, kSequence, kChoice, kOptional, kAny, kSome };
  Kind kind = Kind::kText;
  std::string text;  // kText, kToken, kRule
  bool commas = false;
  std::vector<Part> parts;
  size_t depth = SIZE_MAX;    // of the shallowest sentence
  std::vector<size_t> taken;  // how often each choice was: kChoice, or not and taken
};

constexpr size_t kInfinite = SIZE_MAX / 4;

class Grammar {
 public:
  explicit Grammar(const std::string& text) {
    std::istringstream lines(text);
    std::string name;
    std::map<std::string, std::string> bodies;
    for (std::string line; std::getline(lines, line);) {
      if (line.empty()) continue;
      if (line[0] != ' ') {
        name = line.substr(0, line.find_first_of(" :"));
        order_.push_back(name);
        line[line.find(':')] = ' ';
        line.replace(0, name.size(), name.size(), ' ');
      }
      bodies[name] += line + "\n";
    }
    for (const auto& [rule, body] : bodies) {
      text_ = body;
      at_ = 0;
      rules_[rule] = Choice();
      if (Peek() != '\0') ADD_FAILURE() << rule << " is not understood at: " << text_.substr(at_);
    }
    for (bool again = true; again;) {
      again = false;
      for (auto& [rule, part] : rules_) again = Measure(&part) || again;
    }
  }

  std::map<std::string, Part>& rules() { return rules_; }
  const std::vector<std::string>& order() const { return order_; }

 private:
  char Peek() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  Part Choice() {
    Part choice;
    choice.kind = Part::Kind::kChoice;
    choice.parts.push_back(Sequence());
    while (Peek() == '|') {
      ++at_;
      choice.parts.push_back(Sequence());
    }
    if (choice.parts.size() == 1) return choice.parts[0];
    choice.taken.assign(choice.parts.size(), 0);
    return choice;
  }

  Part Sequence() {
    Part sequence;
    sequence.kind = Part::Kind::kSequence;
    while (Peek() != '\0' && Peek() != '|' && Peek() != ')') sequence.parts.push_back(Repeated());
    return sequence;
  }

  Part Repeated() {
    Part inner;
    if (Peek() == '(') {
      ++at_;
      inner = Choice();
      EXPECT_EQ(Peek(), ')');
      ++at_;
    } else if (Peek() == '"') {
      const size_t end = text_.find('"', at_ + 1);
      inner.text = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
    } else {
      while (at_ < text_.size() && std::isalpha(static_cast<unsigned char>(text_[at_])) != 0) {
        inner.text += text_[at_++];
      }
      EXPECT_FALSE(inner.text.empty()) << text_.substr(at_);
      if (inner.text.empty()) ++at_;
      const bool token = std::isupper(static_cast<unsigned char>(inner.text[0])) != 0;
      inner.kind = token ? Part::Kind::kToken : Part::Kind::kRule;
    }
    Part out;
    if (at_ < text_.size() && text_[at_] == ',') {
      out.commas = true;
      ++at_;
    }
    const char mark = at_ < text_.size() ? text_[at_] : '\0';
    if (mark != '?' && mark != '*' && mark != '+') return inner;
    ++at_;
    out.kind = mark == '?'   ? Part::Kind::kOptional
               : mark == '*' ? Part::Kind::kAny
                             : Part::Kind::kSome;
    out.parts.push_back(std::move(inner));
    out.taken.assign(2, 0);
    return out;
  }

  // Whether the depth of something became less.
  bool Measure(Part* part) {
    bool less = false;
    for (Part& p : part->parts) less = Measure(&p) || less;
    size_t depth = 0;
    switch (part->kind) {
      case Part::Kind::kRule: {
        const auto rule = rules_.find(part->text);
        if (rule == rules_.end()) ADD_FAILURE() << "no rule " << part->text;
        depth = rule == rules_.end() ? 0 : std::min(rule->second.depth, kInfinite) + 1;
        break;
      }
      case Part::Kind::kChoice:
        depth = kInfinite;
        for (const Part& p : part->parts) depth = std::min(depth, p.depth);
        break;
      case Part::Kind::kSequence:
      case Part::Kind::kSome:
        for (const Part& p : part->parts) depth = std::max(depth, p.depth);
        break;
      default:
        break;
    }
    if (depth >= part->depth) return less;
    part->depth = depth;
    return true;
  }

  std::map<std::string, Part> rules_;
  std::vector<std::string> order_;
  std::string text_;
  size_t at_ = 0;
};

class Writer {
 public:
  Writer(Grammar* grammar, unsigned seed) : grammar_(grammar), random_(seed) {}

  // A file, or a rule with one part.
  std::string Sentence() {
    out_.clear();
    const size_t budget = 14 + Below(24);
    if (Below(2) == 0) {
      Write(&grammar_->rules().at("file"), budget);
      return out_;
    }
    out_ = "rule alpha {";
    Write(&grammar_->rules().at("part"), budget);
    return out_ + " }";
  }

 private:
  size_t Below(size_t n) { return random_() % n; }

  void Emit(const std::string& text) {
    const bool glued = tight_ > 0 || text == "~";
    if (!glued || first_) out_ += Below(8) == 0 ? '\n' : ' ';
    first_ = false;
    out_ += text;
  }

  void Token(const std::string& kind) {
    const auto pick = [this](std::initializer_list<const char*> texts) {
      Emit(std::data(texts)[Below(texts.size())]);
    };
    if (kind == "NAME") return pick({"alpha", "beta2", "_g", "Delta"});
    if (kind == "STRING")
      return pick({"\"x\"", "\"\"\"C:\\r\"\"\"", "\"\\u{20AC}\\*\\-\\n\"", "\"\""});
    if (kind == "NUMBER") return pick({"5", "1.5e3", "0x1F", "10KB", "0"});
    if (kind == "INT") return pick({"1", "3", "70"});
    if (kind == "DURATION") return pick({"500ms", "10s", "5m", "2h", "7d", "1w"});
    if (kind == "BACKTICKS") return pick({"`user-agent`", "`where`"});
    ADD_FAILURE() << "no token " << kind;
  }

  // At most `budget` levels deep, unless there is no shallower way.
  void Write(Part* part, size_t budget) {
    if (out_.size() > 1500) budget = 0;
    const size_t left = budget == 0 ? 0 : budget - 1;
    switch (part->kind) {
      case Part::Kind::kText:
        return Emit(part->text);
      case Part::Kind::kToken:
        return Token(part->text);
      case Part::Kind::kSequence:
        for (Part& p : part->parts) Write(&p, budget);
        return;
      case Part::Kind::kRule: {
        const bool tight = part->text == "field" && tight_ == 0;
        if (tight) first_ = true;
        tight_ += tight || tight_ > 0 ? 1 : 0;
        Write(&grammar_->rules().at(part->text), left);
        tight_ -= tight_ > 0 ? 1 : 0;
        return;
      }
      case Part::Kind::kChoice: {
        std::vector<size_t> open;
        for (size_t i = 0; i < part->parts.size(); ++i) {
          const bool fits = part->parts[i].depth <= std::max(left, part->depth);
          if (fits) open.push_back(i);
        }
        size_t i = open[Below(open.size())];
        // What was rarely taken comes first, half of the time.
        if (Below(2) == 0) {
          i = *std::min_element(open.begin(), open.end(), [part](size_t a, size_t b) {
            return part->taken[a] < part->taken[b];
          });
        }
        ++part->taken[i];
        return Write(&part->parts[i], budget);
      }
      default:
        break;
    }
    Part* inner = &part->parts[0];
    size_t count = part->kind == Part::Kind::kSome ? 1 : 0;
    if (inner->depth <= left && Below(2) == 0) {
      count = part->kind == Part::Kind::kOptional ? 1 : 1 + Below(3);
    }
    ++part->taken[count > 0 ? 1 : 0];
    for (size_t i = 0; i < count; ++i) {
      if (i > 0 && part->commas) Emit(",");
      Write(inner, left);
    }
  }

  Grammar* grammar_;
  std::mt19937 random_;
  std::string out_;
  int tight_ = 0;  // rules that are open within a `field`
  bool first_ = false;
};

void ExpectCovered(const std::string& rule, const Part& part) {
  for (size_t i = 0; i < part.taken.size(); ++i) {
    // One item is the least that `+` stands for.
    if (part.kind == Part::Kind::kSome && i == 0) continue;
    EXPECT_GT(part.taken[i], 0U) << "choice " << i << " of " << rule << " is never made";
  }
  for (const Part& p : part.parts) ExpectCovered(rule, p);
}

std::string DocumentedGrammar() {
  std::ifstream file("docs/language.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const size_t section = all.find("## Grammar");
  const size_t begin = all.find("```\n", section);
  if (begin == std::string::npos) return "";
  return all.substr(begin + 4, all.find("\n```", begin) - begin - 3);
}

TEST(Grammar, ItsSentencesParse) {
  Grammar grammar(DocumentedGrammar());
  ASSERT_GT(grammar.order().size(), 30U);
  int faults = 0;
  for (unsigned seed = 0; seed < 8000 && faults < 5; ++seed) {
    const std::string text = Writer(&grammar, seed).Sentence();
    DiagnosticSink sink;
    Reporter reporter("a.vdt", text, &sink);
    ParseFile(text, "q", &reporter);
    for (const Diagnostic& d : sink.diagnostics()) {
      // Names that are taken, parts that are missing or twice there, what is too deep.
      if (d.code == "VDT0005" || d.code == "VDT0006" || d.code == "VDT0004") continue;
      ++faults;
      ADD_FAILURE() << "seed " << seed << "\n" << FormatDiagnostic(d) << text;
      break;
    }
  }
  for (const auto& [rule, part] : grammar.rules()) ExpectCovered(rule, part);
}

TEST(Grammar, HasNoRuleThatNothingUses) {
  const std::string text = DocumentedGrammar();
  Grammar grammar(text);
  for (const std::string& rule : grammar.order()) {
    if (rule == "file") continue;
    size_t uses = 0;
    for (size_t at = text.find(rule); at != std::string::npos; at = text.find(rule, at + 1)) ++uses;
    EXPECT_GE(uses, 2U) << rule;
  }
}

}  // namespace
}  // namespace vedette::lang
