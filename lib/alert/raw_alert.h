// A detection on its way to becoming an alert: what decides about it is read at once, the rest when
// it is asked for.
#ifndef VEDETTE_LIB_ALERT_RAW_ALERT_H_
#define VEDETTE_LIB_ALERT_RAW_ALERT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/alert/event_fields.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/pipeline.h"
#include "vedette/detection.h"

namespace vedette::inline v0 {

// A rule of the current program, prepared.
struct RuleEntry {
  std::shared_ptr<const AlertRule> rule;
  const AlertPolicy* policy = nullptr;
  uint8_t confidence = 0;
  uint64_t tactics = 0;
};

// The values of a field: what a matcher or a key looks at.
using FieldTexts = std::vector<std::string>;

// What decides about an alert, and the way to the rest of it.
class RawAlert {
 public:
  virtual ~RawAlert() = default;

  std::shared_ptr<const AlertRule> rule;
  const AlertPolicy* policy = nullptr;
  std::string tenant;
  uint64_t tactics = 0;
  Level severity = Level::kMedium;
  Outcome outcome = Outcome::kUnknown;
  Criticality criticality = Criticality::kNormal;
  EventTime time = kNoEventTime;  // what folds go by
  std::string key;                // values, without the rule
  bool key_missing = false;
  const Detection* detection = nullptr;  // null once it has waited

  // Of "entity", "entity.TYPE" or a field of the event; see AlertTest.
  virtual void Texts(std::string_view field, FieldTexts* out) = 0;
  virtual EventPlace Place() = 0;
  // All but what the pipeline decides (reason, verdicts).
  virtual Alert Build() = 0;
};

// A detection and its event, read. Thread-compatible; used again and again.
class Reading {
 public:
  explicit Reading(const PipelineOptions* options) : options_(options) {}

  void Begin(const Detection& detection, const RuleEntry& entry, const EventContext& context);
  // The keys by which the alert folds: one, or with Multi::kPerValue one for each combination.
  // Returns how many were too many.
  size_t MakeKeys();
  size_t key_count() const { return keys_.size(); }

  // Fills the head of `raw` for the i-th key.
  void FillHead(size_t i, RawAlert* raw);
  void Texts(std::string_view field, FieldTexts* out);
  EventPlace Place();
  Alert Build(size_t i);

 private:
  // A field of the key and its values; none: missing.
  struct KeyField {
    std::string name;
    FieldTexts values;
  };
  struct Key {
    std::string bytes;
    std::vector<KeyField> fields;
    bool missing = false;
  };
  void ReadKeyFields(std::vector<KeyField>* out);
  void AddKey(std::vector<KeyField> fields);
  const std::vector<AlertEntity>& Entities();
  std::string FirstOfRow(size_t row);
  // Outcome, severity and criticality, once for all keys.
  void ReadHead();
  Outcome ReadOutcome();
  Level SeverityOf(Outcome outcome) const;
  const EntityTable& table() const { return *options_->entities; }

  const PipelineOptions* options_;
  EventFields fields_;
  const Detection* detection_ = nullptr;
  const RuleEntry* entry_ = nullptr;
  EventContext context_;
  std::vector<Key> keys_;
  bool head_read_ = false;
  Outcome outcome_ = Outcome::kUnknown;
  Level severity_ = Level::kMedium;
  Criticality criticality_ = Criticality::kNormal;
  bool entities_read_ = false;
  std::vector<AlertEntity> entities_;
  std::vector<FieldText> texts_;
};

// Of a reading, as long as it has not begun with the next.
class LiveAlert : public RawAlert {
 public:
  LiveAlert(Reading* reading, size_t i) : reading_(reading), i_(i) { reading->FillHead(i, this); }
  void Texts(std::string_view field, FieldTexts* out) override { reading_->Texts(field, out); }
  EventPlace Place() override { return reading_->Place(); }
  Alert Build() override { return reading_->Build(i_); }

 private:
  Reading* reading_;
  size_t i_;
};

// One that waits: the whole alert, and the fields that matchers named when it came.
struct WaitingAlert {
  Alert alert;
  std::string key;
  bool key_missing = false;
  EventTime time = kNoEventTime;
  std::vector<std::pair<std::string, std::string>> fields;
};

class KeptAlert : public RawAlert {
 public:
  KeptAlert(WaitingAlert* waiting, const AlertPolicy* its_policy);
  void Texts(std::string_view field, FieldTexts* out) override;
  EventPlace Place() override { return waiting_->alert.place; }
  Alert Build() override { return std::move(waiting_->alert); }

 private:
  WaitingAlert* waiting_;
};

// Values of "entity" and "entity.TYPE".
void EntityTexts(const std::vector<AlertEntity>& entities, std::string_view field, FieldTexts* out);

// The id of rule and key, whatever the rule's version.
Id128 FingerprintOf(std::string_view tenant, std::string_view rule_id, std::string_view key);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_RAW_ALERT_H_
