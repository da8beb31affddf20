// Seeded streams of alerts of which it is known which attack each belongs to.
#ifndef VEDETTE_TESTS_SUPPORT_ATTACK_ALERTS_H_
#define VEDETTE_TESTS_SUPPORT_ATTACK_ALERTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "vedette/alert/alert.h"

namespace vedette::testing {

struct LabelledAlert {
  Alert alert;
  int attack = -1;  // -1: benign, an attack of its own
};

struct AttackStreamOptions {
  int attacks = 12;
  int benign = 60;
  int hosts = 400;
  int64_t span_ns = int64_t{3} * 24 * 3600 * 1'000'000'000;
  double shared = 0.05;  // of alerts that talk to an address that everybody talks to
};

// Attacks move over two to five hosts, step by step: each step shares the process, the user's
// session or the host with an earlier one. Benign alerts are single, on hosts of their own.
// In the order of time.
std::vector<LabelledAlert> AttackAlerts(uint32_t seed, const AttackStreamOptions& options = {});

// How well a grouping fits the truth. Each of `cluster` and `truth` is of one alert.
struct GroupingScore {
  double precision = 0;  // B-cubed
  double recall = 0;
  int over_merged = 0;   // clusters that hold more than one attack
  int under_merged = 0;  // attacks in more than one cluster
};
GroupingScore ScoreGrouping(const std::vector<int>& cluster, const std::vector<int>& truth);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_ATTACK_ALERTS_H_
