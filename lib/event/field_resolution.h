// Where a field that a rule names stands in an event of a given shape.
#ifndef VEDETTE_LIB_EVENT_FIELD_RESOLUTION_H_
#define VEDETTE_LIB_EVENT_FIELD_RESOLUTION_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/event.h"
#include "vedette/field_path.h"

namespace vedette::inline v0 {

using FieldRenames = std::vector<std::pair<std::string, std::string>>;

// The paths to try in turn; the first that the event has is the field. In this order: the name
// itself (flat key or dotted path), its place in the shape's containers, a renaming of the log
// source, and the same field's names in the shape's vocabularies (the schema's, by event class;
// 0 if the class is unknown). A Sigma name is never replaced by another Sigma name: those of one
// OCSF attribute differ by event (Image, TargetImage). At most 32 paths.
std::vector<FieldPath> ResolveField(std::string_view name, EventShape shape, int32_t class_uid,
                                    const FieldRenames& renames);

// The same for the fields that tell the log source: the record's header goes before its data, which
// may speak of another log under the same name (the Channel of "a log was cleared").
std::vector<FieldPath> ResolveRoutingField(std::string_view name, EventShape shape);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_FIELD_RESOLUTION_H_
