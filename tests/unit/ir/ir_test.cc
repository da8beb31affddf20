#include "lib/ir/ir.h"

#include <string>

#include "gtest/gtest.h"
#include "lib/ir/key.h"
#include "lib/ir/printer.h"
#include "lib/ir/verifier.h"

namespace vedette {
namespace {

using Kind = PatternPiece::Kind;

Predicate Contains(std::string field, std::string text) {
  Predicate p;
  p.op = PredicateOp::kText;
  p.field = std::move(field);
  p.pattern.pieces = {{Kind::kAnyRun, ""}, {Kind::kLiteral, std::move(text)}, {Kind::kAnyRun, ""}};
  return p;
}

Formula Leaf(std::string text) { return Formula::Of(Contains("f", std::move(text))); }

IrRule RuleOf(Formula condition) {
  IrRule rule;
  rule.condition = std::move(condition);
  return rule;
}

TEST(Canonicalize, MergesAndOrders) {
  TextPattern p;
  p.pieces = {{Kind::kLiteral, "a"}, {Kind::kLiteral, ""}, {Kind::kLiteral, "b"},
              {Kind::kAnyRun, ""},   {Kind::kAnyOne, ""},  {Kind::kAnyRun, ""},
              {Kind::kAnyOne, ""},   {Kind::kLiteral, "c"}};
  Canonicalize(&p);
  const std::vector<PatternPiece> expected = {{Kind::kLiteral, "ab"},
                                              {Kind::kAnyOne, ""},
                                              {Kind::kAnyOne, ""},
                                              {Kind::kAnyRun, ""},
                                              {Kind::kLiteral, "c"}};
  EXPECT_EQ(p.pieces, expected);
}

TEST(Verifier, AcceptsWhatIsWellFormed) {
  const Formula f = Formula::And({Leaf("a"), Formula::Not(Formula::Or({Leaf("b"), Leaf("c")}))});
  EXPECT_TRUE(VerifyRule(RuleOf(f)).ok());
}

TEST(Verifier, RefusesEachFault) {
  const auto kind = [](Formula f) { return VerifyRule(RuleOf(std::move(f))).kind; };
  Formula no_child;
  no_child.kind = NodeKind::kNot;
  EXPECT_EQ(kind(no_child), VerifyResult::Kind::kMalformed);
  Predicate nameless = Contains("", "x");
  EXPECT_EQ(kind(Formula::Of(nameless)), VerifyResult::Kind::kMalformed);
  Predicate loose = Contains("f", "x");
  loose.pattern.pieces.push_back({Kind::kAnyRun, ""});
  EXPECT_EQ(kind(Formula::Of(loose)), VerifyResult::Kind::kMalformed);
  Predicate keyword = Contains("f", "x");
  keyword.op = PredicateOp::kKeyword;
  EXPECT_EQ(kind(Formula::Of(keyword)), VerifyResult::Kind::kMalformed);
  Predicate other;
  other.op = PredicateOp::kFieldText;
  other.field = "f";
  EXPECT_EQ(kind(Formula::Of(other)), VerifyResult::Kind::kMalformed);
}

TEST(Verifier, LimitsDepthAndSize) {
  Formula deep = Leaf("a");
  for (int i = 0; i < 200; ++i) deep = Formula::Not(std::move(deep));
  EXPECT_EQ(VerifyRule(RuleOf(deep)).kind, VerifyResult::Kind::kTooDeep);
  std::vector<Formula> many(11, Leaf("a"));
  EXPECT_EQ(VerifyRule(RuleOf(Formula::Or(many)), {128, 10}).kind, VerifyResult::Kind::kTooLarge);
}

TEST(Printer, ReadsLikeTheRule) {
  Predicate number;
  number.op = PredicateOp::kNumberGe;
  number.field = "ts";
  number.time_part = TimePart::kHour;
  number.number.i = 22;
  EXPECT_EQ(PrintPredicate(number), "hour(ts) >= 22");
  EXPECT_EQ(PrintPredicate(Contains("a-b", "x\"y")), "`a-b` contains~ \"x\\\"y\"");
  const Formula f = Formula::And({Leaf("a"), Formula::Not(Formula::Or({Leaf("b"), Leaf("c")}))});
  EXPECT_EQ(PrintFormula(f), "f contains~ \"a\" and not f contains~ (\"b\", \"c\")");
}

TEST(Key, DiffersWhereMeaningDoes) {
  const auto key = [](const Formula& f) {
    std::string out;
    AppendFormulaKey(f, &out);
    return out;
  };
  Formula labelled = Leaf("a");
  labelled.label = "selection";
  EXPECT_EQ(key(Leaf("a")), key(labelled));
  EXPECT_NE(key(Leaf("a")), key(Leaf("b")));
  EXPECT_NE(key(Formula::And({Leaf("a"), Leaf("b")})), key(Formula::Or({Leaf("a"), Leaf("b")})));
  // Bytes that print alike are told apart.
  EXPECT_NE(key(Leaf("\xff")), key(Leaf("\xfe")));
}

TEST(Cidr, ParsesAndContains) {
  const auto in = [](const char* block, const char* address) {
    const auto cidr = ParseCidr(block, nullptr);
    bool v6 = false;
    std::array<uint8_t, 16> bytes;
    return cidr.has_value() && ParseAddress(address, &v6, &bytes) && Contains(*cidr, v6, bytes);
  };
  EXPECT_TRUE(in("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(in("0.0.0.0/0", "1.2.3.4"));
  EXPECT_TRUE(in("192.168.0.128/25", "192.168.0.200"));
  EXPECT_FALSE(in("192.168.0.128/25", "192.168.0.127"));
  EXPECT_TRUE(in("fe80::/10", "FE80::1%eth0"));
  EXPECT_TRUE(in("::1/128", "0:0:0:0:0:0:0:1"));
  EXPECT_TRUE(in("10.0.0.7", "10.0.0.7"));
  EXPECT_FALSE(in("10.0.0.0/8", "::ffff:10.0.0.1"));
  EXPECT_FALSE(in("10.0.0.0/8", "10.1"));
  EXPECT_FALSE(in("10.0.0.0/8", ""));
  for (const char* bad :
       {"10.0.0.1/8", "10.0.0.0/33", "::/129", "x", "", "10.0.0.0/", "10.0.0/8"}) {
    std::string why;
    EXPECT_FALSE(ParseCidr(bad, &why).has_value()) << bad;
    EXPECT_FALSE(why.empty());
  }
}

}  // namespace
}  // namespace vedette
