// Protobuf messages as events, and the shipped schemas' envelope.
#ifndef VEDETTE_PROTOBUF_H_
#define VEDETTE_PROTOBUF_H_

#include <memory>

#include "absl/status/status.h"
#include "vedette/event.h"
#include "vedette/value.h"

namespace google::protobuf {
class Descriptor;
class Message;
}  // namespace google::protobuf

namespace vedette::inline v0 {

// Reads any protobuf message in place, by its descriptor: field paths follow field names through
// messages, repeated fields are lists, maps are objects, unset `optional` fields are absent, enums
// are their names (the number stands at `<field>.number`). For the shipped
// vedette.proto.Event the fields of the set body stand at the top, as in OCSF JSON, and `unmapped`
// entries are found by their own names.
//
// The object of an EventView is the `google::protobuf::Message`. Bind is done per descriptor;
// thread-safe once built. `descriptor` must outlive the adapter.
std::unique_ptr<EventAdapter> NewProtobufAdapter(const google::protobuf::Descriptor* descriptor);

// View of a message of the adapter's descriptor.
EventView ProtobufView(const EventAdapter& adapter, const google::protobuf::Message& message);

// Fills a vedette.proto.Event from an OCSF event as a tree, such as the root of what JsonParser
// made of AlertToOcsfJson. Attributes of the event's class go into its body, others of the envelope
// into the envelope; a list or object where the schema has a text is its JSON. Whatever the schema
// has no field for, or a value that does not fit its field, is kept in `unmapped` under its path,
// with dots between the names; lists become lists of values. Nulls of known fields are dropped. The
// same for the same input; thread-safe. `out` is cleared first; it borrows nothing.
// InvalidArgument for a message that is no vedette.proto.Event, or a value that is no object.
absl::Status OcsfToProtobuf(const Value& event, google::protobuf::Message* out);

}  // namespace vedette::inline v0

#endif  // VEDETTE_PROTOBUF_H_
