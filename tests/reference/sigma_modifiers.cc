#include "tests/reference/sigma_modifiers.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace vedette::reference {
namespace {

using Kind = Matcher::Kind;
using Forms = std::vector<Matcher>;

constexpr int64_t kRegexMemory = 64 << 20;

class Modifiers {
 public:
  Modifiers(const std::vector<std::string>& names, const Placeholders& placeholders,
            std::string* why)
      : names_(names), placeholders_(placeholders), why_(why) {}

  bool Build(const std::vector<Yaml>& written, Item* item) {
    for (const std::string& name : names_) {
      if (name == "expand") expands_ = true;
      if (name == "all") item->all = true;
      if (name == "neq") item->negated = true;
    }
    for (const Yaml& value : written) {
      Forms forms(1);
      if (!Start(value, &forms[0])) return false;
      for (size_t i = 0; i < names_.size(); ++i) {
        if (!Apply(i, value, item->keyword, &forms)) return false;
      }
      for (Matcher& form : forms) {
        if (!Finish(item->keyword, &form)) return false;
      }
      item->values.push_back(std::move(forms));
    }
    return true;
  }

 private:
  bool Fail(std::string why) {
    *why_ = std::move(why);
    return false;
  }

  bool Wrong(const std::string& modifier) {
    return Fail("modifier '" + modifier + "' does not fit this value");
  }

  bool Start(const Yaml& value, Matcher* out) {
    out->text = value.text;
    switch (value.kind) {
      case Yaml::Kind::kNull:
        out->kind = Kind::kNull;
        return true;
      case Yaml::Kind::kBool:
        out->kind = Kind::kBool;
        out->text = AsciiLower(value.text);
        return true;
      case Yaml::Kind::kNumber:
        out->kind = Kind::kNumber;
        out->text = CanonicalNumber(value.text);
        return true;
      case Yaml::Kind::kString:
        out->kind = Kind::kString;
        out->pattern = ParsePattern(value.text, expands_);
        return true;
      case Yaml::Kind::kList:
      case Yaml::Kind::kMap:
        break;
    }
    return Fail("value is not a scalar");
  }

  bool Apply(size_t index, const Yaml& value, bool keyword, Forms* forms) {
    const std::string& name = names_[index];
    if (name == "all" || name == "neq") return true;
    if (name == "expand") return Expand(forms);
    if (name == "base64offset") return Base64Offset(forms);
    for (Matcher& form : *forms) {
      if (name == "exists") {
        if (keyword || index != 0 || form.kind != Kind::kBool) return Wrong(name);
        form.kind = Kind::kExists;
        form.wanted = form.text == "true";
        continue;
      }
      if (name == "re") {
        if (index != 0) return Fail("modifier 're' must be the first");
        if (form.kind != Kind::kString && form.kind != Kind::kNumber) return Wrong(name);
        form.kind = Kind::kRegex;
        form.text = value.text;
        continue;
      }
      if (!ApplyOne(name, value, keyword, &form)) return false;
    }
    return true;
  }

  bool ApplyOne(const std::string& name, const Yaml& value, bool keyword, Matcher* form) {
    static const std::map<std::string, Compare> kCompares = {{"lt", Compare::kLess},
                                                             {"lte", Compare::kLessEqual},
                                                             {"gt", Compare::kGreater},
                                                             {"gte", Compare::kGreaterEqual}};
    static const std::map<std::string, TimePart> kParts = {
        {"minute", TimePart::kMinute}, {"hour", TimePart::kHour},   {"day", TimePart::kDay},
        {"week", TimePart::kWeek},     {"month", TimePart::kMonth}, {"year", TimePart::kYear}};
    if (const auto compare = kCompares.find(name); compare != kCompares.end()) {
      const bool part = form->kind == Kind::kTimePart && form->compare == Compare::kEqual;
      if (keyword || (form->kind != Kind::kNumber && !part)) return Wrong(name);
      if (!part) form->kind = Kind::kCompare;
      form->compare = compare->second;
      form->number = DecimalValue(form->text);
      return true;
    }
    if (const auto part = kParts.find(name); part != kParts.end()) {
      if (keyword || form->kind != Kind::kNumber) return Wrong(name);
      form->kind = Kind::kTimePart;
      form->part = part->second;
      form->number = DecimalValue(form->text);
      return true;
    }
    if (form->kind == Kind::kRegex) return ApplyToRegex(name, form);
    if (form->kind == Kind::kFieldRef) return ApplyToReference(name, form);
    // A number under a string modifier is the text it was written as.
    if (form->kind == Kind::kNumber) {
      form->kind = Kind::kString;
      form->pattern = ParsePattern(value.text, false);
    }
    if (form->kind != Kind::kString) return IsKnown(name) ? Wrong(name) : Unknown(name);
    return ApplyToString(name, keyword, form);
  }

  bool Unknown(const std::string& name) { return Fail("unknown modifier '" + name + "'"); }

  static bool IsKnown(const std::string& name) {
    for (const char* known : {"contains", "startswith", "endswith", "cased", "windash", "i", "m",
                              "s", "ignorecase", "multiline", "dotall", "base64", "utf16le", "wide",
                              "utf16be", "utf16", "cidr", "fieldref"}) {
      if (name == known) return true;
    }
    return false;
  }

  bool ApplyToRegex(const std::string& name, Matcher* form) {
    if (name == "i" || name == "ignorecase") {
      form->fold_regex = true;
    } else if (name == "m" || name == "multiline") {
      form->multi_line = true;
    } else if (name == "s" || name == "dotall") {
      form->dot_all = true;
    } else if (name == "startswith") {
      // Our choice: the search is unanchored, so that only an anchor can give the word a meaning.
      form->text = "\\A(?:" + form->text + ")";
    } else if (name == "endswith") {
      form->text = "(?:" + form->text + ")\\z";
    } else if (name != "contains") {
      return IsKnown(name) ? Wrong(name) : Unknown(name);
    }
    return true;
  }

  bool ApplyToReference(const std::string& name, Matcher* form) {
    if (name == "cased") {
      form->cased = true;
    } else if (name == "contains") {
      form->open_before = form->open_after = true;
    } else if (name == "startswith") {
      form->open_after = true;
    } else if (name == "endswith") {
      form->open_before = true;
    } else {
      return IsKnown(name) ? Wrong(name) : Unknown(name);
    }
    return true;
  }

  bool ApplyToString(const std::string& name, bool keyword, Matcher* form) {
    Pattern& pattern = form->pattern;
    if (name == "contains" || name == "startswith" || name == "endswith") {
      if (name != "startswith") AddStarBefore(&pattern);
      if (name != "endswith") AddStarAfter(&pattern);
    } else if (name == "cased") {
      form->cased = true;
    } else if (name == "windash") {
      pattern = Windash(pattern);
    } else if (name == "base64") {
      if (!IsPlain(pattern)) return Wrong(name);
      pattern = EncodeBase64(pattern);
    } else if (name == "utf16le" || name == "wide" || name == "utf16be" || name == "utf16") {
      const Utf16 form16 = name == "utf16"     ? Utf16::kBom
                           : name == "utf16be" ? Utf16::kBig
                                               : Utf16::kLittle;
      if (!IsPlain(pattern) || !EncodeUtf16(pattern, form16, &pattern)) return Wrong(name);
    } else if (name == "cidr") {
      const auto network =
          IsPlain(pattern) ? ParseNetwork(Encode(PlainText(pattern))) : std::nullopt;
      if (keyword || !network) return Fail("not a network: '" + form->text + "'");
      form->kind = Kind::kCidr;
      form->network = *network;
    } else if (name == "fieldref") {
      if (keyword || !IsPlain(pattern)) return Wrong(name);
      const auto path = ParseFieldPath(form->text);
      if (form->text.empty() || !path || path->quantifier != Quantifier::kNone) return Wrong(name);
      form->kind = Kind::kFieldRef;
    } else {
      return IsKnown(name) ? Wrong(name) : Unknown(name);
    }
    return true;
  }

  bool Expand(Forms* forms) {
    Forms out;
    for (const Matcher& form : *forms) {
      if (form.kind == Kind::kRegex) {
        std::vector<std::string> texts;
        if (!ExpandRegex(form.text, placeholders_, &texts, why_)) return false;
        for (std::string& text : texts) {
          out.push_back(form);
          out.back().text = std::move(text);
        }
      } else if (form.kind == Kind::kString) {
        std::vector<Pattern> patterns;
        if (!ExpandPattern(form.pattern, placeholders_, &patterns, why_)) return false;
        for (Pattern& pattern : patterns) {
          out.push_back(form);
          out.back().pattern = std::move(pattern);
        }
      } else if (form.kind == Kind::kNumber) {
        out.push_back(form);
      } else {
        return Wrong("expand");
      }
    }
    *forms = std::move(out);
    return true;
  }

  bool Base64Offset(Forms* forms) {
    Forms out;
    for (Matcher& form : *forms) {
      if (form.kind == Kind::kNumber) {
        form.kind = Kind::kString;
        form.pattern = ParsePattern(form.text, false);
      }
      if (form.kind != Kind::kString || !IsPlain(form.pattern)) return Wrong("base64offset");
      for (Pattern& pattern : EncodeBase64Offset(form.pattern)) {
        out.push_back(form);
        out.back().pattern = std::move(pattern);
      }
    }
    *forms = std::move(out);
    return !forms->empty() || Wrong("base64offset");
  }

  // Checks and completes a matcher once every modifier has been applied.
  bool Finish(bool keyword, Matcher* form) {
    if (keyword && (form->kind == Kind::kNull || form->kind == Kind::kBool)) {
      return Fail("keyword is neither text nor a number");
    }
    if (keyword && form->kind == Kind::kNumber) {
      form->kind = Kind::kString;
      form->pattern = LiteralPattern(Decode(form->text));
    }
    if (form->kind == Kind::kString) {
      if (keyword) {
        AddStarBefore(&form->pattern);
        AddStarAfter(&form->pattern);
      }
      for (const Unit& unit : form->pattern) {
        if (unit.kind == Unit::Kind::kPlaceholder) return Fail("placeholder left unresolved");
      }
      if (!form->cased) form->pattern = FoldPattern(form->pattern);
    }
    return form->kind != Kind::kRegex || CompileRegex(form);
  }

  bool CompileRegex(Matcher* form) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kRegexMemory);
    options.set_case_sensitive(!form->fold_regex);
    std::string flags;
    if (form->multi_line) flags += "m";
    if (form->dot_all) flags += "s";
    const std::string source = flags.empty() ? form->text : "(?" + flags + ":" + form->text + ")";
    // The text must stand on its own too: it may not close the group around it.
    const RE2 alone(form->text, options);
    if (!alone.ok()) return Fail("bad regular expression: " + alone.error());
    auto regex = std::make_shared<const RE2>(source, options);
    if (!regex->ok()) return Fail("bad regular expression: " + regex->error());
    form->regex = std::move(regex);
    return true;
  }

  const std::vector<std::string>& names_;
  const Placeholders& placeholders_;
  std::string* why_;
  bool expands_ = false;
};

}  // namespace

bool BuildValues(const std::vector<Yaml>& written, const std::vector<std::string>& modifiers,
                 const Placeholders& placeholders, Item* item, std::string* why) {
  return Modifiers(modifiers, placeholders, why).Build(written, item);
}

}  // namespace vedette::reference
