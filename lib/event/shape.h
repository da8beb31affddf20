// What an event's own tree tells about it, for those who know its key bits already.
#ifndef VEDETTE_LIB_EVENT_SHAPE_H_
#define VEDETTE_LIB_EVENT_SHAPE_H_

#include <cstdint>
#include <functional>

#include "vedette/event.h"

namespace vedette::inline v0 {

// KeyBit of every name of `root`; all ones if it is no object.
uint64_t KeyBitsOf(const Value& root);
// As DetectShape and FindEventTime; `key_bits` are those of `root`.
EventShape DetectShape(const Value& root, uint64_t key_bits);
EventTime FindEventTime(const Value& root, EventShape shape, uint64_t key_bits);
// `parse` stands for ParseEventTime.
EventTime FindEventTime(const Value& root, EventShape shape, uint64_t key_bits,
                        const std::function<EventTime(const Value&)>& parse);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_SHAPE_H_
