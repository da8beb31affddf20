#include "lib/alert/raw_alert.h"

#include <algorithm>

#include "lib/alert/alert_rule.h"
#include "lib/alert/entities.h"
#include "lib/alert/field_catalog.h"
#include "lib/base/xxh64.h"
#include "lib/program/saved_format.h"
#include "vedette/version.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxKeys = 64;
constexpr size_t kMaxCommandLine = 1024;

std::string HexOf(uint64_t n) { return Id128{0, n}.ToText().substr(16); }

Level LowerBy1(Level level) {
  return level <= Level::kInformational ? level : static_cast<Level>(static_cast<int>(level) - 1);
}

}  // namespace

Id128 FingerprintOf(std::string_view tenant, std::string_view rule_id, std::string_view key) {
  std::string bytes = "fingerprint";
  AppendText(tenant, &bytes);
  AppendText(rule_id, &bytes);
  AppendText(key, &bytes);
  return MakeId(bytes);
}

void EntityTexts(const std::vector<AlertEntity>& entities, std::string_view field,
                 FieldTexts* out) {
  out->clear();
  const size_t dot = field.find('.');
  const std::string_view type = dot == std::string_view::npos ? "" : field.substr(dot + 1);
  for (const AlertEntity& e : entities) {
    if (type.empty() || type == EntityTypeName(e.entity.type)) out->push_back(e.entity.value);
  }
}

void Reading::Begin(const Detection& detection, const RuleEntry& entry,
                    const EventContext& context) {
  detection_ = &detection;
  entry_ = &entry;
  context_ = context;
  // Rules over several events are not about the event at which they were judged.
  if (detection.evidence != nullptr) {
    context_.event = nullptr;
    context_.raw = {};
    context_.raw_digest = {};
  }
  fields_.Begin(context_.event, &detection);
  keys_.clear();
  head_read_ = false;
  entities_read_ = false;
  entities_.clear();
}

void Reading::ReadKeyFields(std::vector<KeyField>* out) {
  const std::vector<std::string>& names = entry_->policy->key_fields;
  if (!names.empty()) {
    for (const std::string& name : names) {
      KeyField& field = out->emplace_back();
      field.name = name;
      Texts(name, &field.values);
    }
  } else if (detection_->evidence != nullptr && !detection_->evidence->key.empty()) {
    for (const auto& [name, json] : detection_->evidence->key) {
      KeyField& field = out->emplace_back();
      field.name = name;
      AppendJsonTexts(json, &field.values);
    }
  } else {
    static constexpr std::pair<std::string_view, size_t> kDefaults[] = {
        {"device", kDeviceRow}, {"user", kActorRow}, {"process", kProcessRow}};
    out->reserve(3);
    for (const auto& [name, row] : kDefaults) {
      KeyField& field = out->emplace_back();
      field.name = name;
      bool missing = false;
      std::string text = KeyTextOf(row, &fields_, table(), &missing);
      if (!missing) field.values.push_back(std::move(text));
    }
    return;  // folded already
  }
  for (KeyField& field : *out) {
    for (std::string& value : field.values) value = NormalizeEntity(value);
    std::sort(field.values.begin(), field.values.end());
    field.values.erase(std::unique(field.values.begin(), field.values.end()), field.values.end());
  }
}

// Number of values, then each; a missing field is 0 unless it is dropped, which leaves its place
// out: the place stands before each field.
void Reading::AddKey(std::vector<KeyField> fields) {
  Key& key = keys_.emplace_back();
  for (size_t i = 0; i < fields.size(); ++i) {
    const KeyField& field = fields[i];
    if (field.values.empty()) {
      key.missing = true;
      if (entry_->policy->nulls == AlertPolicy::Nulls::kDropKey) continue;
    }
    AppendVarint(i, &key.bytes);
    AppendVarint(field.values.size(), &key.bytes);
    for (const std::string& value : field.values) AppendText(value, &key.bytes);
  }
  key.fields = std::move(fields);
}

size_t Reading::MakeKeys() {
  std::vector<KeyField> fields;
  ReadKeyFields(&fields);
  if (entry_->policy->multi == AlertPolicy::Multi::kWholeSet) {
    AddKey(std::move(fields));
    return 0;
  }
  size_t total = 1;
  for (const KeyField& field : fields) {
    total = std::min(total * std::max<size_t>(field.values.size(), 1), size_t{1} << 20);
  }
  const size_t taken = std::min(total, kMaxKeys);
  for (size_t n = 0; n < taken; ++n) {
    std::vector<KeyField> one = fields;
    size_t rest = n;
    for (KeyField& field : one) {
      if (field.values.size() < 2) continue;
      std::string value = field.values[rest % field.values.size()];
      rest /= field.values.size();
      field.values = {std::move(value)};
    }
    AddKey(std::move(one));
  }
  return total - taken;
}

Outcome Reading::ReadOutcome() {
  for (const auto& [name, json] : detection_->outcomes) {
    if (name != "outcome") continue;
    if (json == "\"blocked\"") return Outcome::kBlocked;
    if (json == "\"allowed\"") return Outcome::kAllowed;
  }
  return OutcomeOf(&fields_);
}

Level Reading::SeverityOf(Outcome outcome) const {
  Level level = entry_->rule->level;
  for (const auto& [name, json] : detection_->outcomes) {
    if (name != "severity" || json.size() < 3) continue;
    const auto named = LevelByName(std::string_view(json).substr(1, json.size() - 2));
    if (named.has_value()) level = *named;
  }
  if (level == Level::kUnset) level = Level::kMedium;
  return outcome == Outcome::kBlocked ? LowerBy1(level) : level;
}

void Reading::ReadHead() {
  if (std::exchange(head_read_, true)) return;
  outcome_ = ReadOutcome();
  severity_ = SeverityOf(outcome_);
  criticality_ = Criticality::kNormal;
  // Without a table nothing is known of anything.
  if (table().size() == 0) return;
  bool first = true;
  for (const AlertEntity& e : Entities()) {
    criticality_ = first ? e.criticality : std::max(criticality_, e.criticality);
    first = false;
  }
}

void Reading::FillHead(size_t i, RawAlert* raw) {
  raw->rule = entry_->rule;
  raw->policy = entry_->policy;
  raw->tenant = context_.tenant;
  raw->tactics = entry_->tactics;
  ReadHead();
  raw->outcome = outcome_;
  raw->severity = severity_;
  raw->criticality = criticality_;
  raw->time = detection_->time;
  if (detection_->evidence != nullptr && detection_->evidence->last != kNoEventTime) {
    raw->time = detection_->evidence->last;
  }
  if (raw->time == kNoEventTime) raw->time = context_.now;
  if (raw->time == kNoEventTime) raw->time = 0;
  raw->key = keys_[i].bytes;
  raw->key_missing = keys_[i].missing;
  raw->detection = detection_;
}

const std::vector<AlertEntity>& Reading::Entities() {
  if (!entities_read_) {
    entities_read_ = true;
    ExtractEntities(&fields_, table(), FirstOfRow(kProcessRow), &entities_);
  }
  return entities_;
}

std::string Reading::FirstOfRow(size_t row) {
  fields_.Row(row, &texts_);
  return texts_.empty() ? std::string() : texts_.front().text;
}

void Reading::Texts(std::string_view field, FieldTexts* out) {
  if (field == "entity" || field.starts_with("entity.")) {
    EntityTexts(Entities(), field, out);
  } else {
    fields_.Named(field, out);
  }
}

EventPlace Reading::Place() {
  EventPlace place;
  place.time = detection_->time;
  place.source = detection_->event_source;
  place.line = detection_->event_line;
  if (detection_->evidence != nullptr && !detection_->evidence->events.empty()) {
    const EvidenceEvent& first = detection_->evidence->events.front();
    place.time = first.time;
    place.source = first.event_source;
    place.line = first.event_line;
  }
  for (size_t i = 0; context_.event != nullptr && i < Catalog().size(); ++i) {
    const CatalogRow::Kind kind = Catalog()[i].kind;
    if (!place.uid.empty()) break;
    if (kind == CatalogRow::Kind::kUid) place.uid = FirstOfRow(i);
    if (kind == CatalogRow::Kind::kRecordId) {
      const std::string record = FirstOfRow(i);
      if (record.empty()) continue;
      FieldTexts channel;
      fields_.Named("Channel", &channel);
      place.uid = NormalizeEntity(FirstOfRow(kDeviceRow)) + "/" +
                  (channel.empty() ? std::string() : channel.front()) + "/" + record;
    }
  }
  place.raw_size = context_.raw.size();
  if (!context_.raw_digest.empty()) {
    place.raw_hash = context_.raw_digest;
  } else if (!context_.raw.empty()) {
    place.raw_hash = "xxh64:" + HexOf(Xxh64(context_.raw));
  }
  return place;
}

Alert Reading::Build(size_t i) {
  Alert a;
  LiveAlert head(this, i);
  a.rule = head.rule;
  a.tenant = head.tenant;
  a.severity = head.severity;
  a.confidence = entry_->confidence;
  for (const auto& [name, json] : detection_->outcomes) {
    const bool number =
        !json.empty() && json.size() <= 3 &&
        std::all_of(json.begin(), json.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (name == "confidence" && number) {
      a.confidence = static_cast<uint8_t>(std::min(std::stoi(json), 100));
    }
  }
  a.event_time = detection_->time;
  a.last_event_time = detection_->time;
  if (detection_->evidence != nullptr) {
    if (detection_->evidence->first != kNoEventTime) a.event_time = detection_->evidence->first;
    if (detection_->evidence->last != kNoEventTime) a.last_event_time = detection_->evidence->last;
  }
  a.alert_time = context_.now != kNoEventTime ? context_.now : head.time;
  a.ingest_time = context_.ingest_time != kNoEventTime ? context_.ingest_time : a.alert_time;
  a.place = Place();
  a.log_source = detection_->log_source;
  a.entities = Entities();
  a.process = FirstOfRow(kProcessRow);
  for (size_t row = 0; row < Catalog().size(); ++row) {
    if (Catalog()[row].kind == CatalogRow::Kind::kCommand) a.command_line = FirstOfRow(row);
  }
  if (a.command_line.size() > kMaxCommandLine) {
    a.command_line.resize(kMaxCommandLine);
    a.command_line += "...";
  }
  a.matched = detection_->matched;
  a.outcomes = detection_->outcomes;
  a.evidence = detection_->evidence;
  for (const KeyField& field : keys_[i].fields) {
    std::string joined;
    for (const std::string& value : field.values) {
      if (!joined.empty()) joined += ", ";
      joined += value;
    }
    a.key.emplace_back(field.name, std::move(joined));
  }
  a.outcome = head.outcome;
  a.criticality = head.criticality;
  a.groups = entry_->policy->groups;
  a.provenance = options_->provenance;
  a.provenance.engine = kVersion;
  a.fingerprint = FingerprintOf(a.tenant, a.rule->id, head.key);
  std::string bytes = "alert";
  AppendText(a.tenant, &bytes);
  AppendText(a.rule->id, &bytes);
  AppendFixed(a.rule->fingerprint, 8, &bytes);
  AppendText(head.key, &bytes);
  AppendZigzag(a.event_time, &bytes);
  AppendText(a.place.uid, &bytes);
  if (a.place.uid.empty()) {
    AppendText(a.place.source, &bytes);
    AppendVarint(a.place.line, &bytes);
  }
  // A rule over several events may fire again on the same first one.
  if (a.evidence != nullptr) AppendZigzag(a.last_event_time, &bytes);
  a.id = MakeId(bytes);
  return a;
}

KeptAlert::KeptAlert(WaitingAlert* waiting, const AlertPolicy* its_policy) : waiting_(waiting) {
  const Alert& a = waiting->alert;
  rule = a.rule;
  policy = its_policy;
  tenant = a.tenant;
  tactics = TacticBits(*a.rule);
  severity = a.severity;
  outcome = a.outcome;
  criticality = a.criticality;
  time = waiting->time;
  key = waiting->key;
  key_missing = waiting->key_missing;
}

void KeptAlert::Texts(std::string_view field, FieldTexts* out) {
  if (field == "entity" || field.starts_with("entity.")) {
    return EntityTexts(waiting_->alert.entities, field, out);
  }
  out->clear();
  for (const auto& [name, value] : waiting_->fields) {
    if (name == field) out->push_back(value);
  }
}

}  // namespace vedette::inline v0
