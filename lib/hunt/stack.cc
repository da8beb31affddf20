#include "vedette/hunt/stack.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/event/field_resolution.h"
#include "vedette/field_path.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxCombinations = 64;  // of one event
constexpr size_t kMaxFields = 16;
constexpr size_t kEntryBytes = 96;  // of a counter beside its values
constexpr size_t kMaxPlans = 64;

struct Bound {
  FieldPath path;
  int binding;
};

// Where the fields stand in events of one kind.
struct Plan {
  const EventAdapter* adapter;
  EventShape shape;
  std::vector<std::vector<Bound>> fields;
};

struct Counted {
  uint64_t count = 0;
  EventTime first = kNoEventTime;
  EventTime last = kNoEventTime;
};

}  // namespace

struct StackCounter::Impl {
  const Plan& PlanOf(const EventView& event);
  // Texts of a field; none if the event lacks it.
  std::vector<std::string> TextsOf(const EventView& event, const std::vector<Bound>& paths);
  void Count(const std::vector<std::string>& values, EventTime time);
  std::vector<StackRow> Rows() const;

  StackOptions options;
  std::vector<std::unique_ptr<Plan>> plans;
  absl::flat_hash_map<std::vector<std::string>, Counted> counts;
  size_t bytes = 0;
  StackStats stats;
  ValueArena arena;
};

const Plan& StackCounter::Impl::PlanOf(const EventView& event) {
  const EventShape shape = event.shape();
  for (const auto& plan : plans) {
    if (plan->adapter == &event.adapter() && plan->shape == shape) return *plan;
  }
  if (plans.size() == kMaxPlans) plans.erase(plans.begin());
  auto plan = std::make_unique<Plan>();
  plan->adapter = &event.adapter();
  plan->shape = shape;
  for (const std::string& name : options.fields) {
    std::vector<Bound>& bound = plan->fields.emplace_back();
    for (FieldPath& path : ResolveField(name, shape, 0, {})) {
      const int binding = event.adapter().Bind(path);
      if (binding >= 0) bound.push_back({std::move(path), binding});
    }
  }
  plans.push_back(std::move(plan));
  return *plans.back();
}

std::vector<std::string> StackCounter::Impl::TextsOf(const EventView& event,
                                                     const std::vector<Bound>& paths) {
  std::vector<std::string> out;
  const auto add = [&](const Value& v) {
    if (!v.is_scalar()) return;
    std::string text;
    v.AppendText(&text);
    if (text.size() > options.max_value_bytes) text.resize(options.max_value_bytes);
    if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
  };
  for (const Bound& b : paths) {
    const Value v = event.adapter().Get(event.object(), b.path, b.binding, &arena);
    if (v.absent() || v.is_null()) continue;
    add(v);
    if (v.is_list()) {
      for (const Value& item : v.list()) {
        if (out.size() > kMaxCombinations) break;
        add(item);
      }
    }
    break;
  }
  return out;
}

void StackCounter::Impl::Count(const std::vector<std::string>& values, EventTime time) {
  auto it = counts.find(values);
  if (it == counts.end()) {
    size_t more = kEntryBytes;
    for (const std::string& v : values) more += sizeof(std::string) + v.size();
    if (bytes + more > options.max_bytes) {
      ++stats.overflow;
      return;
    }
    bytes += more;
    it = counts.emplace(values, Counted{}).first;
  }
  Counted& c = it->second;
  ++c.count;
  if (time == kNoEventTime) return;
  c.first = c.first == kNoEventTime ? time : std::min(c.first, time);
  c.last = std::max(c.last, time);
}

std::vector<StackRow> StackCounter::Impl::Rows() const {
  std::vector<StackRow> rows;
  rows.reserve(counts.size());
  for (const auto& [values, c] : counts) rows.push_back({values, c.count, c.first, c.last});
  return rows;
}

absl::StatusOr<std::unique_ptr<StackCounter>> StackCounter::Create(StackOptions options) {
  if (options.fields.empty() || options.fields.size() > kMaxFields) {
    return absl::InvalidArgumentError("a stack takes 1 to 16 fields");
  }
  for (const std::string& name : options.fields) {
    const absl::StatusOr<FieldPath> path = FieldPath::Parse(name);
    if (!path.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("'", name, "': ", path.status().message()));
    }
  }
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  return std::unique_ptr<StackCounter>(new StackCounter(std::move(impl)));
}

StackCounter::StackCounter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
StackCounter::~StackCounter() = default;

void StackCounter::Add(const EventView& event) {
  Impl& impl = *impl_;
  ++impl.stats.events;
  impl.arena.Reset();
  const Plan& plan = impl.PlanOf(event);
  std::vector<std::vector<std::string>> texts;
  size_t combinations = 1;
  for (const std::vector<Bound>& paths : plan.fields) {
    texts.push_back(impl.TextsOf(event, paths));
    if (texts.back().empty()) {
      ++impl.stats.without;
      return;
    }
    combinations = std::min(combinations * texts.back().size(), kMaxCombinations + 1);
  }
  if (combinations > kMaxCombinations) ++impl.stats.cut_lists;
  std::vector<size_t> at(texts.size());
  std::vector<std::string> values(texts.size());
  for (size_t n = 0; n < std::min(combinations, kMaxCombinations); ++n) {
    for (size_t i = 0; i < texts.size(); ++i) values[i] = texts[i][at[i]];
    impl.Count(values, event.time());
    for (size_t i = texts.size(); i-- > 0;) {
      if (++at[i] < texts[i].size()) break;
      at[i] = 0;
    }
  }
}

namespace {

std::vector<StackRow> FirstOf(std::vector<StackRow> rows, size_t n, bool most) {
  const auto before = [most](const StackRow& a, const StackRow& b) {
    if (a.count != b.count) return most ? a.count > b.count : a.count < b.count;
    return a.values < b.values;
  };
  n = std::min(n, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(n), rows.end(),
                    before);
  rows.resize(n);
  return rows;
}

}  // namespace

std::vector<StackRow> StackCounter::Top(size_t n) const { return FirstOf(impl_->Rows(), n, true); }
std::vector<StackRow> StackCounter::Rarest(size_t n) const {
  return FirstOf(impl_->Rows(), n, false);
}

StackStats StackCounter::stats() const {
  StackStats stats = impl_->stats;
  stats.combinations = impl_->counts.size();
  return stats;
}

}  // namespace vedette::inline v0
