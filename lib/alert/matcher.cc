#include "lib/alert/matcher.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

bool TextSatisfies(const std::string& text, const AlertTest& test,
                   const std::vector<Cidr>& blocks) {
  const auto any = [&](auto f) { return std::any_of(test.values.begin(), test.values.end(), f); };
  switch (test.op) {
    case AlertTest::Op::kEquals:
      return any([&](const std::string& v) { return text == v; });
    case AlertTest::Op::kPrefix:
      return any([&](const std::string& v) { return text.starts_with(v); });
    case AlertTest::Op::kSuffix:
      return any([&](const std::string& v) { return text.ends_with(v); });
    case AlertTest::Op::kContains:
      return any([&](const std::string& v) { return text.find(v) != std::string::npos; });
    case AlertTest::Op::kCidr: {
      bool v6 = false;
      std::array<uint8_t, 16> bytes{};
      return ParseAddress(text, &v6, &bytes) &&
             std::any_of(blocks.begin(), blocks.end(),
                         [&](const Cidr& b) { return Contains(b, v6, bytes); });
    }
    case AlertTest::Op::kExists:
      return true;
  }
  return false;
}

absl::Status ValidateCommon(std::string_view what, std::string_view id, std::string_view owner,
                            std::string_view reason, EventTime expires_at, EventTime now) {
  const auto bad = [&](std::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat(ToAbsl(what), " \"", ToAbsl(id), "\" ", ToAbsl(why)));
  };
  if (id.empty()) return absl::InvalidArgumentError(absl::StrCat(ToAbsl(what), " has no id"));
  if (owner.empty()) return bad("has no owner");
  if (reason.empty()) return bad("has no reason");
  if (expires_at == kNoEventTime) return bad("has no end");
  if (now == kNoEventTime) return bad("cannot be checked without the time");
  if (expires_at <= now) return bad("has ended already");
  if (expires_at - now > kMaxSuppressionNs) return bad("ends in more than 90 days");
  return absl::OkStatus();
}

}  // namespace

bool IsAlertField(std::string_view field) {
  static constexpr std::array<std::string_view, 7> kFields = {
      "rule", "tag", "tactic", "severity", "outcome", "tenant", "entity"};
  return std::find(kFields.begin(), kFields.end(), field) != kFields.end() || field == "source" ||
         field.starts_with("entity.");
}

void TextsOf(RawAlert* raw, std::string_view field, FieldTexts* out) {
  out->clear();
  if (field == "rule") {
    *out = {raw->rule->id, raw->rule->title};
  } else if (field == "tag") {
    *out = raw->rule->tags;
  } else if (field == "tactic") {
    *out = raw->rule->tactics;
  } else if (field == "severity") {
    *out = {std::string(LevelName(raw->severity))};
  } else if (field == "outcome") {
    *out = {std::string(OutcomeName(raw->outcome))};
  } else if (field == "tenant") {
    *out = {raw->tenant};
  } else if (field == "source") {
    *out = {raw->Place().source};
  } else {
    raw->Texts(field, out);
  }
  for (std::string& text : *out) text = NormalizeEntity(text);
}

absl::StatusOr<CompiledMatcher> CompiledMatcher::Compile(const AlertMatcher& matcher) {
  CompiledMatcher out;
  if (matcher.tests.empty()) return absl::InvalidArgumentError("a matcher matches everything");
  for (const AlertTest& test : matcher.tests) {
    Test compiled;
    compiled.test = test;
    if (test.field.empty()) return absl::InvalidArgumentError("a test names no field");
    if (test.values.empty() != (test.op == AlertTest::Op::kExists)) {
      return absl::InvalidArgumentError(
          absl::StrCat("the test of \"", test.field, "\" has ",
                       test.values.empty() ? "no values" : "values that it does not need"));
    }
    for (std::string& value : compiled.test.values) {
      value = NormalizeEntity(value);
      if (value.empty()) {
        return absl::InvalidArgumentError(
            absl::StrCat("the test of \"", test.field, "\" has an empty value"));
      }
      if (test.op != AlertTest::Op::kCidr) continue;
      std::string error;
      const auto block = ParseCidr(value, &error);
      if (!block.has_value()) return absl::InvalidArgumentError(error);
      compiled.blocks.push_back(*block);
    }
    out.tests_.push_back(std::move(compiled));
  }
  return out;
}

bool CompiledMatcher::Matches(RawAlert* raw) const {
  FieldTexts texts;
  for (const Test& t : tests_) {
    TextsOf(raw, t.test.field, &texts);
    const bool holds = std::any_of(texts.begin(), texts.end(), [&t](const std::string& text) {
      return TextSatisfies(text, t.test, t.blocks);
    });
    if (holds == t.test.negate) return false;
  }
  return true;
}

void CompiledMatcher::AppendFields(std::vector<std::string>* out) const {
  for (const Test& t : tests_) {
    if (!IsAlertField(t.test.field)) out->push_back(t.test.field);
  }
}

absl::Status Validate(const Suppression& s, EventTime now) {
  if (const absl::Status status =
          ValidateCommon("suppression", s.id, s.owner, s.reason, s.expires_at, now);
      !status.ok()) {
    return status;
  }
  if (s.tenants.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("suppression \"", s.id, "\" has no scope: name tenants, or \"*\" for all"));
  }
  if (s.kind == Suppression::Kind::kMaintenance && s.starts_at == kNoEventTime) {
    return absl::InvalidArgumentError(absl::StrCat("maintenance \"", s.id, "\" has no beginning"));
  }
  if (s.starts_at != kNoEventTime && s.starts_at >= s.expires_at) {
    return absl::InvalidArgumentError(
        absl::StrCat("suppression \"", s.id, "\" ends before it begins"));
  }
  return CompiledMatcher::Compile(s.matcher).status();
}

absl::Status Validate(const Inhibition& i, EventTime now) {
  if (const absl::Status status =
          ValidateCommon("inhibition", i.id, i.owner, i.reason, i.expires_at, now);
      !status.ok()) {
    return status;
  }
  if (i.equal.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("inhibition \"", i.id, "\" names no fields that must be equal"));
  }
  if (i.duration_ns <= 0 || i.duration_ns > kMaxSuppressionNs) {
    return absl::InvalidArgumentError(
        absl::StrCat("inhibition \"", i.id, "\" has no duration between 0 and 90 days"));
  }
  if (const absl::Status s = CompiledMatcher::Compile(i.source).status(); !s.ok()) return s;
  return CompiledMatcher::Compile(i.target).status();
}

}  // namespace vedette::inline v0
