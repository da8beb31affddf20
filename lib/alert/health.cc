#include "vedette/alert/health.h"

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "lib/alert/names.h"
#include "lib/alert/rule_needs.h"
#include "lib/event/field_resolution.h"
#include "lib/event/json_writer.h"
#include "lib/program/program_layout.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/suppression.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 4> kKindNames = {"silent", "source_back", "field_gone",
                                                        "field_back"};
constexpr size_t kMaxPending = 10'000;  // findings that wait for AdvanceTime
constexpr uint32_t kGapWindow = 256;    // gaps that a period is learned from, twice
constexpr uint32_t kMinSeen = 20;       // events with a field, before it can be missed
constexpr size_t kMaxBindings = 256;    // adapters, shapes and streams whose places are remembered

struct Source {
  EventTime last = kNoEventTime;
  bool declared = false;
  int64_t declared_ns = 0;
  bool silent = false;
  uint64_t gaps = 0;
  int64_t longest = 0;         // of this window
  int64_t longest_before = 0;  // of the one before
  std::set<LogSource> log_sources;
};

struct FieldState {
  uint32_t seen = 0;     // sampled events that had it
  uint32_t missing = 0;  // sampled events since
  bool gone = false;
};

// What one source says in one log source.
struct Stream {
  LogSource log_source;
  uint64_t events = 0;
  uint32_t sampled = 0;
  std::vector<uint32_t> fields;  // of the program, that rules for the log source read
  std::vector<FieldState> states;
  std::vector<uint32_t> rules;
};

struct Bound {
  FieldPath path;
  int binding;
};

// Where the fields of a stream stand in events of one adapter and shape.
struct Places {
  const EventAdapter* adapter = nullptr;
  EventShape shape = EventShape::kGeneric;
  const Stream* stream = nullptr;
  std::vector<std::vector<Bound>> fields;
  std::vector<bool> set_by_table;  // the log source's table gives a value
};

}  // namespace

std::string_view HealthFindingKindName(HealthFinding::Kind kind) {
  return NameOf(kKindNames, kind);
}

struct HealthMonitor::Impl {
  std::shared_ptr<const Program> program;
  HealthOptions options;
  HealthStats stats;
  EventTime now = kNoEventTime;
  EventTime started = kNoEventTime;  // the first AdvanceTime
  std::map<std::string, Source, std::less<>> sources;
  std::map<std::pair<std::string, LogSource>, std::unique_ptr<Stream>> streams;
  std::vector<std::vector<uint32_t>> rule_fields;  // by rule
  std::vector<std::string> rule_ids;
  std::deque<Places> places;
  std::vector<HealthFinding> pending;
  ValueArena arena;

  const ProgramLayout& layout() const { return program->layout(); }
  const LogSource& SourceOfRule(uint32_t rule) const {
    return layout().rules[rule].meta.log_source;
  }

  void Start() {
    for (uint32_t i = 0; i < program->rule_count(); ++i) {
      rule_fields.push_back(FieldsOfRule(layout(), layout().rules[i]));
      rule_ids.push_back(AlertRuleOf(*program, i, false).id);
    }
    for (const auto& [name, period] : options.periods) {
      if (sources.size() >= options.max_sources) break;
      Source& s = sources[name];
      s.declared = true;
      s.declared_ns = period;
    }
  }

  void Say(HealthFinding finding) {
    if (pending.size() < kMaxPending) pending.push_back(std::move(finding));
  }

  Source* SourceOf(std::string_view name) {
    const auto it = sources.find(name);
    if (it != sources.end()) return &it->second;
    if (sources.size() >= options.max_sources) return nullptr;
    return &sources[std::string(name)];
  }

  Stream* StreamOf(std::string_view name, const LogSource& log_source) {
    std::pair<std::string, LogSource> key{name, log_source};
    const auto it = streams.find(key);
    if (it != streams.end()) return it->second.get();
    if (streams.size() >= options.max_streams) return nullptr;
    auto stream = std::make_unique<Stream>();
    stream->log_source = log_source;
    std::set<uint32_t> fields;
    for (uint32_t i = 0; i < rule_fields.size(); ++i) {
      if (!log_source.Satisfies(SourceOfRule(i))) continue;
      stream->rules.push_back(i);
      fields.insert(rule_fields[i].begin(), rule_fields[i].end());
    }
    stream->fields.assign(fields.begin(), fields.end());
    stream->states.resize(fields.size());
    ++stats.streams;
    return streams.emplace(std::move(key), std::move(stream)).first->second.get();
  }

  // Signs of life, and the gap since the last one.
  void Live(std::string_view name, EventTime t, Source* s) {
    if (t == kNoEventTime) return;
    if (now != kNoEventTime && t > now && t - now > options.max_future_skew_ns) {
      ++stats.future_events;
      return;
    }
    if (s->silent) {
      s->silent = false;
      HealthFinding f;
      f.kind = HealthFinding::Kind::kSourceBack;
      f.time = t;
      f.source = name;
      f.last_event = s->last;
      Say(std::move(f));
    } else if (s->last != kNoEventTime && t > s->last) {
      s->longest = std::max(s->longest, t - s->last);
      if (++s->gaps % kGapWindow == 0) s->longest_before = std::exchange(s->longest, 0);
    }
    s->last = s->last == kNoEventTime ? t : std::max(s->last, t);
  }

  // 0: not known yet.
  int64_t PeriodOf(const Source& s) const {
    if (s.declared) return s.declared_ns;
    if (s.gaps < options.min_gaps) return 0;
    const int64_t longest = std::max(s.longest, s.longest_before);
    if (longest > INT64_MAX / std::max<int64_t>(options.learned_factor, 1)) return INT64_MAX;
    return std::max(options.min_period_ns, longest * options.learned_factor);
  }

  // Rules that a source serves and no other living one does.
  std::vector<std::string> OnlyServedBy(const std::string& name, const Source& source) const {
    std::vector<std::string> out;
    const auto serves = [](const Source& s, const LogSource& rule) {
      return std::any_of(s.log_sources.begin(), s.log_sources.end(),
                         [&rule](const LogSource& l) { return l.Satisfies(rule); });
    };
    for (uint32_t i = 0; i < rule_ids.size(); ++i) {
      const LogSource& rule = SourceOfRule(i);
      if (!serves(source, rule)) continue;
      const bool other = std::any_of(sources.begin(), sources.end(), [&](const auto& entry) {
        return entry.first != name && !entry.second.silent && serves(entry.second, rule);
      });
      if (!other) out.push_back(rule_ids[i]);
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  void FindSilent() {
    for (auto& [name, s] : sources) {
      const int64_t period = PeriodOf(s);
      const EventTime since = s.last != kNoEventTime ? s.last : s.declared ? started : now;
      if (s.silent || period <= 0 || now <= since) continue;
      // Without overflow: times may be far apart.
      const uint64_t quiet = static_cast<uint64_t>(now) - static_cast<uint64_t>(since);
      if (quiet <= static_cast<uint64_t>(period)) continue;
      s.silent = true;
      HealthFinding f;
      f.kind = HealthFinding::Kind::kSilent;
      f.time = now;
      f.source = name;
      f.period_ns = period;
      f.declared = s.declared;
      f.last_event = s.last;
      f.broken_rules = OnlyServedBy(name, s);
      Say(std::move(f));
    }
  }

  Places& PlacesOf(const EventView& event, const Stream& stream) {
    const EventShape shape = event.shape();
    for (Places& p : places) {
      if (p.stream == &stream && p.shape == shape && p.adapter == &event.adapter()) return p;
    }
    if (places.size() >= kMaxBindings) places.pop_front();
    Places& p = places.emplace_back();
    p.adapter = &event.adapter();
    p.shape = shape;
    p.stream = &stream;
    FieldRenames renames;
    std::set<std::string_view> sets;
    int32_t class_uid = 0;
    for (const LogSourceTable::Row& row : program->log_sources().rows()) {
      if (row.source != stream.log_source) continue;
      renames.insert(renames.end(), row.renames.begin(), row.renames.end());
      for (const auto& [field, value] : row.sets) sets.insert(field);
      if (class_uid == 0) class_uid = row.class_uid;
    }
    for (const uint32_t field : stream.fields) {
      const std::string& name = layout().fields[field].text();
      p.set_by_table.push_back(sets.contains(name));
      std::vector<Bound>& bound = p.fields.emplace_back();
      for (FieldPath& path : ResolveField(name, shape, class_uid, renames)) {
        const int binding = event.adapter().Bind(path);
        if (binding >= 0) bound.push_back({std::move(path), binding});
      }
    }
    return p;
  }

  void Sample(const EventView& event, std::string_view name, Stream* stream) {
    const Places& p = PlacesOf(event, *stream);
    ++stats.sampled;
    ++stream->sampled;
    arena.Reset();
    for (size_t i = 0; i < stream->fields.size(); ++i) {
      bool present = p.set_by_table[i];
      for (const Bound& b : p.fields[i]) {
        if (present) break;
        present = !event.adapter().Get(event.object(), b.path, b.binding, &arena).absent();
      }
      FieldState& state = stream->states[i];
      if (!present) {
        if (state.missing < UINT32_MAX) ++state.missing;
        // Counted before it went: sampled less what is missing now.
        const uint64_t before = stream->sampled - std::min(state.missing, stream->sampled);
        if (!state.gone && state.missing >= options.drift_after && state.seen >= kMinSeen &&
            uint64_t{state.seen} * 10 >= before) {
          state.gone = true;
          SayField(HealthFinding::Kind::kFieldGone, event.time(), name, *stream, i);
        }
        continue;
      }
      if (state.gone) {
        SayField(HealthFinding::Kind::kFieldBack, event.time(), name, *stream, i);
        state.gone = false;
      }
      ++state.seen;
      state.missing = 0;
    }
  }

  void SayField(HealthFinding::Kind kind, EventTime time, std::string_view name,
                const Stream& stream, size_t index) {
    HealthFinding f;
    f.kind = kind;
    f.time = time;
    f.source = name;
    f.log_source = stream.log_source;
    const uint32_t field = stream.fields[index];
    f.field = layout().fields[field].text();
    std::vector<bool> seen(layout().fields.size(), true);
    std::vector<bool> without = seen;
    without[field] = false;
    for (const uint32_t rule : stream.rules) {
      if (!std::binary_search(rule_fields[rule].begin(), rule_fields[rule].end(), field)) continue;
      const ProgramRule& r = layout().rules[rule];
      const bool breaks = CouldHold(layout(), r, seen) && !CouldHold(layout(), r, without);
      (breaks ? f.broken_rules : f.affected_rules).push_back(rule_ids[rule]);
    }
    std::sort(f.broken_rules.begin(), f.broken_rules.end());
    std::sort(f.affected_rules.begin(), f.affected_rules.end());
    Say(std::move(f));
  }

  bool Judge(uint32_t rule, BlindRule* out) const {
    const LogSource& wanted = SourceOfRule(rule);
    uint64_t sampled = 0;
    bool any = false;
    std::vector<bool> seen(layout().fields.size(), false);
    for (const auto& [key, stream] : streams) {
      if (!stream->log_source.Satisfies(wanted)) continue;
      any = true;
      sampled += stream->sampled;
      for (size_t i = 0; i < stream->fields.size(); ++i) {
        if (stream->states[i].seen > 0) seen[stream->fields[i]] = true;
      }
    }
    out->log_source = wanted;
    if (!any) {
      out->why = BlindRule::Why::kNoLogSource;
      return stats.events > 0;
    }
    if (sampled < options.judge_after || CouldHold(layout(), layout().rules[rule], seen)) {
      return false;
    }
    out->why = BlindRule::Why::kNoField;
    for (const uint32_t field : rule_fields[rule]) {
      if (!seen[field]) out->missing_fields.push_back(layout().fields[field].text());
    }
    return true;
  }
};

HealthMonitor::HealthMonitor(std::shared_ptr<const Program> program, HealthOptions options)
    : impl_(std::make_unique<Impl>()) {
  impl_->program = std::move(program);
  impl_->options = std::move(options);
  impl_->options.sample_every = std::max<uint32_t>(impl_->options.sample_every, 1);
  impl_->options.drift_after = std::max<uint32_t>(impl_->options.drift_after, 1);
  impl_->Start();
}
HealthMonitor::~HealthMonitor() = default;

void HealthMonitor::Observe(const EventView& event, std::span<const LogSource> log_sources) {
  Impl& m = *impl_;
  ++m.stats.events;
  const std::string_view name = event.ref().source;
  Source* source = m.SourceOf(name);
  if (source == nullptr) {
    ++m.stats.unwatched_events;
    return;
  }
  m.Live(name, event.time(), source);
  bool unwatched = false;
  const LogSource none;
  const std::span<const LogSource> all =
      log_sources.empty() ? std::span<const LogSource>(&none, 1) : log_sources;
  for (const LogSource& log_source : all) {
    Stream* stream = m.StreamOf(name, log_source);
    if (stream == nullptr) {
      unwatched = true;
      continue;
    }
    if (stream->events == 0) source->log_sources.insert(log_source);
    const uint64_t n = stream->events++;
    if (n < m.options.sample_all || n % m.options.sample_every == 0) {
      m.Sample(event, name, stream);
    }
  }
  if (unwatched) ++m.stats.unwatched_events;
}

std::vector<HealthFinding> HealthMonitor::AdvanceTime(EventTime now) {
  Impl& m = *impl_;
  if (now != kNoEventTime) {
    if (m.started == kNoEventTime) m.started = now;
    m.now = m.now == kNoEventTime ? now : std::max(m.now, now);
    m.FindSilent();
  }
  return std::exchange(m.pending, {});
}

std::vector<BlindRule> HealthMonitor::BlindRules() const {
  const Impl& m = *impl_;
  std::vector<BlindRule> out;
  for (uint32_t i = 0; i < m.rule_ids.size(); ++i) {
    BlindRule rule;
    if (!m.Judge(i, &rule)) continue;
    rule.rule_id = m.rule_ids[i];
    rule.title = m.program->rule(i).display_name();
    out.push_back(std::move(rule));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const BlindRule& a, const BlindRule& b) { return a.rule_id < b.rule_id; });
  return out;
}

HealthStats HealthMonitor::stats() const {
  HealthStats out = impl_->stats;
  out.sources = impl_->sources.size();
  return out;
}

std::string HealthFindingToJson(const HealthFinding& f) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Text("kind", HealthFindingKindName(f.kind));
  w.Time("time", f.time);
  w.Text("source", f.source);
  if (!f.log_source.empty()) w.Text("log_source", f.log_source.ToString());
  w.TextIf("field", f.field);
  if (f.kind == HealthFinding::Kind::kSilent) {
    w.Signed("period_seconds", f.period_ns / kNsPerSecond);
    w.Bool("declared", f.declared);
  }
  w.Time("last_event", f.last_event);
  w.Texts("broken_rules", f.broken_rules);
  w.Texts("affected_rules", f.affected_rules);
  w.End();
  return out;
}

std::string BlindRulesToJson(const std::vector<BlindRule>& rules) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.BeginList("blind_rules");
  for (const BlindRule& rule : rules) {
    w.Begin();
    w.Text("rule_id", rule.rule_id);
    w.Text("title", rule.title);
    w.Text("why", rule.why == BlindRule::Why::kNoLogSource ? "no_log_source" : "no_field");
    w.Text("log_source", rule.log_source.ToString());
    w.Texts("missing_fields", rule.missing_fields);
    w.End();
  }
  w.EndList();
  w.End();
  return out;
}

}  // namespace vedette::inline v0
