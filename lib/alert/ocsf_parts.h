// Objects that OCSF findings share.
#ifndef VEDETTE_LIB_ALERT_OCSF_PARTS_H_
#define VEDETTE_LIB_ALERT_OCSF_PARTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "lib/event/json_writer.h"
#include "vedette/alert/alert.h"

namespace vedette::inline v0 {

// The class, activity and type attributes of a finding.
void WriteOcsfClass(uint32_t class_uid, std::string_view class_name, uint32_t activity_id,
                    std::string_view activity_name, JsonWriter* w);
// `attacks`; nothing if there are neither tactics nor techniques.
void WriteOcsfAttacks(const std::vector<std::string>& tactics,
                      const std::vector<std::string>& techniques, JsonWriter* w);
// `metadata.product`.
void WriteOcsfProduct(JsonWriter* w);
void WriteOcsfTime(std::string_view name, EventTime t, JsonWriter* w);
// `analytic` of a rule.
void WriteOcsfAnalytic(const AlertRule& rule, JsonWriter* w);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ALERT_OCSF_PARTS_H_
