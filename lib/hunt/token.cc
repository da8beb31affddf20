// A hunt as bytes: magic, u16 form, u64 XXH64 of the rest, then what hunt it is of, how far it got,
// and the processor's snapshot.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/base/xxh64.h"
#include "lib/hunt/job_impl.h"
#include "lib/program/byte_reader.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kTokenMagic("\x89VHT\r\n\x1a\n", 8);
constexpr uint64_t kTokenForm = 1;
constexpr size_t kTokenHeaderBytes = 18;

void AppendSorted(std::vector<std::string> texts, std::string* out) {
  std::sort(texts.begin(), texts.end());
  AppendVarint(texts.size(), out);
  for (const std::string& t : texts) AppendText(t, out);
}

}  // namespace

// Of everything that decides what is found, but for rules and segments.
uint64_t HuntJob::Impl::OptionsHash() const {
  const HuntOptions& o = plan->options;
  std::string bytes;
  AppendVarint(static_cast<uint64_t>(o.order), &bytes);
  AppendZigzag(o.from, &bytes);
  AppendZigzag(o.to, &bytes);
  AppendZigzag(o.warm_up_ns.value_or(-1), &bytes);
  AppendSorted(o.sources, &bytes);
  AppendSorted(plan->observable_names, &bytes);
  const ProcessorOptions& p = o.processing;
  for (const int64_t n : {p.allowed_lateness_ns, p.idle_timeout_ns, p.max_future_skew_ns}) {
    AppendZigzag(n, &bytes);
  }
  const CorrelatorOptions& c = p.correlation;
  for (const uint64_t n :
       {uint64_t{p.evaluation.max_value_bytes}, uint64_t{p.evaluation.max_matched_fields},
        uint64_t{p.evaluation.max_scan_bytes}, uint64_t{c.max_state_bytes},
        static_cast<uint64_t>(c.overflow), uint64_t{c.eager}, uint64_t{c.max_evidence_events},
        uint64_t{c.max_value_bytes}, uint64_t{o.program != nullptr}}) {
    AppendVarint(n, &bytes);
  }
  return Xxh64(bytes);
}

absl::StatusOr<std::string> HuntJob::Token() const {
  const Impl& impl = *impl_;
  const HuntProgress& p = impl.progress;
  if (p.state == HuntState::kFailed) {
    return absl::FailedPreconditionError("the hunt has failed in the middle of an event");
  }
  std::string body;
  AppendFixed(impl.plan->program->fingerprint(), 8, &body);
  AppendFixed(impl.OptionsHash(), 8, &body);
  AppendVarint(impl.cursors.size(), &body);
  for (size_t i = 0; i < impl.cursors.size(); ++i) {
    const SegmentCursor& c = impl.cursors[i];
    AppendFixed(impl.plan->segments[i]->info().identity, 8, &body);
    AppendVarint(c.block, &body);
    AppendVarint(c.event, &body);
    AppendZigzag(c.reached, &body);
    body.push_back(c.active ? '\1' : '\0');
    body.push_back(c.loaded != nullptr || c.counted ? '\1' : '\0');
  }
  AppendVarint(static_cast<uint64_t>(p.state), &body);
  for (const uint64_t n : {p.blocks_read, p.blocks_skipped, p.blocks_lost, p.events_scanned,
                           p.events_left_out, p.events_lost, p.bytes_read, p.hits, p.cost}) {
    AppendVarint(n, &body);
  }
  body.push_back(p.exact ? '\1' : '\0');
  AppendZigzag(p.reached, &body);
  AppendVarint(p.losses.size(), &body);
  for (const HuntLoss& loss : p.losses) {
    AppendVarint(loss.segment, &body);
    AppendVarint(loss.block, &body);
    AppendText(loss.reason, &body);
  }
  AppendText(impl.processor->Snapshot(), &body);
  std::string out(kTokenMagic);
  AppendFixed(kTokenForm, 2, &out);
  AppendFixed(Xxh64(body), 8, &out);
  return out + body;
}

namespace {

struct SavedHunt {
  std::vector<SegmentCursor> cursors;
  HuntProgress progress;
  std::string_view snapshot;
};

// Fills what stands behind the hunt's identity.
void ReadProgress(ByteReader* in, const HuntPlan& plan, SavedHunt* saved) {
  HuntProgress& p = saved->progress;
  p.state = in->Enum(HuntState::kDone, "a state");
  for (uint64_t* n : {&p.blocks_read, &p.blocks_skipped, &p.blocks_lost, &p.events_scanned,
                      &p.events_left_out, &p.events_lost, &p.bytes_read, &p.hits, &p.cost}) {
    *n = in->Varint();
  }
  p.exact = in->Flag();
  p.reached = in->Zigzag();
  for (size_t n = in->Count(3); n > 0 && in->ok(); --n) {
    HuntLoss& loss = p.losses.emplace_back();
    loss.segment = in->Index(plan.segments.size(), "a segment");
    if (!in->ok()) break;
    loss.block = in->Index(plan.segments[loss.segment]->info().blocks.size(), "a block");
    loss.reason = in->Text();
  }
  saved->snapshot = in->Text();
  if (in->ok() && in->left() > 0) in->Fail("it goes on behind its end");
}

void ReadCursor(ByteReader* in, const SegmentInfo& info, SavedHunt* saved) {
  SegmentCursor& c = saved->cursors.emplace_back();
  c.block = in->Index(info.blocks.size() + 1, "a block");
  c.event = in->Varint();
  c.reached = in->Zigzag();
  c.active = in->Flag();
  c.counted = in->Flag();
  const uint64_t events = c.block < info.blocks.size() ? info.blocks[c.block].events : 0;
  if (c.event > 0 && c.event >= events) in->Fail("an event is out of range");
  if (c.counted ? c.block >= info.blocks.size() : c.event > 0) in->Fail("a block is out of range");
}

absl::Status OfAnother(std::string what) {
  return absl::FailedPreconditionError(absl::StrCat("the token is of another hunt: ", what));
}

}  // namespace

absl::Status HuntJob::Impl::Load(std::string_view token) {
  if (token.size() < kTokenHeaderBytes || !token.starts_with(kTokenMagic)) {
    return absl::DataLossError("this is no token of a hunt");
  }
  ByteReader header(token.substr(kTokenMagic.size(), 10));
  const uint64_t form = header.Fixed(2);
  if (form != kTokenForm) {
    return absl::UnimplementedError(
        absl::StrCat("a token of form ", form, "; this reads form ", kTokenForm));
  }
  const std::string_view body = token.substr(kTokenHeaderBytes);
  if (header.Fixed(8) != Xxh64(body)) return absl::DataLossError("the token is damaged");
  ByteReader in(body);
  if (in.Fixed(8) != plan->program->fingerprint()) return OfAnother("its rules are others");
  if (in.Fixed(8) != OptionsHash()) return OfAnother("its options are others");
  if (in.Varint() != cursors.size()) return OfAnother("it has another number of segments");
  SavedHunt saved;
  for (const SegmentReader* segment : plan->segments) {
    if (in.Fixed(8) != segment->info().identity) {
      return OfAnother(absl::StrCat("'", segment->info().name, "' is not the segment it was"));
    }
    ReadCursor(&in, segment->info(), &saved);
  }
  if (in.ok()) ReadProgress(&in, *plan, &saved);
  if (!in.ok()) return absl::DataLossError(absl::StrCat("the token is damaged: ", in.error()));
  const absl::StatusOr<RestoreReport> restored = processor->Restore(saved.snapshot);
  if (!restored.ok()) return restored.status();
  for (size_t i = 0; i < cursors.size(); ++i) {
    cursors[i].block = saved.cursors[i].block;
    cursors[i].event = saved.cursors[i].event;
    cursors[i].reached = saved.cursors[i].reached;
    cursors[i].active = saved.cursors[i].active;
    cursors[i].counted = saved.cursors[i].counted;
  }
  saved.progress.blocks_total = progress.blocks_total;
  saved.progress.events_total = progress.events_total;
  progress = std::move(saved.progress);
  // Whether the budget still holds is seen by the next poll.
  if (progress.state == HuntState::kOutOfBudget || progress.state == HuntState::kCancelled) {
    progress.state = HuntState::kRunning;
  }
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
