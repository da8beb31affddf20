#include "gtest/gtest.h"
#include "tests/support/sequence_fixture.h"

namespace vedette {
namespace {

using Rearm = ProgramCorrelation::Rearm;
using Select = ProgramCorrelation::Select;

SequenceRule Plain(const std::string& stages, int64_t span_s = 0) {
  SequenceRule rule(span_s * kSecond);
  for (const char stage : stages) rule.Add(std::string(1, stage));
  return rule;
}

// Also with a snapshot after each record, which must change nothing.
void Expect(const SequenceRule& rule, const std::string& stream, const std::string& fired) {
  EXPECT_EQ(Run(rule, stream), fired) << stream;
  EXPECT_EQ(Run(rule, stream, true), fired) << stream << " with snapshots";
}

TEST(SequenceTest, TheLatestStartWins) {
  const SequenceRule rule = Plain("AB");
  Expect(rule, "A1 A2 B3", "3 (2,3)");
  Expect(rule, "A1 B2 B3", "2 (1,2)");
  Expect(rule, "B1 A2", "");
  Expect(rule, "A1 A2 B3 B4 A5 B6", "3 (2,3); 6 (5,6)");
}

TEST(SequenceTest, AdvancingConsumes) {
  const SequenceRule rule = Plain("ABC");
  Expect(rule, "A1 B2 B3 C4", "4 (1,2,4)");
  Expect(rule, "A1 B2 A3 B4 C5 C6", "5 (3,4,5)");
  Expect(rule, "A1 B2 A3 C4 B5 C6", "4 (1,2,4); 6 (3,5,6)");
}

// One event that satisfies both stages is one record of each.
TEST(SequenceTest, OneEventCompletesAndStarts) {
  const SequenceRule rule = Plain("AB");
  Expect(rule, "A1.1 B1.1 A2.2 B2.2 A3.3 B3.3", "2 (1,4); 3 (3,6)");
  Expect(rule, "B1.1 A1.1 B2.2 A2.2 B3.3 A3.3", "2 (2,3); 3 (4,5)");
}

TEST(SequenceTest, RunsFireOnEachFurtherEvent) {
  SequenceRule rule;
  rule.Add("A").runs = 3;
  Expect(rule, "A1 A2 A3 A4 A5", "3 (1,2,3); 4 (2,3,4); 5 (3,4,5)");
  Expect(rule, "A1 A1.1 A2", "");
  SequenceRule two;
  two.Add("A").runs = 2;
  two.Add("B");
  Expect(two, "A1 A2 A3 B4 B5", "4 (2,3,4)");
  Expect(two, "A1 B2 A3 B4", "4 (1,3,4)");
}

TEST(SequenceTest, ConcurrentRecordsDoNotPrecedeEachOther) {
  const SequenceRule rule = Plain("AB");
  Expect(rule, "A1.0 B1.0", "");
  Expect(rule, "B1.0 A1.0 B2", "2 (2,3)");
  Expect(rule, "A1.0 A1.0 B2", "2 (2,3)");
  Expect(rule, "A1 A2.0 B2.0 B3", "2 (1,3); 3 (2,4)");
  Expect(rule, "A1.0 B1.1", "1 (1,2)");
}

TEST(SequenceTest, TheSpanIncludesItsEnd) {
  const SequenceRule rule = Plain("AB", 10);
  Expect(rule, "A1 B11", "11 (1,2)");
  Expect(rule, "A1 B12 B13", "");
  Expect(Plain("ABC", 10), "A1 B10 C12 B13 C14", "");
}

TEST(SequenceTest, Until) {
  SequenceRule rule = Plain("AB");
  rule.Until("U");
  Expect(rule, "A1 U2 B3", "");
  Expect(rule, "A1 B2 U3", "2 (1,2)");
  Expect(rule, "U1 A2 B3", "3 (2,3)");
  // The last stage wins against it, the first loses, whatever comes first.
  Expect(rule, "A1 B2.0 U2.0", "2 (1,2)");
  Expect(rule, "A1 U2.0 B2.0", "2 (1,3)");
  Expect(rule, "A1.0 U1.0 B2", "");
  Expect(rule, "U1.0 A1.0 B2", "");
  Expect(rule, "U1.0 A1.1 B2", "2 (2,3)");
  SequenceRule middle = Plain("ABC");
  middle.Until("U");
  Expect(middle, "A1 B2.0 U2.0 C3", "");
}

TEST(SequenceTest, MissingInTheMiddle) {
  SequenceRule rule(100 * kSecond);
  rule.Add("A");
  rule.Not("M");
  rule.Add("B");
  Expect(rule, "A1 B2", "2 (1,2)");
  Expect(rule, "A1 M2 B3", "");
  Expect(rule, "A1 M2 A3 B4", "4 (3,4)");
  Expect(rule, "A1 M2.0 B2.0", "2 (1,3)");
  Expect(rule, "A1.0 M1.0 B2", "2 (1,3)");
  Expect(rule, "M1 A2 B3", "3 (2,3)");
  SequenceRule killed(100 * kSecond);
  killed.Add("A");
  killed.Not("M");
  killed.Add("B");
  killed.Add("C");
  Expect(killed, "A1 B2 A3 M4 B5 C6", "6 (1,2,6)");
  SequenceRule several(100 * kSecond);
  several.Add("A");
  several.Not("M");
  several.Not("N");
  several.Add("B");
  Expect(several, "A1 N2 B3 A4 M5 B6 A7 B8", "8 (7,8)");
}

TEST(SequenceTest, MissingBefore) {
  SequenceRule rule(10 * kSecond);
  rule.Not("M");
  rule.Add("A");
  rule.Add("B");
  Expect(rule, "A1 B2", "2 (1,2)");
  Expect(rule, "M1 A2 B3", "");
  Expect(rule, "M1 A2 B11", "");
  Expect(rule, "M1 A2 B12", "12 (2,3)");
  Expect(rule, "M1.0 A1.0 B2", "2 (2,3)");
  Expect(rule, "A1 M2 B3", "3 (1,3)");
  Expect(rule, "M1 A2 B3 A4 B12", "12 (4,5)");
}

TEST(SequenceTest, MissingAfter) {
  SequenceRule rule(10 * kSecond);
  rule.Add("A");
  rule.Add("B");
  rule.Not("M");
  Expect(rule, "A1 B2", "11 timer (1,2)");
  Expect(rule, "A1 B2 M3", "");
  Expect(rule, "A1 B2 M11", "");
  Expect(rule, "A1 B2 M12", "11 timer (1,2)");
  Expect(rule, "A1 M2 B3", "11 timer (1,3)");
  Expect(rule, "A1 B2.0 M2.0", "11 timer (1,2)");
  Expect(rule, "A1 B2 A3 B4 M12", "11 timer (1,2)");
  Expect(rule, "A1 B2 A3 B4", "11 timer (1,2); 13 timer (3,4)");
  rule.Until("U");
  Expect(rule, "A1 B2 U3", "");
  Expect(rule, "A1 B2.0 U2.0", "11 timer (1,2)");
}

TEST(SequenceTest, BothEndsAreJudgedSeparately) {
  SequenceRule rule(10 * kSecond);
  rule.Not("L");
  rule.Add("A");
  rule.Not("M");
  Expect(rule, "A1", "11 timer (1)");
  Expect(rule, "L1 A2", "");
  Expect(rule, "A1 M3", "");
  Expect(rule, "L1 A12", "22 timer (2)");
}

TEST(SequenceTest, FailuresThenLogin) {
  SequenceRule rule(60 * kSecond);
  rule.Add("F").min_count = 3;
  rule.Add("L");
  Expect(rule, "F1 F2 L3", "");
  Expect(rule, "F1 F2 F3 L4", "4 (1,2,3,4)");
  Expect(rule, "F1 F2 F3 F4 L5 L6", "5 (1,2,3,4,5)");
  // All are consumed; the next ones count anew.
  Expect(rule, "F1 F2 F3 L4 F5 F6 L7 F8 L9", "4 (1,2,3,4); 9 (5,6,8,9)");
  // Old ones leave the group one by one.
  Expect(rule, "F1 F50 F55 L62", "");
  Expect(rule, "F1 F50 F55 F58 L62", "62 (2,3,4,5)");
  Expect(rule, "F1 F2 F3 L64", "");
}

TEST(SequenceTest, LimitsOfGroups) {
  SequenceRule rule(60 * kSecond);
  CorrelationInput& fails = rule.Add("F");
  fails.min_count = 2;
  fails.max_count = 3;
  rule.Add("L");
  Expect(rule, "F1 L2 F3 L4", "4 (1,3,4)");
  Expect(rule, "F1 F2 F3 F4 L5", "");
  Expect(rule, "F1 F2 F3 F4 L62", "62 (2,3,4,5)");
  SequenceRule distinct(60 * kSecond);
  distinct.Add("F").min_distinct = 2;
  distinct.Add("L");
  Expect(distinct, "F1=1 F2=1 L3", "");
  Expect(distinct, "F1=1 F2=1 F3=2 L4", "4 (1,2,3,4)");
  Expect(distinct, "F1=1 F2=2 L62", "");
  Expect(distinct, "F1=1 F10=2 F11=2 F12=3 L71", "71 (3,4,5)");
}

TEST(SequenceTest, GroupsInTheMiddleAndAtTheEnd) {
  SequenceRule rule(60 * kSecond);
  rule.Add("A");
  rule.Add("F").min_count = 2;
  rule.Add("B");
  Expect(rule, "A1 F2 B3 F4 B5", "5 (1,2,4,5)");
  Expect(rule, "F1 A2 F3 F4 F5 B6", "6 (2,3,4,5,6)");
  // The later start is used first, and takes the records that both had.
  Expect(rule, "A1 F2 A3 F4 F5 B6 B7", "6 (3,4,5,6)");
  SequenceRule last(60 * kSecond);
  last.Add("A");
  last.Add("F").min_count = 3;
  Expect(last, "A1 F2 F3 F4 F5", "4 (1,2,3,4)");
  SequenceRule alone(60 * kSecond);
  alone.Add("F").min_count = 2;
  Expect(alone, "F1 F2 F3 F4 F5", "2 (1,2); 4 (3,4)");
  Expect(alone, "F1 F62 F63", "63 (2,3)");
  Expect(alone, "F1.0 F1.0 F1.0", "");
}

TEST(SequenceTest, Gaps) {
  SequenceRule rule(60 * kSecond);
  rule.Add("A");
  rule.Add("B").within_previous_ns = 5 * kSecond;
  Expect(rule, "A1 B6", "6 (1,2)");
  Expect(rule, "A1 B7", "");
  SequenceRule least(60 * kSecond);
  least.Add("A");
  least.Add("B").after_previous_ns = 5 * kSecond;
  Expect(least, "A1 B5 B6", "6 (1,3)");
  Expect(least, "A1 A2 B6 B7", "7 (2,4)");
  SequenceRule group(60 * kSecond);
  group.Add("F").min_count = 2;
  group.Add("L").within_previous_ns = 5 * kSecond;
  Expect(group, "F1 F2 L8 F9 L10", "10 (1,2,4,5)");
}

TEST(SequenceTest, JoinsTryOlderCandidates) {
  SequenceRule rule(60 * kSecond);
  rule.Add("A");
  rule.Add("B");
  rule.Join(1, 0);
  Expect(rule, "A1=7 A2=8 B3=7 B4=8 B5=7", "3 (1,3); 4 (2,4)");
  Expect(rule, "A1=7 A2=7 B3=7 B4=7", "3 (2,3); 4 (1,4)");
  SequenceRule three(60 * kSecond);
  three.Add("A");
  three.Add("B");
  three.Add("C");
  three.Join(2, 0);
  Expect(three, "A1=7 B2 A3=8 B4 C5=7", "5 (1,2,5)");
  SequenceRule negated(60 * kSecond);
  negated.Add("A");
  negated.Not("M");
  negated.Add("B");
  negated.Join(1, 0);
  negated.Join(2, 0);
  Expect(negated, "A1=7 A2=8 M3=7 B4=7 B5=8", "5 (2,5)");
}

TEST(SequenceTest, SelectFirstAndAll) {
  SequenceRule rule = Plain("AB", 10);
  rule.spec.select = Select::kFirst;
  Expect(rule, "A1 A2 B3 B4", "3 (1,3)");
  Expect(rule, "A1 A2 A12 B13", "13 (3,4)");
  rule.spec.select = Select::kAll;
  Expect(rule, "A1 A2 A3 B4 B5", "4 (1,4); 4 (2,4); 4 (3,4)");
  rule.spec.select_limit = 2;
  Expect(rule, "A1 A2 A3 B4 B5", "4 (2,4); 4 (3,4); 5 (1,5)");
}

TEST(SequenceTest, Having) {
  SequenceRule rule(60 * kSecond);
  rule.Add("F").min_count = 2;
  rule.Add("L");
  const uint32_t sum = rule.Aggregate(Function::kSum, 0);
  rule.Having(SequenceRule::Compare(Function::kGreaterEqual, sum, 10));
  Expect(rule, "F1=3 F2=3 L3", "");
  Expect(rule, "F1=3 F2=3 F3=4 L4", "4 (1,2,3,4)");
}

TEST(SequenceTest, Rearm) {
  SequenceRule rule = Plain("AB", 10);
  const std::string stream = "A1 B2 A3 B4 A20 B21";
  rule.spec.rearm = Rearm::kNever;
  Expect(rule, stream, "2 (1,2)");
  rule.spec.rearm = Rearm::kAfter;
  rule.spec.rearm_ns = 19 * kSecond;
  Expect(rule, stream, "2 (1,2); 21 (5,6)");
  rule.spec.rearm_ns = 20 * kSecond;
  Expect(rule, stream, "2 (1,2)");
  SequenceRule runs(10 * kSecond);
  runs.Add("A").runs = 2;
  runs.spec.rearm = Rearm::kReset;
  Expect(runs, "A1 A2 A3 A4 A5", "2 (1,2); 4 (3,4)");
  runs.spec.rearm = Rearm::kWhenFalse;
  Expect(runs, "A1 A2 A3 A4 A5", "2 (1,2)");
  Expect(runs, "A1 A2 A3 A20 A21", "2 (1,2); 21 (4,5)");
  runs.Having(SequenceRule::Compare(Function::kEqual, 0, 1));
  Expect(runs, "A1=1 A2=1 A3=1 A4=0 A5=1", "2 (1,2); 5 (4,5)");
}

TEST(SequenceTest, AggregatesSeeRunsTogether) {
  SequenceRule rule;
  rule.Add("A").runs = 3;
  const uint32_t sum = rule.Aggregate(Function::kSum, 0);
  rule.Having(SequenceRule::Compare(Function::kEqual, sum, 6));
  Expect(rule, "A1=1 A2=2 A3=3 A4=4 A5=-1", "3 (1,2,3); 5 (3,4,5)");
}

}  // namespace
}  // namespace vedette
