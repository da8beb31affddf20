#include "vedette/hunt/training.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/markdown.h"
#include "lib/base/json_text.h"
#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

// Splitmix64: the same numbers everywhere, which std::shuffle does not give.
uint64_t NextRandom(uint64_t* state) {
  uint64_t z = *state += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::vector<size_t> Shuffled(size_t n, uint64_t seed) {
  std::vector<size_t> order(n);
  for (size_t i = 0; i < n; ++i) order[i] = i;
  for (size_t i = n; i > 1; --i) std::swap(order[i - 1], order[NextRandom(&seed) % i]);
  return order;
}

template <typename T>
TrainingOverlap OverlapOf(const std::vector<T>& named, const std::vector<T>& expected) {
  const std::set<T> a(named.begin(), named.end());
  const std::set<T> b(expected.begin(), expected.end());
  TrainingOverlap out;
  out.named = a.size();
  out.expected = b.size();
  for (const T& x : a) out.right += b.contains(x);
  return out;
}

uint32_t Mean(uint64_t sum, uint64_t n) { return n == 0 ? 0 : static_cast<uint32_t>(sum / n); }

}  // namespace

uint32_t TrainingOverlap::permille() const {
  if (named + expected == 0) return 1000;
  return static_cast<uint32_t>(2000 * right / (named + expected));
}

struct TrainingSession::Impl {
  void OpenCase();
  CaseScore Score(const TrainingAnswer& answer, EventTime now) const;
  absl::Status CheckTime(EventTime now) const {
    if (now == kNoEventTime || (last != kNoEventTime && now < last)) {
      return absl::InvalidArgumentError("the time is before the last one");
    }
    return absl::OkStatus();
  }
  const TrainingCase& at() const { return scenario.cases[order[place]]; }

  TrainingScenario scenario;
  std::vector<std::vector<Alert>> alerts;
  std::string trainee;
  uint64_t seed = 0;
  std::vector<size_t> order;
  size_t place = 0;  // in the order
  size_t seen = 0;   // alerts of the case
  EventTime begun = kNoEventTime;
  EventTime last = kNoEventTime;
  CaseView view;
  std::vector<CaseScore> scores;
};

void TrainingSession::Impl::OpenCase() {
  seen = 0;
  begun = kNoEventTime;
  if (place == order.size()) return;
  const TrainingCase& c = at();
  view = {place + 1, order.size(), c.id, c.title, c.briefing, alerts[order[place]].size()};
}

CaseScore TrainingSession::Impl::Score(const TrainingAnswer& answer, EventTime now) const {
  const TrainingCase& c = at();
  CaseScore score;
  score.id = c.id;
  score.verdict = answer.verdict;
  score.expected = c.verdict;
  score.correct = answer.verdict == c.verdict;
  std::vector<Entity> entities = answer.entities;
  for (Entity& e : entities) e.value = NormalizeEntity(e.value);
  score.entities = OverlapOf(entities, c.entities);
  score.techniques = OverlapOf(answer.techniques, c.techniques);
  score.actions = OverlapOf(answer.actions, c.actions);
  score.alerts_seen = seen;
  score.alerts = alerts[order[place]].size();
  score.time_ns = begun == kNoEventTime ? 0 : now - begun;
  score.time_permille = 1000;
  if (c.par_ns > 0 && score.time_ns > c.par_ns) {
    score.time_permille = static_cast<uint32_t>(static_cast<double>(c.par_ns) /
                                                static_cast<double>(score.time_ns) * 1000);
  }
  score.reason_permille =
      Mean(score.entities.permille() + score.techniques.permille() + score.actions.permille(), 3);
  score.total_permille = score.reason_permille * 3 / 10;
  if (score.correct) score.total_permille += 500 + score.time_permille / 5;
  score.reason = answer.reason;
  return score;
}

absl::StatusOr<std::unique_ptr<TrainingSession>> TrainingSession::Start(
    TrainingScenario scenario, std::vector<std::vector<Alert>> alerts, std::string trainee,
    uint64_t seed) {
  if (scenario.cases.empty()) return absl::InvalidArgumentError("the scenario has no case");
  if (alerts.size() != scenario.cases.size()) {
    return absl::InvalidArgumentError("there are not as many lists of alerts as cases");
  }
  for (std::vector<Alert>& list : alerts) {
    for (Alert& a : list) {
      if (a.rule == nullptr) return absl::InvalidArgumentError("an alert has no rule");
      // What others have said of it before is the answer, or near it.
      a.past_verdicts.clear();
      a.precision.reset();
      a.after_negative = false;
    }
    std::stable_sort(list.begin(), list.end(), [](const Alert& a, const Alert& b) {
      return std::tie(a.event_time, a.id) < std::tie(b.event_time, b.id);
    });
  }
  auto impl = std::make_unique<Impl>();
  impl->order = Shuffled(scenario.cases.size(), seed);
  impl->scenario = std::move(scenario);
  impl->alerts = std::move(alerts);
  impl->trainee = std::move(trainee);
  impl->seed = seed;
  impl->OpenCase();
  return std::unique_ptr<TrainingSession>(new TrainingSession(std::move(impl)));
}

TrainingSession::TrainingSession(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TrainingSession::~TrainingSession() = default;

const TrainingSession::CaseView* TrainingSession::current() const {
  return impl_->place == impl_->order.size() ? nullptr : &impl_->view;
}

const std::vector<std::string>& TrainingSession::actions() const { return impl_->scenario.actions; }

absl::StatusOr<TrainingStep> TrainingSession::Next(EventTime now) {
  Impl& impl = *impl_;
  if (done()) return absl::FailedPreconditionError("all cases are answered");
  if (absl::Status s = impl.CheckTime(now); !s.ok()) return s;
  const std::vector<Alert>& alerts = impl.alerts[impl.order[impl.place]];
  if (impl.begun == kNoEventTime) impl.begun = now;
  impl.last = now;
  if (impl.seen == alerts.size()) return absl::OutOfRangeError("there is no further alert");
  TrainingStep step;
  step.alert = &alerts[impl.seen++];
  step.number = impl.seen;
  step.total = alerts.size();
  return step;
}

absl::Status TrainingSession::Answer(const TrainingAnswer& answer, EventTime now) {
  Impl& impl = *impl_;
  if (done()) return absl::FailedPreconditionError("all cases are answered");
  if (absl::Status s = impl.CheckTime(now); !s.ok()) return s;
  if (answer.verdict == Verdict::kNone) return absl::InvalidArgumentError("there is no verdict");
  for (const std::string& a : answer.actions) {
    const auto& known = impl.scenario.actions;
    if (std::find(known.begin(), known.end(), a) == known.end()) {
      return absl::InvalidArgumentError(absl::StrCat("the scenario has no action '", a, "'"));
    }
  }
  impl.scores.push_back(impl.Score(answer, now));
  impl.last = now;
  ++impl.place;
  impl.OpenCase();
  return absl::OkStatus();
}

TrainingReport TrainingSession::Report() const {
  const Impl& impl = *impl_;
  TrainingReport r;
  r.scenario = impl.scenario.id;
  r.trainee = impl.trainee;
  r.seed = impl.seed;
  r.cases = impl.scores;
  r.left = impl.order.size() - impl.scores.size();
  uint64_t correct = 0;
  uint64_t reason = 0;
  uint64_t total = 0;
  for (const CaseScore& c : r.cases) {
    correct += c.correct;
    reason += c.reason_permille;
    total += c.total_permille;
    r.time_ns += c.time_ns;
  }
  r.accuracy_permille = Mean(1000 * correct, impl.order.size());
  r.reason_permille = Mean(reason, impl.order.size());
  r.total_permille = Mean(total, impl.order.size());
  return r;
}

std::string TrainingSession::ExplanationOf(std::string_view case_id) const {
  for (size_t i = 0; i < impl_->place; ++i) {
    const TrainingCase& c = impl_->scenario.cases[impl_->order[i]];
    if (c.id == case_id) return c.explanation;
  }
  return {};
}

namespace {

void AppendOverlap(std::string_view name, const TrainingOverlap& o, std::string* out) {
  out->push_back(',');
  AppendJsonString(name, out);
  *out += ":{";
  AppendJsonField("named", o.named, out);
  AppendJsonField("expected", o.expected, out);
  AppendJsonField("right", o.right, out);
  AppendJsonField("permille", o.permille(), out);
  *out += "}";
}

// "73.4 %".
std::string Percent(uint32_t permille) {
  return absl::StrCat(permille / 10, ".", permille % 10, " %");
}

}  // namespace

std::string TrainingReportToJson(const TrainingReport& r) {
  std::string out = "{";
  AppendJsonField("scenario", r.scenario, &out);
  AppendJsonField("trainee", r.trainee, &out);
  AppendJsonField("seed", r.seed, &out);
  AppendJsonField("accuracy_permille", r.accuracy_permille, &out);
  AppendJsonField("reason_permille", r.reason_permille, &out);
  AppendJsonField("total_permille", r.total_permille, &out);
  AppendJsonField("time_ms", static_cast<uint64_t>(r.time_ns / 1'000'000), &out);
  AppendJsonField("left", r.left, &out);
  out += ",\"cases\":[";
  for (size_t i = 0; i < r.cases.size(); ++i) {
    const CaseScore& c = r.cases[i];
    out += i > 0 ? ",{" : "{";
    AppendJsonField("id", c.id, &out);
    AppendJsonField("verdict", VerdictName(c.verdict), &out);
    AppendJsonField("expected", VerdictName(c.expected), &out);
    absl::StrAppend(&out, ",\"correct\":", c.correct ? "true" : "false");
    AppendOverlap("entities", c.entities, &out);
    AppendOverlap("techniques", c.techniques, &out);
    AppendOverlap("actions", c.actions, &out);
    AppendJsonField("alerts_seen", c.alerts_seen, &out);
    AppendJsonField("alerts", c.alerts, &out);
    AppendJsonField("time_ms", static_cast<uint64_t>(c.time_ns / 1'000'000), &out);
    AppendJsonField("time_permille", c.time_permille, &out);
    AppendJsonField("reason_permille", c.reason_permille, &out);
    AppendJsonField("total_permille", c.total_permille, &out);
    if (!c.reason.empty()) AppendJsonField("reason", c.reason, &out);
    out += "}";
  }
  return out + "]}";
}

std::string TrainingReportToMarkdown(const TrainingReport& r) {
  std::string out =
      absl::StrCat("# Training: ", MarkdownText(r.scenario), "\n\n| | |\n|---|---|\n");
  absl::StrAppend(&out, "| Trainee | ", MarkdownText(r.trainee), " |\n| Seed | ", r.seed,
                  " |\n| Accuracy | ", Percent(r.accuracy_permille), " |\n| Reasons | ",
                  Percent(r.reason_permille), " |\n| Total | ", Percent(r.total_permille),
                  " |\n| Not answered | ", r.left, " |\n\n");
  out += "| Case | Verdict | Right one | Entities | Techniques | Actions | Seconds | Total |\n";
  out += "|---|---|---|---|---|---|---|---|\n";
  const auto overlap = [](const TrainingOverlap& o) {
    return absl::StrCat(o.right, " of ", o.expected, ", ", o.named, " named");
  };
  for (const CaseScore& c : r.cases) {
    absl::StrAppend(&out, "| ", MarkdownText(c.id), " | ", ToAbsl(VerdictName(c.verdict)), " | ",
                    ToAbsl(VerdictName(c.expected)), " | ", overlap(c.entities), " | ",
                    overlap(c.techniques), " | ", overlap(c.actions), " | ",
                    c.time_ns / 1'000'000'000, " | ", Percent(c.total_permille), " |\n");
  }
  return out;
}

}  // namespace vedette::inline v0
