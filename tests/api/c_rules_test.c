/* The C interface: rules to programs, programs to bytes, explanations. */
#include <stdlib.h>

#include "tests/support/c_host.h"
#include "vedette/c/rules.h"

static const char kBroken[] =
    "title: Broken\n"
    "logsource: {category: process_creation}\n"
    "detection:\n"
    "  s:\n"
    "    Image|endswit: 'x'\n"
    "  condition: s\n";
static const char kElastic[] =
    "[rule]\n"
    "rule_id = \"e-1\"\n"
    "name = \"Elastic shell\"\n"
    "type = \"query\"\n"
    "language = \"kuery\"\n"
    "query = 'process.name: \"bash\"'\n"
    "severity = \"low\"\n";

static void TestVersions(void) {
  CHECK(strcmp(vedette_version(), "0.1.0") == 0);
  CHECK(vedette_abi_version() == VEDETTE_ABI_VERSION);
  CHECK(strcmp(vedette_status_name(VEDETTE_OK), "OK") == 0);
  CHECK(strcmp(vedette_status_name(VEDETTE_INTERNAL), "INTERNAL") == 0);
  CHECK(strcmp(vedette_status_name(VEDETTE_CONFLICT), "CONFLICT") == 0);
  CHECK(strcmp(vedette_status_name(VEDETTE_CONFLICT + 1), "UNKNOWN") == 0);
  CHECK(strcmp(vedette_status_name(-1), "UNKNOWN") == 0);
  CHECK(vedette_string_of("abc").size == 3 && vedette_string_of(NULL).size == 0);
}

static void TestCompile(void) {
  vedette_rules* rules = NULL;
  vedette_program* program = NULL;
  vedette_report* report = NULL;
  vedette_bytes* text = NULL;
  vedette_compile_options options;
  vedette_diagnostic d = {.struct_size = sizeof d};
  vedette_compile_stats stats = {.struct_size = sizeof stats};

  CHECK_OK(vedette_rules_new(&rules, &error));
  Add(rules, "rules/shell.yml", kSigma);
  Add(rules, "rules/broken.yml", kBroken);
  Add(rules, "rules/elastic.toml", kElastic);
  Add(rules, "rules/brute_force.vdt", kBruteForce);
  CHECK_OK(vedette_compile(rules, NULL, &program, &report, &error));
  CHECK(vedette_program_rule_count(program) == 2);
  CHECK(vedette_program_correlation_count(program) == 1);
  CHECK(vedette_program_memory(program) > 0);
  CHECK_OK(vedette_report_stats(report, &stats, &error));
  CHECK(stats.sources == 4 && stats.rules_skipped == 1 && stats.correlations == 1);
  CHECK(vedette_report_count(report) == 1);
  CHECK_OK(vedette_report_get(report, 0, &d, &error));
  CHECK(d.severity == VEDETTE_ERROR && d.line == 5 && d.column == 11);
  CHECK(IsString(d.file, "rules/broken.yml") && IsString(d.rule, "Broken"));
  CHECK(d.code.size == 7 && d.message.size > 0);
  CHECK(Contains(d.hint.data, "endswith") && Contains(d.line_text.data, "endswit"));
  CHECK_OK(vedette_report_text(report, 0, 0, &text, &error));
  CHECK(Contains(vedette_bytes_data(text), "rules/broken.yml:5:11: error: "));
  vedette_bytes_free(text);
  CHECK_OK(vedette_report_json(report, &text, &error));
  CHECK(Contains(vedette_bytes_data(text), "\"source\":\"rules/broken.yml\",\"line\":5"));
  CHECK(vedette_bytes_size(text) == strlen(vedette_bytes_data(text)));
  vedette_bytes_free(text);
  vedette_report_free(report);
  vedette_program_free(program);

  vedette_compile_options_init(&options, sizeof options);
  options.flags = VEDETTE_COMPILE_STRICT;
  vedette_error* refused = NULL;
  CHECK(vedette_compile(rules, &options, &program, &report, &refused) ==
        VEDETTE_FAILED_PRECONDITION);
  CHECK(program == NULL && vedette_report_count(report) == 1);
  CHECK(IsString(vedette_error_file(refused), "rules/broken.yml"));
  CHECK(vedette_error_line(refused) == 5);
  vedette_error_free(refused);
  vedette_report_free(report);
  vedette_rules_free(rules);
}

static void TestRuleTexts(void) {
  vedette_program* program = ProgramOf("shell.yml", kSigma);
  const vedette_rule* rule = vedette_program_rule(program, 0);
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_TITLE), "Shell from Office"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_NAME), "office_shell"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_DISPLAY_NAME), "Shell from Office"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_DESCRIPTION), "a shell"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_STATUS), "test"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_LEVEL), "high"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_AUTHOR), "us"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_DATE), "2026-01-02"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_MODIFIED), ""));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_LICENSE), ""));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_FILE), "shell.yml"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_PRODUCT), "windows"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_CATEGORY), "process_creation"));
  CHECK(IsString(vedette_rule_text(rule, VEDETTE_RULE_SERVICE), ""));
  CHECK(IsString(vedette_rule_text(rule, 99), ""));
  CHECK(vedette_rule_level(rule) == VEDETTE_LEVEL_HIGH && vedette_rule_line(rule) == 1);
  CHECK(vedette_rule_list_size(rule, VEDETTE_RULE_TAGS) == 2);
  CHECK(IsString(vedette_rule_list_item(rule, VEDETTE_RULE_TAGS, 0), "attack.t1059"));
  CHECK(IsString(vedette_rule_list_item(rule, VEDETTE_RULE_TAGS, 2), ""));
  CHECK(vedette_rule_list_size(rule, VEDETTE_RULE_REFERENCES) == 1);
  CHECK(vedette_rule_list_size(rule, VEDETTE_RULE_FALSE_POSITIVES) == 1);
  CHECK(IsString(vedette_rule_list_item(rule, VEDETTE_RULE_FIELDS, 0), "Image"));
  CHECK(vedette_rule_list_size(rule, 99) == 0);
  CHECK(vedette_rule_custom_count(rule) == 1);
  CHECK(IsString(vedette_rule_custom(rule, 0).name, "team"));
  CHECK(IsString(vedette_rule_custom(rule, 0).value, "blue"));
  CHECK(IsString(vedette_rule_custom(rule, 1).name, ""));
  CHECK(vedette_program_find_rule(program, "office_shell", 12) == rule);
  CHECK(vedette_program_find_rule(program, "no", 2) == NULL);
  CHECK(vedette_program_field_count(program) == 2);
  CHECK(IsString(vedette_program_field(program, 0), "Image"));
  CHECK(IsString(vedette_program_field(program, 2), ""));
  CHECK(vedette_program_rule(program, 1) == NULL);
  CHECK(vedette_program_correlation(program, 0) == NULL);
  vedette_program_free(program);

  program = ProgramOf("b.vdt", kBruteForce);
  CHECK(vedette_program_correlation(program, 0) != NULL);
  CHECK(vedette_program_find_rule(program, "brute_force", 11) ==
        vedette_program_correlation(program, 0));
  vedette_program_free(program);
}

static void TestOtherSources(void) {
  static const char kPlaceholders[] = "admins: [root, adm]\n";
  static const char kPipeline[] =
      "name: p\npriority: 1\ntransformations:\n"
      "  - id: m\n    type: field_name_mapping\n    mapping: {usr: account}\n";
  static const char kBadPipeline[] = "name: p\ntransformations:\n  - type: no_such_thing\n";
  static const char kLogSources[] = "kind=login => product=app category=login\n";
  static const char kRule[] =
      "title: Admin\nlogsource: {product: app}\ndetection:\n  s:\n"
      "    usr|expand: '%admins%'\n  condition: s\n";
  static const char kEvent[] = "{\"kind\":\"login\",\"account\":\"adm\"}";
  vedette_rules* rules = NULL;
  vedette_program* program = NULL;
  vedette_report* report = NULL;
  vedette_error* refused = NULL;
  Seen seen = {0};

  CHECK_OK(vedette_rules_new(&rules, &error));
  CHECK_OK(vedette_rules_add(rules, VEDETTE_SOURCE_SIGMA_PLACEHOLDERS, "v.yml", 5, kPlaceholders,
                             strlen(kPlaceholders), &error));
  CHECK_OK(vedette_rules_add(rules, VEDETTE_SOURCE_SIGMA_PIPELINE, "p.yml", 5, kPipeline,
                             strlen(kPipeline), &error));
  CHECK_OK(vedette_rules_add(rules, VEDETTE_SOURCE_LOG_SOURCES, "l.txt", 5, kLogSources,
                             strlen(kLogSources), &error));
  Add(rules, "admin.yml", kRule);
  CHECK_OK(vedette_compile(rules, NULL, &program, &report, &error));
  CHECK(vedette_report_count(report) == 0);
  vedette_report_free(report);
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  CHECK_OK(vedette_processor_process_json(processor, kEvent, strlen(kEvent), NULL, &error));
  CHECK(seen.count == 1 && strcmp(seen.title, "Admin") == 0);
  vedette_detection_free(seen.copy);
  vedette_processor_free(processor);
  vedette_program_free(program);

  CHECK(vedette_rules_add(rules, VEDETTE_SOURCE_LOG_SOURCES, "l.txt", 5, "nothing", 7, &refused) ==
        VEDETTE_INVALID_ARGUMENT);
  CHECK(IsString(vedette_error_file(refused), "l.txt"));
  vedette_error_free(refused);
  CHECK(vedette_rules_add(rules, VEDETTE_SOURCE_SIGMA_PLACEHOLDERS, "v.yml", 5, "a: [", 4,
                          &refused) == VEDETTE_INVALID_ARGUMENT);
  CHECK(IsString(vedette_error_file(refused), "v.yml") && vedette_error_line(refused) > 0);
  vedette_error_free(refused);
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, vedette_rules_add(rules, 99, "a", 1, "", 0, &error));
  CHECK_OK(vedette_rules_add(rules, VEDETTE_SOURCE_SIGMA_PIPELINE, "bad.yml", 7, kBadPipeline,
                             strlen(kBadPipeline), &error));
  CHECK(vedette_compile(rules, NULL, &program, &report, &refused) == VEDETTE_FAILED_PRECONDITION);
  CHECK(program == NULL && vedette_report_count(report) > 0);
  CHECK(IsString(vedette_error_file(refused), "bad.yml"));
  vedette_error_free(refused);
  vedette_report_free(report);
  vedette_rules_free(rules);
}

static void TestSaveAndLoad(void) {
  vedette_program* program = ProgramOf("shell.yml", kSigma);
  vedette_program* loaded = NULL;
  vedette_bytes* bytes = NULL;
  vedette_bytes* again = NULL;
  CHECK_OK(vedette_program_save(program, &bytes, &error));
  const char* data = vedette_bytes_data(bytes);
  const size_t size = vedette_bytes_size(bytes);
  CHECK_OK(vedette_program_load(data, size, &loaded, &error));
  CHECK(vedette_program_fingerprint(loaded) == vedette_program_fingerprint(program));
  CHECK_OK(vedette_program_save(loaded, &again, &error));
  CHECK(vedette_bytes_size(again) == size && memcmp(data, vedette_bytes_data(again), size) == 0);
  vedette_program_free(loaded);
  for (size_t cut = 0; cut < size; cut += 7) {
    CHECK(vedette_program_load(data, cut, &loaded, NULL) != VEDETTE_OK && loaded == NULL);
  }
  char* damaged = malloc(size);
  if (damaged != NULL) {
    memcpy(damaged, data, size);
    damaged[size / 2] ^= 1;
    CHECK_STATUS(VEDETTE_DATA_LOSS, vedette_program_load(damaged, size, &loaded, &error));
    free(damaged);
  }
  CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, vedette_program_load("no program", 10, &loaded, &error));
  vedette_bytes_free(again);
  vedette_bytes_free(bytes);
  vedette_program_free(program);
}

static void TestExplain(void) {
  vedette_program* program = ProgramOf("shell.yml", kSigma);
  vedette_explain_options options;
  vedette_bytes* text = NULL;
  static const char kOther[] =
      "{\"Channel\":\"Microsoft-Windows-Sysmon/Operational\",\"EventID\":1,\"Image\":\"x\"}";
  CHECK_OK(vedette_explain_json(program, "Shell from Office", 17, kShellEvent, strlen(kShellEvent),
                                NULL, &text, &error));
  CHECK(vedette_bytes_data(text)[0] == '+');
  vedette_bytes_free(text);
  vedette_explain_options_init(&options, sizeof options);
  options.format = VEDETTE_EXPLAIN_JSON;
  CHECK_OK(vedette_explain_json(program, "office_shell", 12, kOther, strlen(kOther), &options,
                                &text, &error));
  CHECK(Contains(vedette_bytes_data(text), "\"result\":false"));
  CHECK(Contains(vedette_bytes_data(text), "no such field"));
  vedette_bytes_free(text);
  CHECK_STATUS(VEDETTE_NOT_FOUND,
               vedette_explain_json(program, "x", 1, kOther, strlen(kOther), NULL, &text, &error));
  CHECK_STATUS(VEDETTE_BROKEN_EVENT,
               vedette_explain_json(program, "office_shell", 12, "{", 1, NULL, &text, &error));
  options.format = 9;
  CHECK_STATUS(VEDETTE_UNSUPPORTED,
               vedette_explain_json(program, "office_shell", 12, "{}", 2, &options, &text, &error));
  CHECK(text == NULL);
  vedette_program_free(program);
}

int main(void) {
  TestVersions();
  TestCompile();
  TestRuleTexts();
  TestOtherSources();
  TestSaveAndLoad();
  TestExplain();
  return CheckResult();
}
