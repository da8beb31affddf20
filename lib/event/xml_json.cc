#include "lib/event/xml_json.h"

#include <algorithm>
#include <array>

namespace vedette::inline v0 {
namespace {

// Objects of attributes: evtx_dump, PHP and others, xml2js.
constexpr std::array<std::string_view, 5> kAttributes = {"#attributes", "@attributes",
                                                         "_attributes", "attributes", "$"};
// Marks before an attribute's own name: xmltodict and Json.NET, Go's mxj, x2js.
constexpr std::string_view kMarks = "@-_";
// Members that hold the text, those that are surely no data of the record's first.
constexpr std::array<std::string_view, 10> kTexts = {"#text", "content", "text",  "Value", "$", "_",
                                                     "_text", "__text",  "value", "@Value"};

}  // namespace

bool IsXmlAttributes(std::string_view name) {
  return std::find(kAttributes.begin(), kAttributes.end(), name) != kAttributes.end();
}

const Value* FindXmlAttribute(const Value& element, std::string_view name) {
  if (!element.is_object()) return nullptr;
  for (const Member& member : element.members()) {
    if (member.name == name) return &member.value;
    if (member.name.size() == name.size() + 1 && member.name.ends_with(name) &&
        kMarks.find(member.name[0]) != std::string_view::npos) {
      return &member.value;
    }
    if (member.value.is_object() && IsXmlAttributes(member.name)) {
      for (const Member& attribute : member.value.members()) {
        if (attribute.name == name) return &attribute.value;
      }
    }
  }
  return nullptr;
}

Value XmlAttribute(const Value& element, std::string_view name) {
  const Value* const found = FindXmlAttribute(element, name);
  return found == nullptr ? Value() : *found;
}

Value XmlText(const Value& element) {
  if (!element.is_object()) return Value();
  for (const std::string_view name : kTexts) {
    const Value text = element.Find(name);
    if (!text.absent() && !text.is_object()) return text;
  }
  return Value();
}

std::string_view XmlName(const Value& element) {
  Value name = XmlAttribute(element, "Name");
  if (name.absent()) name = XmlAttribute(element, "name");
  return name.is_string() ? name.string() : std::string_view();
}

}  // namespace vedette::inline v0
