// XML records as JSON: how converters write an element's attributes and text. Windows events come
// in many of these forms, e.g. <Data Name="Image">x</Data> as {"@Name":"Image","#text":"x"}.
#ifndef VEDETTE_LIB_EVENT_XML_JSON_H_
#define VEDETTE_LIB_EVENT_XML_JSON_H_

#include <string_view>

#include "vedette/value.h"

namespace vedette::inline v0 {

// Whether members of this name hold an element's attributes ("#attributes").
bool IsXmlAttributes(std::string_view name);
// The attribute of an element: `@Name`, `#attributes: {Name}`, or plain `Name`. Null or absent if
// none.
const Value* FindXmlAttribute(const Value& element, std::string_view name);
Value XmlAttribute(const Value& element, std::string_view name);
// The text of an element that is written as an object: `#text`, `content`, ... Absent if it has
// none or `element` is no object.
Value XmlText(const Value& element);
// The name of a named element such as EventData's <Data Name="...">; empty if it has none.
std::string_view XmlName(const Value& element);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_XML_JSON_H_
