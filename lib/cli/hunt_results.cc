#include "lib/cli/hunt_results.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/cli/save_file.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "vedette/alert/incidents.h"
#include "vedette/hunt/pivot.h"
#include "vedette/hunt/scan.h"
#include "vedette/hunt/stack.h"

namespace vedette::inline v0::cli {
namespace {

absl::Status Invalid(const std::string& message) {
  return absl::InvalidArgumentError(message.c_str());
}

absl::StatusOr<Entity> EntityOf(std::string_view text) {
  const size_t equals = text.find('=');
  const std::optional<EntityType> type = EntityTypeByName(text.substr(0, equals));
  if (equals == std::string_view::npos || !type.has_value() || equals + 1 == text.size()) {
    return Invalid(
        "--pivot takes TYPE=VALUE, with a type of device, user, process, session, "
        "file_hash, internal_ip, external_ip, domain, email");
  }
  return Entity{*type, std::string(text.substr(equals + 1))};
}

std::string TimeText(EventTime t) { return t == kNoEventTime ? "-" : FormatEventTime(t); }

class Results {
 public:
  Results(const Options& options, const HuntSettings& settings, bool hunted,
          const std::vector<KeptHit>& hits, std::vector<HuntPlace> places, Console* console)
      : options_(options),

        hits_(hits),
        places_(std::move(places)),
        console_(console),
        lines_(options.Value("output") == "ndjson") {
    for (const auto& s : settings.segments) segments_.push_back(s.get());
    std::sort(places_.begin(), places_.end());
    places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
    scan_.from = settings.hunt.from;
    scan_.to = settings.hunt.to;
    scan_.sources = settings.hunt.sources;
    if (hunted) scan_.places = &places_;
    top_ = static_cast<size_t>(options.Number("top", 10).value_or(10));
  }

  absl::Status Make() {
    absl::Status status;
    if (options_.Has("stack")) status = Stack();
    if (status.ok() && options_.Has("pivot")) status = Pivot();
    if (status.ok() && options_.Has("draft")) status = Draft();
    if (status.ok() && options_.Has("incident")) status = Promote();
    return status;
  }

 private:
  using Visitor = std::function<bool(const EventView&, const HuntPlace&)>;

  absl::Status Scan(const Visitor& visit) {
    const absl::StatusOr<ScanResult> result = ScanEvents(segments_, scan_, visit);
    if (!result.ok()) return result.status();
    for (const HuntLoss& loss : result->losses) {
      console_->Error(Clean(segments_[loss.segment]->info().name + ": " + loss.reason));
    }
    return absl::OkStatus();
  }

  absl::Status Stack() {
    StackOptions stack_options;
    stack_options.fields = options_.SplitValues("stack");
    auto stack = StackCounter::Create(stack_options);
    if (!stack.ok()) return stack.status();
    const absl::Status scanned = Scan([&](const EventView& event, const HuntPlace&) {
      (*stack)->Add(event);
      return !Interrupted();
    });
    if (!scanned.ok()) return scanned;
    const bool rare = options_.Has("rare");
    const std::vector<StackRow> rows = rare ? (*stack)->Rarest(top_) : (*stack)->Top(top_);
    if (lines_) {
      for (const StackRow& row : rows) WriteStackLine(stack_options.fields, row);
      return absl::OkStatus();
    }
    std::vector<ListTable::Column> columns = {{"EVENTS", 6, Keep::kBegin, true}};
    for (const std::string& field : stack_options.fields) columns.push_back({field, 10});
    columns.push_back({"FIRST", 20});
    columns.push_back({"LAST", 20});
    ListTable table(columns);
    for (const StackRow& row : rows) {
      std::vector<std::string> cells = {WithCommas(row.count)};
      for (const std::string& v : row.values) cells.push_back(Clean(v));
      cells.push_back(TimeText(row.first));
      cells.push_back(TimeText(row.last));
      table.Add(std::move(cells));
    }
    if (!table.empty()) console_->out->Write(table.Format(console_->width, console_->color_out));
    const StackStats stats = (*stack)->stats();
    console_->out->Write(Count(stats.combinations, "value") + " in " +
                         Count(stats.events, "event") + ", " + WithCommas(stats.without) +
                         " without\n");
    if (!stats.exact()) {
      console_->out->Write(WithCommas(stats.overflow) +
                           " more were not counted by value, for want of memory: there are values "
                           "that are not shown\n");
    }
    return absl::OkStatus();
  }

  void WriteStackLine(const std::vector<std::string>& fields, const StackRow& row) {
    std::string line = "{";
    AppendJsonMember("count", row.count, &line);
    AppendJsonKey("values", &line);
    line += "{";
    for (size_t i = 0; i < fields.size(); ++i) AppendJsonMember(fields[i], row.values[i], &line);
    line += "}";
    if (row.first != kNoEventTime) {
      AppendJsonMember("first", FormatEventTime(row.first), &line);
      AppendJsonMember("last", FormatEventTime(row.last), &line);
    }
    console_->out->WriteLine(line + "}");
  }

  absl::Status Pivot() {
    const absl::StatusOr<Entity> entity = EntityOf(options_.Value("pivot"));
    if (!entity.ok()) return entity.status();
    PivotOptions pivot_options;
    pivot_options.entity = *entity;
    PivotCounter pivot(pivot_options);
    const absl::Status scanned = Scan([&](const EventView& event, const HuntPlace& place) {
      pivot.AddEvent(event, place);
      return !Interrupted();
    });
    if (!scanned.ok()) return scanned;
    const absl::StatusOr<std::vector<HitAlert>> alerts = Alerts();
    if (!alerts.ok()) return alerts.status();
    for (const HitAlert& a : *alerts) pivot.AddAlert(a.alert);
    const PivotResult result = pivot.Result(top_);
    if (lines_) {
      for (const Neighbour& n : result.neighbours) {
        std::string line = "{";
        AppendJsonMember("type", EntityTypeName(n.entity.type), &line);
        AppendJsonMember("value", n.entity.value, &line);
        AppendJsonMember("events", n.events, &line);
        AppendJsonMember("alerts", n.alerts, &line);
        console_->out->WriteLine(line + "}");
      }
      return absl::OkStatus();
    }
    console_->out->Write(std::string(EntityTypeName(result.entity.type)) + " " +
                         Clean(result.entity.value) + ": " + Count(result.events, "event") +
                         " of " + WithCommas(result.events_seen) + ", " +
                         Count(result.alerts, "alert") + ", " + TimeText(result.first) + " to " +
                         TimeText(result.last) + "\n");
    ListTable table({{"EVENTS", 6, Keep::kBegin, true},
                     {"ALERTS", 6, Keep::kBegin, true},
                     {"TYPE", 11},
                     {"NEIGHBOUR", 20},
                     {"FIRST", 20},
                     {"LAST", 20}});
    for (const Neighbour& n : result.neighbours) {
      table.Add({WithCommas(n.events), WithCommas(n.alerts),
                 std::string(EntityTypeName(n.entity.type)), Clean(n.entity.value),
                 TimeText(n.first), TimeText(n.last)});
    }
    if (!table.empty()) console_->out->Write(table.Format(console_->width, console_->color_out));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<HitAlert>> Alerts() {
    HitAlertOptions alert_options;
    alert_options.pipeline.policy.on_close = AlertPolicy::OnClose::kRestart;
    alert_options.tenant = options_.Value("tenant", "default");
    alert_options.now = now_;
    return AlertsOfHits(hits_, segments_, alert_options);
  }

  absl::Status Draft() {
    if (places_.empty()) return absl::NotFoundError("no event was found to draft a rule from");
    const auto supply = [](const std::vector<const SegmentReader*>& segments,
                           const ScanOptions& scan, const std::set<HuntPlace>* without) {
      return [&segments, scan, without](const std::function<void(const Event&)>& visit) {
        const absl::StatusOr<ScanResult> result =
            ScanEvents(segments, scan, [&](const EventView& view, const HuntPlace& place) {
              // Events of segments are trees.
              if (without == nullptr || !without->contains(place)) {
                visit(*static_cast<const Event*>(view.object()));
              }
              return !Interrupted();
            });
        return result.status();
      };
    };
    ScanOptions found;
    found.places = &places_;
    std::vector<std::unique_ptr<SegmentReader>> owned;
    std::vector<const SegmentReader*> benign = segments_;
    const std::set<HuntPlace> hits(places_.begin(), places_.end());
    if (options_.Has("benign")) {
      auto opened = OpenSegments(options_.Values("benign"));
      if (!opened.ok()) return opened.status();
      owned = *std::move(opened);
      benign.clear();
      for (const auto& s : owned) benign.push_back(s.get());
    }
    DraftOptions draft_options;
    draft_options.title = options_.Value("name");
    const absl::StatusOr<RuleDraft> draft =
        DraftRule(supply(segments_, found, nullptr),
                  supply(benign, {}, options_.Has("benign") ? nullptr : &hits), draft_options);
    if (!draft.ok()) return draft.status();
    const std::string path(options_.Value("draft"));
    if (absl::Status s = SaveFile(path, draft->text); !s.ok()) return s;
    console_->out->Write(Clean(path) + ": finds " + WithCommas(draft->found) + " of " +
                         Count(draft->positives, "event") + ", and " +
                         WithCommas(draft->false_positives) + " of " + WithCommas(draft->benign) +
                         (options_.Has("benign") ? " benign ones\n" : " others\n"));
    return absl::OkStatus();
  }

  absl::Status Promote() {
    const absl::StatusOr<std::vector<HitAlert>> alerts = Alerts();
    if (!alerts.ok()) return alerts.status();
    TriageSinkForOne nobody;
    auto book = IncidentBook::Create({}, &nobody);
    if (!book.ok()) return book.status();
    IncidentChange change;
    change.actor.id = "hunter";
    change.reason = options_.Value("hypothesis", "found by a hunt");
    change.now = now_;
    std::vector<Alert> all;
    for (const HitAlert& a : *alerts) all.push_back(a.alert);
    const absl::StatusOr<Id128> id =
        (*book)->Promote(all, options_.Value("name"), IncidentOrigin::kHunt, change);
    if (!id.ok()) return id.status();
    for (const HitAlert& a : *alerts) (*book)->NoteFold(a.alert.id, a.count, a.last_seen);
    const std::string path(options_.Value("incident"));
    const Incident& incident = *(*book)->Find(*id);
    if (absl::Status s = SaveFile(path, IncidentToJson(incident, true) + "\n"); !s.ok()) return s;
    console_->out->Write(Clean(path) + ": incident " + id->ToText() + ", " +
                         Count(incident.alerts.size(), "alert") + ", " +
                         Count(incident.entities.size(), "entity", "entities") + "\n");
    return absl::OkStatus();
  }

  struct TriageSinkForOne : IncidentSink {
    absl::Status OnIncident(const IncidentNotice&) override { return absl::OkStatus(); }
  };

  const Options& options_;
  const std::vector<KeptHit>& hits_;
  std::vector<HuntPlace> places_;
  Console* const console_;
  const bool lines_;
  std::vector<const SegmentReader*> segments_;
  ScanOptions scan_;
  size_t top_ = 10;
  const EventTime now_ = absl::ToUnixNanos(absl::Now());
};

}  // namespace

std::vector<OptionSpec> HuntResultOptions() {
  return {
      {"stack", 0, OptionKind::kRepeat, "FIELD,..",
       "Count the values of these fields, together, in the events that were found; without --rules "
       "and --observable, in all."},
      {"rare", 0, OptionKind::kFlag, "", "With --stack: the rarest values, not the most common."},
      {"top", 'n', OptionKind::kValue, "N", "Rows of --stack and --pivot. Default: 10."},
      {"pivot", 0, OptionKind::kValue, "TYPE=VALUE",
       "Where this entity was seen and with whom: device=ws1, user=corp\\al, external_ip=.., .."},
      {"draft", 0, OptionKind::kValue, "FILE",
       "Write a rule that tells the events that were found from others, and say how well."},
      {"benign", 0, OptionKind::kWords, "PATH",
       "With --draft: segments with events that the rule should not find. Default: all other "
       "events "
       "of --segments."},
      {"incident", 0, OptionKind::kValue, "FILE",
       "Write the hits as one incident, with its alerts, as JSON."},
      {"tenant", 0, OptionKind::kValue, "NAME",
       "Whose events these are; part of the ids of alerts. Default: default."},
  };
}

bool WantsResults(const Options& options) {
  return options.Has("stack") || options.Has("pivot") || options.Has("draft") ||
         options.Has("incident");
}

absl::Status CheckResultOptions(const Options& options) {
  const absl::StatusOr<uint64_t> top = options.Number("top", 10);
  if (!top.ok()) return top.status();
  if (options.Has("pivot")) {
    const absl::StatusOr<Entity> entity = EntityOf(options.Value("pivot"));
    if (!entity.ok()) return entity.status();
  }
  const bool looks = options.Has("rules") || options.Has("observable");
  if (options.Has("draft") && !looks) return Invalid("--draft needs --rules or --observable");
  if (options.Has("incident") && !options.Has("rules")) return Invalid("--incident needs --rules");
  return absl::OkStatus();
}

absl::Status MakeResults(const Options& options, const HuntSettings& settings, bool hunted,
                         const std::vector<KeptHit>& hits, std::vector<HuntPlace> places,
                         Console* console) {
  return Results(options, settings, hunted, hits, std::move(places), console).Make();
}

}  // namespace vedette::inline v0::cli
