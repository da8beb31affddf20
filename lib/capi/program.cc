// Programs, and what their rules say about themselves.
#include "vedette/program.h"

#include "lib/capi/handles.h"
#include "vedette/c/rules.h"
#include "vedette/saved_program.h"

using vedette::Program;
using vedette::RuleMeta;
using vedette::capi::Guard;
using vedette::capi::IsText;
using vedette::capi::Meta;
using vedette::capi::NullPointer;
using vedette::capi::Out;
using vedette::capi::Outcome;
using vedette::capi::Text;

vedette_status vedette_program_save(const vedette_program* program, vedette_bytes** bytes,
                                    vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (bytes != nullptr) *bytes = nullptr;
    if (program == nullptr || bytes == nullptr) return NullPointer("program or bytes");
    vedette::capi::SetBytes(vedette::SaveProgram(*program->program), bytes);
    return {};
  });
}

vedette_status vedette_program_load(const char* bytes, size_t size, vedette_program** program,
                                    vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    if (program == nullptr) return NullPointer("program");
    *program = nullptr;
    if (!IsText(bytes, size)) return NullPointer("bytes");
    auto loaded = vedette::LoadProgram(Text(bytes, size));
    if (!loaded.ok()) return loaded.status();
    *program = new vedette_program{*std::move(loaded)};
    return {};
  });
}

void vedette_program_free(vedette_program* program) { delete program; }

uint64_t vedette_program_fingerprint(const vedette_program* program) {
  return program != nullptr ? program->program->fingerprint() : 0;
}
uint64_t vedette_program_memory(const vedette_program* program) {
  return program != nullptr ? program->program->memory_bytes() : 0;
}
size_t vedette_program_field_count(const vedette_program* program) {
  return program != nullptr ? program->program->required_fields().size() : 0;
}
vedette_string vedette_program_field(const vedette_program* program, size_t index) {
  if (index >= vedette_program_field_count(program)) return Out("");
  return Out(program->program->required_fields()[index]);
}

size_t vedette_program_rule_count(const vedette_program* program) {
  return program != nullptr ? program->program->rule_count() : 0;
}
const vedette_rule* vedette_program_rule(const vedette_program* program, size_t index) {
  if (index >= vedette_program_rule_count(program)) return nullptr;
  return Out(program->program->rule(index));
}
size_t vedette_program_correlation_count(const vedette_program* program) {
  return program != nullptr ? program->program->correlation_count() : 0;
}
const vedette_rule* vedette_program_correlation(const vedette_program* program, size_t index) {
  if (index >= vedette_program_correlation_count(program)) return nullptr;
  return Out(program->program->correlation(index));
}

const vedette_rule* vedette_program_find_rule(const vedette_program* program, const char* name,
                                              size_t name_size) {
  if (program == nullptr || !IsText(name, name_size)) return nullptr;
  const std::string_view wanted = Text(name, name_size);
  const Program& p = *program->program;
  const int rule = p.FindRule(wanted);
  if (rule >= 0) return Out(p.rule(static_cast<size_t>(rule)));
  for (size_t i = 0; i < p.correlation_count(); ++i) {
    const RuleMeta& meta = p.correlation(i);
    if (meta.id == wanted || meta.name == wanted || meta.title == wanted) return Out(meta);
  }
  return nullptr;
}

vedette_string vedette_rule_text(const vedette_rule* rule, int32_t property) {
  if (rule == nullptr) return Out("");
  const RuleMeta& meta = Meta(rule);
  switch (property) {
    case VEDETTE_RULE_ID:
      return Out(meta.id);
    case VEDETTE_RULE_NAME:
      return Out(meta.name);
    case VEDETTE_RULE_TITLE:
      return Out(meta.title);
    case VEDETTE_RULE_DESCRIPTION:
      return Out(meta.description);
    case VEDETTE_RULE_STATUS:
      return Out(meta.status);
    case VEDETTE_RULE_LEVEL:
      return Out(vedette::LevelName(meta.level));
    case VEDETTE_RULE_AUTHOR:
      return Out(meta.author);
    case VEDETTE_RULE_DATE:
      return Out(meta.date);
    case VEDETTE_RULE_MODIFIED:
      return Out(meta.modified);
    case VEDETTE_RULE_LICENSE:
      return Out(meta.license);
    case VEDETTE_RULE_FILE:
      return Out(meta.source);
    case VEDETTE_RULE_PRODUCT:
      return Out(meta.log_source.product);
    case VEDETTE_RULE_CATEGORY:
      return Out(meta.log_source.category);
    case VEDETTE_RULE_SERVICE:
      return Out(meta.log_source.service);
    case VEDETTE_RULE_DISPLAY_NAME:
      return Out(meta.display_name());
    default:
      return Out("");
  }
}

namespace {

const std::vector<std::string>& List(const vedette_rule* rule, int32_t list) {
  static const auto& none = *new std::vector<std::string>;
  if (rule == nullptr) return none;
  switch (list) {
    case VEDETTE_RULE_TAGS:
      return Meta(rule).tags;
    case VEDETTE_RULE_REFERENCES:
      return Meta(rule).references;
    case VEDETTE_RULE_FALSE_POSITIVES:
      return Meta(rule).false_positives;
    case VEDETTE_RULE_FIELDS:
      return Meta(rule).fields;
    default:
      return none;
  }
}

}  // namespace

size_t vedette_rule_list_size(const vedette_rule* rule, int32_t list) {
  return List(rule, list).size();
}
vedette_string vedette_rule_list_item(const vedette_rule* rule, int32_t list, size_t index) {
  const std::vector<std::string>& items = List(rule, list);
  return Out(index < items.size() ? std::string_view(items[index]) : "");
}
size_t vedette_rule_custom_count(const vedette_rule* rule) {
  return rule != nullptr ? Meta(rule).custom.size() : 0;
}
vedette_pair vedette_rule_custom(const vedette_rule* rule, size_t index) {
  if (rule == nullptr) return {Out(""), Out("")};
  return vedette::capi::PairAt(Meta(rule).custom, index);
}
int32_t vedette_rule_level(const vedette_rule* rule) {
  return rule != nullptr ? static_cast<int32_t>(Meta(rule).level) : VEDETTE_LEVEL_UNSET;
}
uint32_t vedette_rule_line(const vedette_rule* rule) {
  return rule != nullptr ? Meta(rule).line : 0;
}
