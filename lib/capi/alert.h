// What stands behind the handles of alerts and incidents.
#ifndef VEDETTE_LIB_CAPI_ALERT_H_
#define VEDETTE_LIB_CAPI_ALERT_H_

#include <memory>
#include <optional>

#include "lib/capi/handles.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/incident.h"
#include "vedette/c/alert.h"

struct vedette_alert {
  const vedette::Alert* alert = nullptr;
  std::unique_ptr<const vedette::Alert> owned;  // of a copy; `alert` points to it
};

struct vedette_incident {
  const vedette::Incident* incident = nullptr;
  std::unique_ptr<const vedette::Incident> owned;  // of a copy; `incident` points to it
};

namespace vedette::inline v0::capi {

vedette_id Out(const Id128& id);
// InvalidArgument for NULL and for texts that are no id. `*id` is empty for an id that is none.
Outcome ReadId(const vedette_id* given, Id128* id);
std::unique_ptr<vedette_incident> CopyOf(const Incident& incident);

}  // namespace vedette::inline v0::capi

#endif  // VEDETTE_LIB_CAPI_ALERT_H_
