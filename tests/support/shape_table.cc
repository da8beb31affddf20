#include "tests/support/shape_table.h"

#include <algorithm>
#include <sstream>

#include "vedette/json.h"
#include "vedette/value.h"

namespace vedette::testing {
namespace {

std::string Trim(std::string text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.erase(0, 1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.pop_back();
  return text;
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> out;
  for (std::string word; stream >> word;) out.push_back(word);
  return out;
}

std::vector<std::string> Members(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> out;
  for (std::string part; std::getline(stream, part, ',');) out.push_back(Trim(part));
  return out;
}

class Checker {
 public:
  Checker(const ShapeTable& table, std::vector<std::string>* problems)
      : table_(table), problems_(problems) {}

  void Object(const std::string& name, const Value& v, const std::string& path) {
    const auto it = table_.find(name);
    if (it == table_.end()) return Say(path, "the table has no " + name);
    if (!v.is_object()) return Say(path, "no object");
    std::map<std::string, std::string, std::less<>> types;
    for (const std::string& member : Members(it->second)) {
      if (member.starts_with("any(")) {
        const std::vector<std::string> names = Words(member.substr(4, member.size() - 5));
        if (std::none_of(names.begin(), names.end(),
                         [&v](const std::string& n) { return !v.Find(n).absent(); })) {
          Say(path, member);
        }
        continue;
      }
      const size_t blank = member.find(' ');
      std::string type = member.substr(blank + 1);
      const std::string key = member.substr(0, blank);
      if (type.ends_with('!')) {
        type.pop_back();
        if (v.Find(key).absent()) Say(path + "." + key, "is missing");
      }
      types[key] = type;
    }
    for (const Member& m : v.members()) {
      const auto type = types.find(m.name);
      const std::string at = path + "." + std::string(m.name);
      if (type == types.end()) {
        Say(at, "is unknown");
      } else {
        Typed(type->second, m.value, at);
      }
    }
  }

 private:
  void Say(const std::string& path, const std::string& what) {
    problems_->push_back(path + ": " + what);
  }

  void Typed(const std::string& type, const Value& v, const std::string& path) {
    if (type == "j") return;
    if (type.starts_with('[')) {
      if (!v.is_list() || v.list().empty()) return Say(path, "no list with something in it");
      for (const Value& item : v.list()) Typed(type.substr(1, type.size() - 2), item, path + "[]");
      return;
    }
    std::string text;
    if (v.is_scalar()) v.AppendText(&text);
    const size_t open = type.find('(');
    const std::string base = type.substr(0, open);
    const bool integer = v.kind() == ValueKind::kInt || v.kind() == ValueKind::kUint;
    if (base == "s" && (!v.is_string() || text.empty())) return Say(path, "no text");
    if ((base == "i" || base == "i+") && !integer) return Say(path, "no integer");
    if (base == "i+" && text.starts_with('-')) return Say(path, "is negative");
    if (base == "n" && !v.is_number()) return Say(path, "no number");
    if (base == "b" && v.kind() != ValueKind::kBool) return Say(path, "no boolean");
    if (base == "s" || base == "i" || base == "i+" || base == "n" || base == "b") {
      if (open == std::string::npos) return;
      const std::vector<std::string> allowed = Words(type.substr(open + 1, type.size() - open - 2));
      if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
        Say(path, "must not be " + text);
      }
      return;
    }
    Object(type, v, path);
  }

  const ShapeTable& table_;
  std::vector<std::string>* problems_;
};

}  // namespace

std::vector<std::string> ShapeProblems(const ShapeTable& table, const std::string& name,
                                       std::string_view json) {
  std::vector<std::string> problems;
  JsonParser parser;
  Event event;
  if (const absl::Status status = parser.Parse(json, &event); !status.ok()) {
    return {std::string(status.message())};
  }
  Checker(table, &problems).Object(name, event.root(), "$");
  return problems;
}

}  // namespace vedette::testing
