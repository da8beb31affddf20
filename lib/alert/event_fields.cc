#include "lib/alert/event_fields.h"

#include <algorithm>

#include "lib/base/utf8.h"
#include "lib/event/field_resolution.h"
#include "vedette/schema.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxValues = 16;
constexpr size_t kMaxPlans = 64;
constexpr size_t kMaxNamed = 1024;  // fields that one plan remembers

bool IsWindows(EventShape shape) {
  return shape == EventShape::kWindowsFlat || shape == EventShape::kWindowsEvtx ||
         shape == EventShape::kWinlogbeat || shape == EventShape::kWinlogbeatOld;
}

bool UsesEcs(EventShape shape) {
  return shape == EventShape::kWinlogbeat || shape == EventShape::kEcs ||
         shape == EventShape::kGeneric;
}

// Calls `f` for each text of a scalar or list of scalars, at most kMaxValues.
template <typename F>
void ForEachText(const Value& v, F f) {
  if (v.is_scalar()) {
    std::string text;
    v.AppendText(&text);
    f(std::move(text));
  } else if (v.is_list()) {
    size_t n = 0;
    for (const Value& item : v.list()) {
      if (!item.is_scalar()) continue;
      std::string text;
      item.AppendText(&text);
      f(std::move(text));
      if (++n == kMaxValues) return;
    }
  }
}

// What a log writes where it has nothing to say.
bool IsNothing(std::string_view text) {
  return text.empty() || text == "-" || text == "null" || text == "N/A" || text == "n/a" ||
         text == "{00000000-0000-0000-0000-000000000000}" ||
         text == "00000000-0000-0000-0000-000000000000";
}

// One JSON string at the beginning of `json`, which is cut off; false if there is none.
bool TakeJsonString(std::string_view* json, std::string* out) {
  if (json->empty() || json->front() != '"') return false;
  size_t i = 1;
  while (i < json->size() && (*json)[i] != '"') {
    if ((*json)[i] != '\\' || i + 1 >= json->size()) {
      out->push_back((*json)[i++]);
      continue;
    }
    const char c = (*json)[i + 1];
    i += 2;
    if (c == 'u') {
      const auto code = HexDigits(json->substr(std::min(i, json->size())), 4);
      if (!code.has_value()) return false;
      AppendUtf8(*code, out);
      i += 4;
    } else {
      out->push_back(c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c);
    }
  }
  json->remove_prefix(std::min(i + 1, json->size()));
  return true;
}

}  // namespace

void AppendJsonTexts(std::string_view json, std::vector<std::string>* out) {
  const bool list = json.starts_with('[');
  if (list) json.remove_prefix(1);
  for (size_t n = 0; n < kMaxValues && !json.empty() && json.front() != ']'; ++n) {
    std::string text;
    if (json.front() == '"') {
      if (!TakeJsonString(&json, &text)) return;
      out->push_back(std::move(text));
    } else {
      const size_t end = list ? std::min(json.find_first_of(",]"), json.size()) : json.size();
      text = json.substr(0, end);
      json.remove_prefix(end);
      if (text != "null" && !text.starts_with('{') && !text.starts_with('[')) {
        out->push_back(std::move(text));
      }
    }
    if (json.starts_with(',')) json.remove_prefix(1);
  }
}

void EventFields::Begin(const EventView* event, const Detection* detection) {
  event_ = event;
  detection_ = detection;
  plan_ = nullptr;
  pairs_read_ = false;
  pairs_.clear();
  arena_.Reset();
  if (event != nullptr) plan_ = PlanOf(*event);
}

EventFields::Plan* EventFields::PlanOf(const EventView& event) {
  const EventShape shape = event.shape();
  for (const auto& plan : plans_) {
    if (plan->adapter == &event.adapter() && plan->shape == shape) return plan.get();
  }
  if (plans_.size() == kMaxPlans) plans_.erase(plans_.begin());
  auto plan = std::make_unique<Plan>();
  plan->adapter = &event.adapter();
  plan->shape = shape;
  for (const CatalogRow& row : Catalog()) {
    std::vector<Alternative>& alternatives = plan->rows.emplace_back();
    // Zeek calls the header of a request so: who was asked, and not who saw it.
    const bool no_host = shape == EventShape::kZeek && row.type == EntityType::kDevice;
    const auto add = [&](std::string_view names, bool windows) {
      ForEachName(names, [&](std::string_view name) {
        if (no_host && name == "host") return;
        const size_t plus = name.find('+');
        Alternative a;
        a.name = name.substr(0, plus);
        a.paths = Bind(*plan, a.name, windows);
        if (plus != std::string_view::npos) {
          a.domain = Bind(*plan, name.substr(plus + 1), windows);
        }
        if (!a.paths.empty()) alternatives.push_back(std::move(a));
      });
    };
    if (IsWindows(shape) || shape == EventShape::kGeneric) add(row.windows, IsWindows(shape));
    if (UsesEcs(shape)) add(row.ecs, false);
    if (shape == EventShape::kOcsf || shape == EventShape::kGeneric) add(row.ocsf, false);
    if (shape != EventShape::kOcsf && !IsWindows(shape)) add(row.other, false);
  }
  plans_.push_back(std::move(plan));
  return plans_.back().get();
}

std::vector<EventFields::Bound> EventFields::Bind(const Plan& plan, std::string_view name,
                                                  bool windows) const {
  std::vector<FieldPath> paths;
  if (windows) {
    paths = ResolveField(name, plan.shape, 0, {});
  } else if (absl::StatusOr<FieldPath> path = FieldPath::Parse(name); path.ok()) {
    paths.push_back(*std::move(path));
  }
  std::vector<Bound> bound;
  for (FieldPath& path : paths) {
    const int binding = plan.adapter->Bind(path);
    if (binding >= 0) bound.push_back({std::move(path), binding});
  }
  return bound;
}

Value EventFields::Get(const std::vector<Bound>& paths) {
  for (const Bound& b : paths) {
    const Value v = plan_->adapter->Get(event_->object(), b.path, b.binding, &arena_);
    if (!v.absent()) return v;
  }
  return {};
}

void EventFields::RowOfEvent(size_t row, std::vector<FieldText>* out) {
  const std::vector<Alternative>& alternatives = plan_->rows[row];
  for (size_t i = 0; i < alternatives.size(); ++i) {
    const Alternative& a = alternatives[i];
    const size_t before = out->size();
    ForEachText(Get(a.paths), [&](std::string text) {
      if (!IsNothing(text)) out->push_back({a.name, std::move(text), i});
    });
    if (out->size() == before) continue;
    if (!a.domain.empty() && out->back().text.find_first_of("\\@") == std::string::npos) {
      ForEachText(Get(a.domain), [&](std::string domain) {
        if (!IsNothing(domain)) out->back().text = std::move(domain) + "\\" + out->back().text;
      });
    }
    return;
  }
}

void EventFields::ReadPairs() {
  if (pairs_read_ || detection_ == nullptr) return;
  pairs_read_ = true;
  std::vector<std::string> texts;
  const auto add_json = [&](std::string_view name, std::string_view json) {
    texts.clear();
    AppendJsonTexts(json, &texts);
    for (std::string& text : texts) pairs_.emplace_back(name, std::move(text));
  };
  if (detection_->evidence != nullptr) {
    for (const auto& [name, json] : detection_->evidence->key) add_json(name, json);
    for (const EvidenceEvent& event : detection_->evidence->events) {
      for (const auto& [name, json] : event.fields) add_json(name, json);
    }
  } else {
    for (const MatchedField& m : detection_->matched) {
      if (!m.field.empty()) pairs_.emplace_back(m.field, m.value);
    }
  }
  for (const auto& [name, json] : detection_->outcomes) add_json(name, json);
}

void EventFields::RowOfPairs(size_t row, std::vector<FieldText>* out) {
  ReadPairs();
  const CatalogRow& spec = Catalog()[row];
  size_t alternative = 0;
  bool found = false;
  for (const std::string_view names : {spec.windows, spec.ecs, spec.ocsf, spec.other}) {
    ForEachName(names, [&](std::string_view joined) {
      const std::string_view name = joined.substr(0, joined.find('+'));
      ++alternative;
      if (found) return;
      for (const auto& [field, text] : pairs_) {
        if (field != name || IsNothing(text)) continue;
        const bool known = std::any_of(out->begin(), out->end(),
                                       [&t = text](const FieldText& f) { return f.text == t; });
        if (!known && out->size() < kMaxValues) out->push_back({field, text, alternative});
        found = true;
      }
    });
  }
}

void EventFields::Row(size_t row, std::vector<FieldText>* out) {
  out->clear();
  if (plan_ != nullptr) {
    RowOfEvent(row, out);
  } else {
    RowOfPairs(row, out);
  }
}

void EventFields::Named(std::string_view name, std::vector<std::string>* out) {
  out->clear();
  if (plan_ != nullptr) {
    auto it = plan_->named.find(name);
    if (it == plan_->named.end()) {
      if (plan_->named.size() == kMaxNamed) plan_->named.clear();
      std::vector<Bound> bound;
      for (FieldPath& path : ResolveField(name, plan_->shape, 0, {})) {
        const int binding = plan_->adapter->Bind(path);
        if (binding >= 0) bound.push_back({std::move(path), binding});
      }
      it = plan_->named.emplace(name, std::move(bound)).first;
    }
    ForEachText(Get(it->second), [out](std::string text) { out->push_back(std::move(text)); });
    if (!out->empty()) return;
  }
  ReadPairs();
  for (const auto& [field, text] : pairs_) {
    if (field != name || std::find(out->begin(), out->end(), text) != out->end()) continue;
    if (out->size() < kMaxValues) out->push_back(text);
  }
}

}  // namespace vedette::inline v0
