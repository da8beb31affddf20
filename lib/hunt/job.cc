#include "vedette/hunt/job.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/json_text.h"
#include "lib/base/strings.h"
#include "lib/hunt/job_impl.h"
#include "lib/program/program_layout.h"
#include "vedette/observable.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxObservables = 100'000;

std::vector<EventTime> RestMin(const SegmentInfo& info) {
  std::vector<EventTime> rest(info.blocks.size() + 1, kEndOfTime);
  for (size_t i = info.blocks.size(); i-- > 0;) {
    const EventTime t = info.blocks[i].min_time;
    rest[i] = t == kNoEventTime ? rest[i + 1] : std::min(t, rest[i + 1]);
  }
  return rest;
}

absl::Status CheckOptions(const HuntOptions& options) {
  if (options.program == nullptr && options.observables.empty()) {
    return absl::InvalidArgumentError("a hunt needs rules or observables");
  }
  if (options.processing.host_watermarks || options.processing.records != nullptr) {
    return absl::InvalidArgumentError("a hunt makes its own watermarks and keeps its records");
  }
  if (options.from > options.to)
    return absl::InvalidArgumentError("the range ends before it begins");
  if (options.warm_up_ns.has_value() && *options.warm_up_ns < 0) {
    return absl::InvalidArgumentError("the warm-up is negative");
  }
  if (options.observables.size() > kMaxObservables) {
    return absl::InvalidArgumentError("a hunt takes at most 100,000 observables");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const HuntPlan>> PlanOf(HuntOptions options,
                                                       std::vector<const SegmentReader*> segments) {
  if (absl::Status s = CheckOptions(options); !s.ok()) return s;
  auto plan = std::make_shared<HuntPlan>();
  plan->sources.insert(options.sources.begin(), options.sources.end());
  for (const std::string& text : options.observables) {
    absl::StatusOr<std::string> normal = NormalizeObservable(text);
    if (!normal.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("'", text, "': ", normal.status().message()));
    }
    const auto i = static_cast<uint32_t>(plan->observable_names.size());
    if (!plan->observables.emplace(*normal, i).second) continue;
    plan->hashes.push_back(HashObservable(*normal));
    plan->observable_names.push_back(*std::move(normal));
  }
  plan->program = options.program != nullptr
                      ? options.program
                      : std::make_shared<const Program>(std::make_unique<ProgramLayout>());
  plan->stateful = KeepsState(*plan->program);
  plan->ranged = options.from != kNoEventTime || options.to != kEndOfTime;
  plan->options = std::move(options);
  plan->segments = std::move(segments);
  return plan;
}

}  // namespace

bool KeepsState(const Program& program) {
  if (program.correlation_count() > 0) return true;
  const std::vector<ProgramRule>& rules = program.layout().rules;
  return std::any_of(rules.begin(), rules.end(),
                     [](const ProgramRule& r) { return r.suppress_ns != 0; });
}

std::string_view HuntStateName(HuntState state) {
  switch (state) {
    case HuntState::kRunning:
      return "running";
    case HuntState::kOutOfBudget:
      return "out_of_budget";
    case HuntState::kCancelled:
      return "cancelled";
    case HuntState::kDone:
      return "done";
    case HuntState::kFailed:
      return "failed";
  }
  return "";
}

std::string HuntHitToJson(const HuntHit& hit) {
  std::string out = "{\"origin\":\"hunt\"";
  if (!hit.observable.empty()) AppendJsonField("observable", hit.observable, &out);
  if (hit.detection != nullptr) {
    out.push_back(',');
    out += std::string_view(DetectionToJson(*hit.detection)).substr(1);
    return out;
  }
  if (hit.time != kNoEventTime) AppendJsonField("time", FormatEventTime(hit.time), &out);
  AppendJsonField("event_source", hit.source, &out);
  absl::StrAppend(&out, ",\"line\":", hit.line, "}");
  return out;
}

HuntJob::Impl::Impl(std::shared_ptr<const HuntPlan> p, HuntSink* s)
    : plan(std::move(p)),
      sink(s),
      engine(plan->program),
      processor(engine.NewProcessor(this, plan->options.processing)),
      worker(std::make_unique<HuntWorker::Impl>(plan)),
      max_events(plan->options.max_events),
      max_cost(plan->options.max_cost) {
  for (const SegmentReader* reader : plan->segments) {
    const SegmentInfo& info = reader->info();
    SegmentCursor& cursor = cursors.emplace_back();
    cursor.rest_min = RestMin(info);
    const bool untimed = std::any_of(info.blocks.begin(), info.blocks.end(),
                                     [](const BlockInfo& b) { return b.untimed > 0; });
    cursor.first = untimed ? kNoEventTime : cursor.rest_min[0];
    progress.blocks_total += info.blocks.size();
    for (const BlockInfo& b : info.blocks) progress.events_total += b.events;
  }
}

absl::Status HuntJob::Impl::Hit(HuntHit* hit) {
  if (plan->ranged && (hit->time == kNoEventTime || hit->time < plan->options.from ||
                       hit->time >= plan->options.to)) {
    return absl::OkStatus();
  }
  if (current != nullptr && !plan->observables.empty()) {
    hit->observable = plan->observable_names[current->observable];
  }
  ++progress.hits;
  return sink->OnHit(*hit);
}

absl::Status HuntJob::Impl::OnDetection(const Detection& detection) {
  HuntHit hit;
  hit.detection = &detection;
  hit.time = detection.time;
  if (detection.evidence != nullptr) {
    // Of several events, that of the moment says nothing.
    const LoadedEvent* const saved = std::exchange(current, nullptr);
    absl::Status status = Hit(&hit);
    current = saved;
    return status;
  }
  hit.place = place;
  hit.source = detection.event_source;
  hit.line = detection.event_line;
  return Hit(&hit);
}

EventTime HuntJob::Impl::KeyOf(const SegmentCursor& cursor) const {
  return std::max(cursor.reached, cursor.loaded->events[cursor.event].time);
}

size_t HuntJob::Impl::Earliest() const {
  size_t best = SIZE_MAX;
  for (size_t i = 0; i < cursors.size(); ++i) {
    if (cursors[i].loaded == nullptr) continue;
    if (best == SIZE_MAX || KeyOf(cursors[i]) < KeyOf(cursors[best])) best = i;
  }
  return best;
}

// Segments whose events may be the next ones.
void HuntJob::Impl::Activate() {
  if (plan->options.order == HuntOrder::kAsListed) {
    const auto next = std::find_if(cursors.begin(), cursors.end(),
                                   [](const SegmentCursor& c) { return !c.done(); });
    if (next != cursors.end()) next->active = true;
    return;
  }
  const size_t earliest = Earliest();
  EventTime bound = kEndOfTime;
  if (earliest != SIZE_MAX) {
    bound = KeyOf(cursors[earliest]);
  } else {
    for (const SegmentCursor& c : cursors) {
      if (!c.done()) bound = std::min(bound, c.active ? c.reached : c.first);
    }
  }
  for (SegmentCursor& c : cursors) {
    if (!c.done() && c.first <= bound) c.active = true;
  }
}

bool HuntJob::Impl::NothingLeft() const {
  const bool ends = plan->ranged && plan->options.to != kEndOfTime;
  return std::all_of(cursors.begin(), cursors.end(), [&](const SegmentCursor& c) {
    if (c.done()) return true;
    return ends && c.loaded == nullptr && !c.counted && c.rest_min[c.block] >= plan->options.to;
  });
}

absl::StatusOr<bool> HuntJob::Impl::MaySkip(size_t segment, size_t block) const {
  const SegmentReader& reader = *plan->segments[segment];
  const SegmentInfo& info = reader.info();
  const BlockInfo& b = info.blocks[block];
  const auto wanted = [&](const BlockSource& s) {
    return plan->WantsSource(info.sources[s.source]);
  };
  if (!plan->sources.empty() && std::none_of(b.sources.begin(), b.sources.end(), wanted)) {
    return true;
  }
  if (plan->ranged) {
    const HuntOptions& o = plan->options;
    // Without a time nothing is in the range, nor does any rule remember it.
    if (b.min_time == kNoEventTime) return true;
    if (!plan->stateful && (b.max_time < o.from || b.min_time >= o.to)) return true;
    if (o.warm_up_ns.has_value() &&
        b.max_time<o.from&& static_cast<uint64_t>(o.from) -
                   static_cast<uint64_t>(b.max_time)> static_cast<uint64_t>(*o.warm_up_ns)) {
      return true;
    }
  }
  if (plan->hashes.empty()) return false;
  const absl::StatusOr<bool> may = reader.MayHold(block, plan->hashes);
  if (may.ok()) return !*may;
  // A filter that is damaged leaves nothing out.
  if (absl::IsDataLoss(may.status())) return false;
  return may.status();
}

void HuntJob::Impl::Lose(size_t segment, size_t block, std::string reason) {
  ++progress.blocks_lost;
  progress.events_lost +=
      plan->segments[segment]->info().blocks[block].events - cursors[segment].event;
  progress.exact = false;
  if (progress.losses.size() < kMaxHuntLosses) {
    progress.losses.push_back({segment, block, std::move(reason)});
  }
}

absl::Status HuntJob::Impl::NeedBlock(size_t segment) {
  SegmentCursor& cursor = cursors[segment];
  const BlockInfo& info = plan->segments[segment]->info().blocks[cursor.block];
  const auto pass = [&cursor, &info] {
    cursor.reached = std::max(cursor.reached, info.max_time);
    cursor.event = 0;
    ++cursor.block;
  };
  // What was read before the job was resumed is read again for nothing: else a job that is resumed
  // after each block would never get beyond the first of several segments.
  const bool begun = std::exchange(cursor.counted, false);
  if (!begun) {
    const absl::StatusOr<bool> skip = MaySkip(segment, cursor.block);
    if (!skip.ok()) return skip.status();
    if (*skip) {
      ++looked_at;
      ++progress.blocks_skipped;
      if (plan->stateful && info.max_time < plan->options.from && info.min_time != kNoEventTime) {
        progress.exact = false;
      }
      pass();
      return absl::OkStatus();
    }
  }
  const auto it = ready.find({segment, cursor.block});
  std::unique_ptr<LoadedBlock> loaded;
  if (it != ready.end()) {
    loaded = std::move(it->second);
    ready.erase(it);
  } else {
    loaded = worker.impl_->Load(segment, cursor.block);
  }
  if (!loaded->status.ok() && !absl::IsDataLoss(loaded->status)) {
    cursor.counted = begun;
    return loaded->status;
  }
  if (!begun) ++looked_at;
  if (!loaded->status.ok() || loaded->events.size() < cursor.event) {
    if (begun) --progress.blocks_read;
    Lose(segment, cursor.block, std::string(loaded->status.message()));
    pass();
    return absl::OkStatus();
  }
  if (!begun) {
    ++progress.blocks_read;
    progress.bytes_read += info.bytes;
  }
  if (loaded->events.size() == cursor.event) {
    pass();
  } else {
    cursor.loaded = std::move(loaded);
  }
  return absl::OkStatus();
}

absl::Status HuntJob::Impl::TakeEvent(size_t segment, SegmentCursor* cursor,
                                      const LoadedEvent& event) {
  place = {segment, cursor->block, cursor->event};
  ++cursor->event;
  ++progress.events_scanned;
  cursor->reached = std::max(cursor->reached, event.time);
  progress.reached = std::max(progress.reached, event.time);
  if (event.in_batch == kLeftOut) {
    ++progress.events_left_out;
    return absl::OkStatus();
  }
  current = &event;
  absl::Status status;
  if (plan->options.program != nullptr) {
    status = processor->Process(cursor->loaded->batch, event.in_batch);
  } else {
    HuntHit hit;
    hit.time = event.time;
    hit.place = place;
    hit.source = event.source;
    hit.line = event.line;
    status = Hit(&hit);
  }
  current = nullptr;
  return status;
}

// Takes events of the segment as long as they are the next of all.
absl::Status HuntJob::Impl::TakeEvents(size_t segment) {
  SegmentCursor& cursor = cursors[segment];
  EventTime bound = kEndOfTime;  // of others; equal keys go by the segments' places
  bool others = false;
  bool first_of_equal = true;
  if (plan->options.order == HuntOrder::kByTime) {
    for (size_t i = 0; i < cursors.size(); ++i) {
      const SegmentCursor& c = cursors[i];
      if (i == segment || c.done()) continue;
      // One that is not active yet may begin at its first time.
      const EventTime key = c.loaded != nullptr ? KeyOf(c) : c.first;
      if (!others || key < bound) {
        bound = key;
        first_of_equal = segment < i && c.loaded != nullptr;
      }
      others = true;
    }
  }
  do {
    const LoadedEvent& event = cursor.loaded->events[cursor.event];
    if (absl::Status s = TakeEvent(segment, &cursor, event); !s.ok()) {
      progress.state = HuntState::kFailed;
      return s;
    }
    if (cursor.event == cursor.loaded->events.size()) {
      cursor.loaded.reset();
      cursor.event = 0;
      ++cursor.block;
      return absl::OkStatus();
    }
  } while (!others || KeyOf(cursor) < bound || (KeyOf(cursor) == bound && first_of_equal));
  return absl::OkStatus();
}

absl::Status HuntJob::Impl::Finish() {
  for (const SegmentCursor& c : cursors) {
    if (c.done()) continue;
    progress.blocks_skipped += c.blocks() - c.block;
  }
  progress.state = HuntState::kDone;
  if (plan->options.program == nullptr) return absl::OkStatus();
  absl::Status status = processor->Flush();
  if (!status.ok()) progress.state = HuntState::kFailed;
  return status;
}

HuntJob::HuntJob(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HuntJob::~HuntJob() = default;

absl::StatusOr<std::unique_ptr<HuntJob>> HuntJob::Start(HuntOptions options,
                                                        std::vector<const SegmentReader*> segments,
                                                        HuntSink* sink) {
  auto plan = PlanOf(std::move(options), std::move(segments));
  if (!plan.ok()) return plan.status();
  return std::unique_ptr<HuntJob>(new HuntJob(std::make_unique<Impl>(*std::move(plan), sink)));
}

absl::StatusOr<std::unique_ptr<HuntJob>> HuntJob::Resume(HuntOptions options,
                                                         std::vector<const SegmentReader*> segments,
                                                         HuntSink* sink, std::string_view token) {
  auto job = Start(std::move(options), std::move(segments), sink);
  if (!job.ok()) return job.status();
  if (absl::Status s = (*job)->impl_->Load(token); !s.ok()) return s;
  return job;
}

absl::StatusOr<HuntProgress> HuntJob::Poll(size_t max_blocks) {
  Impl& impl = *impl_;
  HuntProgress& progress = impl.progress;
  impl.looked_at = 0;
  const auto spent = [&impl, &progress] {
    return (impl.max_events != 0 && progress.events_scanned >= impl.max_events) ||
           (impl.max_cost != 0 && progress.cost >= impl.max_cost);
  };
  while (progress.state == HuntState::kRunning) {
    if (impl.NothingLeft()) {
      if (absl::Status s = impl.Finish(); !s.ok()) return s;
      break;
    }
    impl.Activate();
    const auto needs = std::find_if(
        impl.cursors.begin(), impl.cursors.end(),
        [](const SegmentCursor& c) { return c.active && !c.done() && c.loaded == nullptr; });
    absl::Status status;
    if (needs == impl.cursors.end()) {
      status = impl.TakeEvents(impl.Earliest());
    } else if (spent()) {
      progress.state = HuntState::kOutOfBudget;
    } else if (impl.looked_at >= std::max<size_t>(max_blocks, 1)) {
      break;
    } else {
      status = impl.NeedBlock(static_cast<size_t>(needs - impl.cursors.begin()));
    }
    if (!status.ok()) return status;
  }
  return progress;
}

const HuntProgress& HuntJob::progress() const { return impl_->progress; }

void HuntJob::Cancel() {
  HuntState& state = impl_->progress.state;
  if (state == HuntState::kRunning || state == HuntState::kOutOfBudget) {
    state = HuntState::kCancelled;
  }
}

void HuntJob::AddCost(uint64_t cost) { impl_->progress.cost += cost; }

void HuntJob::RaiseBudget(uint64_t max_events, uint64_t max_cost) {
  impl_->max_events = max_events;
  impl_->max_cost = max_cost;
  if (impl_->progress.state == HuntState::kOutOfBudget) {
    impl_->progress.state = HuntState::kRunning;
  }
}

HuntWorker HuntJob::NewWorker() const {
  return HuntWorker(std::make_unique<HuntWorker::Impl>(impl_->plan));
}

}  // namespace vedette::inline v0
