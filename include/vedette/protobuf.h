// Protobuf messages as events, and the shipped schemas' envelope.
#ifndef VEDETTE_PROTOBUF_H_
#define VEDETTE_PROTOBUF_H_

#include <memory>

#include "vedette/event.h"

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

}  // namespace vedette::inline v0

#endif  // VEDETTE_PROTOBUF_H_
