// Reads fields of events for alerts: those of the catalog and those that policies and matchers
// name.
#ifndef VEDETTE_LIB_ALERT_EVENT_FIELDS_H_
#define VEDETTE_LIB_ALERT_EVENT_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/alert/field_catalog.h"
#include "lib/base/strings.h"
#include "vedette/detection.h"
#include "vedette/event.h"
#include "vedette/field_path.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// A field's value as text, with the name it was read by.
struct FieldText {
  std::string_view name;
  std::string text;
  size_t alternative = 0;  // place among the row's names
};

// Texts of a value that is JSON, as detections have them: one of a scalar, each of a list.
void AppendJsonTexts(std::string_view json, std::vector<std::string>* out);

// Thread-compatible. Remembers for each adapter and shape where the fields stand; adapters must
// outlive it.
class EventFields {
 public:
  EventFields() = default;
  EventFields(const EventFields&) = delete;
  EventFields& operator=(const EventFields&) = delete;

  // Reads the next fields from this event (may be null: there is none) or, of a rule over several
  // events, from the detection's evidence. Both must live until the next Begin.
  void Begin(const EventView* event, const Detection* detection);
  // Scalars of the row's first name that has a value; at most 16.
  void Row(size_t row, std::vector<FieldText>* out);
  // Scalars of a field that a policy or matcher names.
  void Named(std::string_view name, std::vector<std::string>* out);

 private:
  struct Bound {
    FieldPath path;
    int binding;
  };
  struct Alternative {
    std::string_view name;
    std::vector<Bound> paths;
    std::vector<Bound> domain;  // of `name+domain`
  };
  struct Plan {
    const EventAdapter* adapter;
    EventShape shape;
    std::vector<std::vector<Alternative>> rows;
    absl::flat_hash_map<std::string, std::vector<Bound>, StringHash, StringEq> named;
  };

  Plan* PlanOf(const EventView& event);
  std::vector<Bound> Bind(const Plan& plan, std::string_view name, bool windows) const;
  Value Get(const std::vector<Bound>& paths);
  void ReadPairs();
  void RowOfEvent(size_t row, std::vector<FieldText>* out);
  void RowOfPairs(size_t row, std::vector<FieldText>* out);

  const EventView* event_ = nullptr;
  const Detection* detection_ = nullptr;
  Plan* plan_ = nullptr;
  bool pairs_read_ = false;
  std::vector<std::pair<std::string_view, std::string>> pairs_;  // of the detection
  std::vector<std::unique_ptr<Plan>> plans_;
  ValueArena arena_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_EVENT_FIELDS_H_
