// The C interface, second part: rules to programs, programs to bytes and back, what rules say about
// themselves, indicator sets. See base.h for what holds for every function.
#ifndef VEDETTE_C_RULES_H_
#define VEDETTE_C_RULES_H_

#include "vedette/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- Rule texts -------------------------------------------------------------------------------

// Texts to compile together. The host reads the files and walks the folders: one call for each file
// of its listing. One thread at a time.
typedef struct vedette_rules vedette_rules;

// What a text is.
enum {
  // Sigma (*.yml, *.yaml), Vedette (*.vdt), EQL queries (*.eql), Elastic (*.toml, *.json,
  // *.ndjson),
  // told apart by the name. Order is the order of rules; references work across texts.
  VEDETTE_SOURCE_RULES = 0,
  VEDETTE_SOURCE_SIGMA_PIPELINE = 1,      // a pySigma processing pipeline, YAML
  VEDETTE_SOURCE_SIGMA_PLACEHOLDERS = 2,  // a YAML map of names to values for `|expand`
  VEDETTE_SOURCE_LOG_SOURCES = 3          // rows before the built-in log source table
};

VEDETTE_API vedette_status vedette_rules_new(vedette_rules** rules, vedette_error** error);
// Copies both texts. `name` is the file in diagnostics. INVALID_ARGUMENT, with file and line, for
// placeholders and log source rows that are wrong (nothing is added then); rules and pipelines are
// looked at by vedette_compile.
VEDETTE_API vedette_status vedette_rules_add(vedette_rules* rules, int32_t source_kind,
                                             const char* name, size_t name_size, const char* text,
                                             size_t text_size, vedette_error** error);
VEDETTE_API void vedette_rules_free(vedette_rules* rules);

// ---- Indicator sets ---------------------------------------------------------------------------

typedef struct vedette_report vedette_report;

// What `in set("name")` of rules asks. Thread-safe: sets may be replaced while processors run; each
// takes the new one before its next event.
typedef struct vedette_indicators vedette_indicators;
VEDETTE_API vedette_status vedette_indicators_new(vedette_indicators** indicators,
                                                  vedette_error** error);
// Replaces the set `name` by what `text` holds. `file` tells the form: *.csv with a header, *.json,
// *.jsonl, *.ndjson, else one value a line. Lines that are wrong are left out and named in
// `*report` (may be NULL).
VEDETTE_API vedette_status vedette_indicators_set(vedette_indicators* indicators, const char* name,
                                                  size_t name_size, const char* file,
                                                  size_t file_size, const char* text,
                                                  size_t text_size, vedette_report** report,
                                                  vedette_error** error);
// Takes the set away; no error if there is none.
VEDETTE_API vedette_status vedette_indicators_remove(vedette_indicators* indicators,
                                                     const char* name, size_t name_size,
                                                     vedette_error** error);
VEDETTE_API void vedette_indicators_free(vedette_indicators* indicators);

// ---- Compiling --------------------------------------------------------------------------------

enum {
  VEDETTE_COMPILE_LINT = 1,      // warn about rules that are hardly what was meant
  VEDETTE_COMPILE_STRICT = 2,    // a rule that is refused fails the call
  VEDETTE_COMPILE_EMIT_ALL = 4,  // silent rules give detections, too
  // Rules over several events keep users, processes, addresses and the like of their events: they
  // stand in the evidence, and are entities of the alerts. Takes memory of each event that is kept.
  VEDETTE_COMPILE_ENTITY_FIELDS = 8
};

typedef struct vedette_compile_options {
  uint32_t struct_size;
  uint32_t flags;            // VEDETTE_COMPILE_*
  uint64_t max_regex_bytes;  // of one rule's compiled expressions; 8 MiB
  // Sets that processors will have: rules that ask for others are warned of. NULL: no warnings.
  const vedette_indicators* indicators;
} vedette_compile_options;
VEDETTE_API void vedette_compile_options_init(vedette_compile_options* options, size_t size);

// Rules ready to run. Immutable and thread-safe.
typedef struct vedette_program vedette_program;

// One bad rule never stops the others: it is left out and named in the report. `options` may be
// NULL; `report` may be NULL. FAILED_PRECONDITION, with file and line of the first error, for a
// pipeline that is wrong and under VEDETTE_COMPILE_STRICT; `*report` is set then, too. Thread-safe
// as long as nobody adds to `rules`.
VEDETTE_API vedette_status vedette_compile(const vedette_rules* rules,
                                           const vedette_compile_options* options,
                                           vedette_program** program, vedette_report** report,
                                           vedette_error** error);

// What a compiler or a reader of indicators found. Immutable and thread-safe.
enum { VEDETTE_NOTE = 0, VEDETTE_WARNING = 1, VEDETTE_ERROR = 2 };
typedef struct vedette_diagnostic {
  uint32_t struct_size;
  int32_t severity;     // an ERROR names what was left out
  vedette_string code;  // stable ("SIG0012"); see docs/diagnostics.md
  vedette_string message;
  vedette_string file;
  vedette_string rule;       // title or id, "" if unknown
  vedette_string hint;       // what to write instead, or ""
  vedette_string line_text;  // the line of the file
  uint32_t line;             // 1-based; 0: the whole file
  uint32_t column;           // 1-based, in bytes
  uint32_t length;           // bytes of the line that are meant
  uint32_t note_count;
} vedette_diagnostic;
typedef struct vedette_compile_stats {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t sources;
  uint64_t rules_loaded;
  uint64_t rules_skipped;     // each has a diagnostic of severity ERROR
  uint64_t rules_unroutable;  // loaded, but no log source leads to them
  uint64_t correlations;      // rules over several events
  uint64_t predicates;        // distinct tests of all rules
} vedette_compile_stats;

VEDETTE_API size_t vedette_report_count(const vedette_report* report);
// The texts live as long as the report.
VEDETTE_API vedette_status vedette_report_get(const vedette_report* report, size_t index,
                                              vedette_diagnostic* diagnostic,
                                              vedette_error** error);
VEDETTE_API vedette_string vedette_report_note(const vedette_report* report, size_t index,
                                               size_t note);
VEDETTE_API vedette_status vedette_report_stats(const vedette_report* report,
                                                vedette_compile_stats* stats,
                                                vedette_error** error);
// One diagnostic for people: `file:3:7: error: message [CODE]`, the line with a caret, notes, hint.
// `color` other than 0 adds terminal colours.
VEDETTE_API vedette_status vedette_report_text(const vedette_report* report, size_t index,
                                               int32_t color, vedette_bytes** text,
                                               vedette_error** error);
// All diagnostics, one JSON object a line.
VEDETTE_API vedette_status vedette_report_json(const vedette_report* report, vedette_bytes** json,
                                               vedette_error** error);
VEDETTE_API void vedette_report_free(vedette_report* report);

// ---- Programs ---------------------------------------------------------------------------------

// As bytes for vedette_program_load on any machine; equal programs give equal bytes.
VEDETTE_API vedette_status vedette_program_save(const vedette_program* program,
                                                vedette_bytes** bytes, vedette_error** error);
// `bytes` may come from anywhere: all of it is checked. INVALID_ARGUMENT (no program),
// DATA_LOSS (cut off, damaged), FAILED_PRECONDITION (of another form), LIMIT.
VEDETTE_API vedette_status vedette_program_load(const char* bytes, size_t size,
                                                vedette_program** program, vedette_error** error);
VEDETTE_API void vedette_program_free(vedette_program* program);
// 64 bits of what all rules mean, without their metadata.
VEDETTE_API uint64_t vedette_program_fingerprint(const vedette_program* program);
// An estimate, in bytes.
VEDETTE_API uint64_t vedette_program_memory(const vedette_program* program);
// Names of the event fields that rules read, sorted.
VEDETTE_API size_t vedette_program_field_count(const vedette_program* program);
VEDETTE_API vedette_string vedette_program_field(const vedette_program* program, size_t index);

// ---- Rules of a program -----------------------------------------------------------------------

// What a rule says about itself. Borrowed from its program or detection. Immutable, thread-safe.
typedef struct vedette_rule vedette_rule;
// Rules over single events, in the order of the sources. NULL beyond the end.
VEDETTE_API size_t vedette_program_rule_count(const vedette_program* program);
VEDETTE_API const vedette_rule* vedette_program_rule(const vedette_program* program, size_t index);
// Rules over several events.
VEDETTE_API size_t vedette_program_correlation_count(const vedette_program* program);
VEDETTE_API const vedette_rule* vedette_program_correlation(const vedette_program* program,
                                                            size_t index);
// The rule over single events, else the one over several, with this id, name or title; NULL if
// there is none.
VEDETTE_API const vedette_rule* vedette_program_find_rule(const vedette_program* program,
                                                          const char* name, size_t name_size);

enum {
  VEDETTE_RULE_ID = 0,
  VEDETTE_RULE_NAME = 1,
  VEDETTE_RULE_TITLE = 2,
  VEDETTE_RULE_DESCRIPTION = 3,
  VEDETTE_RULE_STATUS = 4,
  VEDETTE_RULE_LEVEL = 5,  // as text
  VEDETTE_RULE_AUTHOR = 6,
  VEDETTE_RULE_DATE = 7,
  VEDETTE_RULE_MODIFIED = 8,
  VEDETTE_RULE_LICENSE = 9,
  VEDETTE_RULE_FILE = 10,
  VEDETTE_RULE_PRODUCT = 11,  // of its log source
  VEDETTE_RULE_CATEGORY = 12,
  VEDETTE_RULE_SERVICE = 13,
  VEDETTE_RULE_DISPLAY_NAME = 14  // title, else name, else id, else file
};
// "" for what the rule does not say and for other numbers.
VEDETTE_API vedette_string vedette_rule_text(const vedette_rule* rule, int32_t property);

enum {
  VEDETTE_RULE_TAGS = 0,
  VEDETTE_RULE_REFERENCES = 1,
  VEDETTE_RULE_FALSE_POSITIVES = 2,
  VEDETTE_RULE_FIELDS = 3
};
VEDETTE_API size_t vedette_rule_list_size(const vedette_rule* rule, int32_t list);
VEDETTE_API vedette_string vedette_rule_list_item(const vedette_rule* rule, int32_t list,
                                                  size_t index);
// Other top-level keys of the rule, as text.
VEDETTE_API size_t vedette_rule_custom_count(const vedette_rule* rule);
VEDETTE_API vedette_pair vedette_rule_custom(const vedette_rule* rule, size_t index);

enum {
  VEDETTE_LEVEL_UNSET = 0,
  VEDETTE_LEVEL_INFORMATIONAL = 1,
  VEDETTE_LEVEL_LOW = 2,
  VEDETTE_LEVEL_MEDIUM = 3,
  VEDETTE_LEVEL_HIGH = 4,
  VEDETTE_LEVEL_CRITICAL = 5
};
VEDETTE_API int32_t vedette_rule_level(const vedette_rule* rule);
// The 1-based line of its file on which it begins.
VEDETTE_API uint32_t vedette_rule_line(const vedette_rule* rule);

#ifdef __cplusplus
}
#endif

#endif  // VEDETTE_C_RULES_H_
