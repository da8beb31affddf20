#include "tests/support/attack_alerts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tests/support/alert_fixture.h"
#include "tests/support/lcg.h"

namespace vedette::testing {
namespace {

class Maker {
 public:
  Maker(uint32_t seed, const AttackStreamOptions& options) : lcg_(seed), options_(options) {}

  std::vector<LabelledAlert> Make() {
    for (int a = 0; a < options_.attacks; ++a) Attack(a);
    for (int b = 0; b < options_.benign; ++b) {
      const int64_t at = Moment();
      Add(-1, at, {{EntityType::kDevice, Host()}, {EntityType::kUser, Name("user")}}, Level::kLow);
    }
    std::stable_sort(out_.begin(), out_.end(), [](const auto& a, const auto& b) {
      return a.alert.event_time < b.alert.event_time;
    });
    return std::move(out_);
  }

 private:
  // Hosts are used by one attack or benign alert each, so that the truth is unambiguous.
  std::string Host() { return "host" + std::to_string(next_host_++ % options_.hosts); }
  std::string Name(const char* kind) { return kind + std::to_string(next_name_++); }
  int64_t Moment() {
    return static_cast<int64_t>(static_cast<double>(options_.span_ns) *
                                static_cast<double>(lcg_.Below(60'000)) / 60'000.0);
  }

  void Attack(int number) {
    int64_t at = Moment();
    std::string host = Host();
    std::string session = Name("session");
    std::string process = Name("process");
    const uint32_t hops = 1 + lcg_.Below(4);
    for (uint32_t hop = 0; hop <= hops; ++hop) {
      const uint32_t steps = 2 + lcg_.Below(6);
      for (uint32_t s = 0; s < steps; ++s) {
        at += static_cast<int64_t>(30 + lcg_.Below(40 * 60)) * kSecond;
        std::vector<Entity> who = {{EntityType::kDevice, host}, {EntityType::kProcess, process}};
        if (s == 0 || lcg_.Below(2) == 0) who.push_back({EntityType::kSession, session});
        Add(number, at, who, static_cast<Level>(2 + lcg_.Below(4)));
        if (lcg_.Below(3) == 0) {  // a child of it
          const std::string child = Name("process");
          Add(number, at + kSecond,
              {{EntityType::kProcess, process}, {EntityType::kProcess, child}}, Level::kMedium);
          process = child;
        }
      }
      // Over to the next host in the same session.
      host = Host();
      process = Name("process");
      at += static_cast<int64_t>(60 + lcg_.Below(3600)) * kSecond;
      Add(number, at,
          {{EntityType::kDevice, host},
           {EntityType::kSession, session},
           {EntityType::kProcess, process}},
          Level::kHigh);
    }
  }

  void Add(int attack, int64_t at, std::vector<Entity> who, Level level) {
    if (static_cast<double>(lcg_.Below(1000)) < options_.shared * 1000) {
      who.push_back({EntityType::kExternalIp, "198.51.100.1"});
    }
    LabelledAlert l;
    l.attack = attack;
    Alert& a = l.alert;
    AlertRule rule;
    rule.id = "rule" + std::to_string(lcg_.Below(30));
    rule.title = "Title of " + rule.id;
    rule.tactics = {"execution"};
    a.rule = std::make_shared<AlertRule>(std::move(rule));
    a.id = MakeId("attack alert " + std::to_string(out_.size()));
    a.fingerprint = MakeId(a.rule->id + who[0].value);
    a.tenant = "t1";
    a.severity = level;
    a.confidence = 80;
    a.event_time = a.last_event_time = kAlertEpoch + at;
    a.ingest_time = a.alert_time = a.event_time + kSecond;
    for (Entity& e : who) {
      AlertEntity entity;
      entity.entity = std::move(e);
      const EntityType type = entity.entity.type;
      entity.strength = type == EntityType::kProcess || type == EntityType::kSession
                            ? JoinStrength::kStrong
                        : type == EntityType::kExternalIp ? JoinStrength::kWeak
                                                          : JoinStrength::kMedium;
      a.entities.push_back(std::move(entity));
    }
    out_.push_back(std::move(l));
  }

  Lcg lcg_;
  AttackStreamOptions options_;
  std::vector<LabelledAlert> out_;
  int next_host_ = 0;
  int next_name_ = 0;
};

}  // namespace

std::vector<LabelledAlert> AttackAlerts(uint32_t seed, const AttackStreamOptions& options) {
  return Maker(seed, options).Make();
}

GroupingScore ScoreGrouping(const std::vector<int>& cluster, const std::vector<int>& truth) {
  GroupingScore score;
  std::map<int, std::set<int>> attacks_of;
  std::map<int, std::set<int>> clusters_of;
  for (size_t i = 0; i < cluster.size(); ++i) {
    double both = 0;
    double in_cluster = 0;
    double in_attack = 0;
    for (size_t j = 0; j < cluster.size(); ++j) {
      in_cluster += cluster[j] == cluster[i];
      in_attack += truth[j] == truth[i];
      both += cluster[j] == cluster[i] && truth[j] == truth[i];
    }
    score.precision += both / in_cluster / static_cast<double>(cluster.size());
    score.recall += both / in_attack / static_cast<double>(cluster.size());
    attacks_of[cluster[i]].insert(truth[i]);
    clusters_of[truth[i]].insert(cluster[i]);
  }
  for (const auto& [c, attacks] : attacks_of) score.over_merged += attacks.size() > 1;
  for (const auto& [t, clusters] : clusters_of) score.under_merged += clusters.size() > 1;
  return score;
}

}  // namespace vedette::testing
