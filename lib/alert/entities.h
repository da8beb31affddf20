// From the fields of an event to the entities of an alert.
#ifndef VEDETTE_LIB_ALERT_ENTITIES_H_
#define VEDETTE_LIB_ALERT_ENTITIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "lib/alert/event_fields.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/entity.h"

namespace vedette::inline v0 {

inline constexpr size_t kMaxAlertEntities = 64;

// All entities of what `fields` has begun with, each once; `process` is the acting program's path.
void ExtractEntities(EventFields* fields, const EntityTable& table, std::string_view process,
                     std::vector<AlertEntity>* out);

// The first value of a row as folds compare it: folded, users and devices under their one name.
std::string KeyTextOf(size_t row, EventFields* fields, const EntityTable& table, bool* missing);

// What a control did, by words like "blocked" and numbers of OCSF's disposition.
Outcome OutcomeOf(EventFields* fields);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_ENTITIES_H_
