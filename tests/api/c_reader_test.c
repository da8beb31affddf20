/* The C interface: streams of other formats than JSON lines, in pieces cut anywhere. */
#include <stdlib.h>

#include "tests/support/c_host.h"
#include "vedette/c/reader.h"

static const char kAny[] =
    "title: Found\n"
    "logsource: {category: any}\n"
    "detection:\n"
    "  s: [needle]\n"
    "  condition: s\n";

typedef struct Case {
  const char* format; /* NULL: told from the bytes */
  const char* text;
  int detections;
  uint64_t events;
  uint64_t broken;
  uint64_t incomplete;
  uint64_t last_line; /* of the last detection */
} Case;

static const Case kCases[] = {
    {NULL,
     "<34>Nov 17 22:14:15 web-01 su[12]: needle\nno syslog\n\n"
     "<34>Nov 17 22:14:16 web-01 app: {\"a\":\"needle\"}\n",
     2, 2, 1, 0, 4},
    {"cef", "CEF:0|V|P|1|7|N|5|msg=needle\nLEEF:1.0|V|P|1|7|a=b\tno pair\nCEF:0|V\n", 1, 2, 1, 1,
     1},
    {"logfmt", "level=info msg=\"a needle\"\nmsg=hay\n", 1, 2, 0, 0, 1},
    {"auditd",
     "type=SYSCALL msg=audit(1794911460.204:5120): arch=c000003e syscall=59 items=0 comm=\"sh\"\n"
     "type=EXECVE msg=audit(1794911460.204:5120): argc=2 a0=\"sh\" a1=\"needle\"\n"
     "type=PROCTITLE msg=audit(1794911460.204:5120): proctitle=\"sh\"\n",
     1, 1, 0, 0, 1},
    {"zeek",
     "#separator \\x09\n#path\tdns\n#fields\tts\tquery\n#types\ttime\tstring\n1.5\tneedle\n", 1, 1,
     0, 0, 5},
    {"csv", "a,b\n1,\"x\nneedle\"\n2\n3,needle", 2, 3, 0, 1, 5},
    {"json", "[{\"a\":1},\n{\"a\":\n\"needle\"}, 7]\n", 1, 2, 1, 0, 2},
    {NULL, "{\"a\":\"needle\"}\n{\"a\":\n", 1, 1, 1, 0, 1},
};

static vedette_reader* ReaderOf(const char* format) {
  vedette_reader* reader = NULL;
  vedette_reader_options options;
  vedette_reader_options_init(&options, sizeof options);
  options.format = vedette_string_of(format);
  options.name = vedette_string_of("the stream");
  CHECK_OK(vedette_reader_new(&options, &reader, &error));
  return reader;
}

static vedette_event_info AnyEvent(void) {
  vedette_event_info info;
  vedette_event_info_init(&info, sizeof info);
  info.category = vedette_string_of("any");
  info.now = INT64_C(1795600800000000000);
  return info;
}

static void CheckCase(const vedette_program* program, const Case* c, size_t step) {
  Seen seen = {0};
  vedette_processor_options options;
  vedette_processor_options_init(&options, sizeof options);
  options.on_broken = OnBroken;
  vedette_processor* processor = ProcessorOf(program, &options, &seen);
  vedette_reader* reader = ReaderOf(c->format);
  vedette_reader_stats stats = {.struct_size = sizeof stats};
  vedette_processor_stats counted = {.struct_size = sizeof counted};
  const vedette_event_info info = AnyEvent();
  const size_t size = strlen(c->text);
  for (size_t at = 0; at < size; at += step) {
    /* A copy of its own for each piece: nothing may be read of it after the call. */
    const size_t n = size - at < step ? size - at : step;
    char* piece = malloc(n);
    memcpy(piece, c->text + at, n);
    CHECK_OK(vedette_processor_process_stream(processor, reader, piece, n, 0, &info, &error));
    memset(piece, 'x', n);
    free(piece);
  }
  CHECK_OK(vedette_processor_process_stream(processor, reader, NULL, 0, VEDETTE_STREAM_END, &info,
                                            &error));
  CHECK_OK(vedette_reader_get_stats(reader, &stats, &error));
  CHECK(seen.count == c->detections && stats.ended == 1 && stats.bytes == size);
  CHECK(stats.events == c->events && stats.broken == c->broken && stats.pending == 0);
  CHECK(stats.incomplete == c->incomplete);
  CHECK(seen.broken == c->broken + c->incomplete);
  CHECK(vedette_detection_line(seen.copy) == c->last_line);
  CHECK(IsString(vedette_detection_stream(seen.copy), "the stream"));
  CHECK_OK(vedette_processor_get_stats(processor, &counted, &error));
  CHECK(counted.events == c->events && counted.broken == c->broken);
  CHECK(counted.blank == stats.blank);
  CHECK_STATUS(VEDETTE_FAILED_PRECONDITION,
               vedette_processor_process_stream(processor, reader, "a", 1, 0, &info, &error));
  vedette_reader_free(reader);
  vedette_processor_free(processor);
  vedette_detection_free(seen.copy);
}

static void TestFormats(const vedette_program* program) {
  static const size_t kSteps[] = {1, 2, 7, 64, 100000};
  for (size_t i = 0; i < sizeof kCases / sizeof kCases[0]; ++i) {
    for (size_t k = 0; k < sizeof kSteps / sizeof kSteps[0]; ++k) {
      const int before = check_failures;
      CheckCase(program, &kCases[i], kSteps[k]);
      if (check_failures != before) fprintf(stderr, "case %zu, step %zu\n", i, kSteps[k]);
    }
  }
}

/* What is whole is processed at once, with its own time. */
static void TestLive(const vedette_program* program) {
  static const char kLine[] = "<34>Nov 17 22:14:15 web-01 su[12]: needle\n<34>Nov 1";
  Seen seen = {0};
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_reader* reader = ReaderOf("syslog");
  const vedette_event_info info = AnyEvent();
  CHECK_OK(
      vedette_processor_process_stream(processor, reader, kLine, strlen(kLine), 0, &info, &error));
  CHECK(seen.count == 1);
  /* 2026-11-17T22:14:15Z: the year is that of `now`. */
  CHECK(vedette_detection_time(seen.copy) == INT64_C(1794953655000000000));
  vedette_reader_free(reader);
  vedette_processor_free(processor);
  vedette_detection_free(seen.copy);
}

static int64_t OneHourEast(int64_t wall_seconds, void* user) {
  ++*(int*)user;
  return wall_seconds - 3600;
}

static void TestZoneAndLimits(const vedette_program* program) {
  Seen seen = {0};
  int calls = 0;
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_reader* reader = NULL;
  vedette_reader_options options;
  vedette_reader_stats stats = {.struct_size = sizeof stats};
  const vedette_event_info info = AnyEvent();
  static const char kLines[] =
      "<34>Nov 17 22:14:15 h p: needle\n<34>Nov 17 22:14:15 h p: longer than the limit is\n";
  vedette_reader_options_init(&options, sizeof options);
  options.format = vedette_string_of("syslog");
  options.utc_of = OneHourEast;
  options.user = &calls;
  options.max_record_bytes = 40;
  CHECK_OK(vedette_reader_new(&options, &reader, &error));
  CHECK_OK(vedette_processor_process_stream(processor, reader, kLines, strlen(kLines),
                                            VEDETTE_STREAM_END, &info, &error));
  CHECK(seen.count == 1 && calls > 0);
  CHECK(vedette_detection_time(seen.copy) == INT64_C(1794950055000000000));
  CHECK_OK(vedette_reader_get_stats(reader, &stats, &error));
  CHECK(stats.events == 1 && stats.oversized == 1);
  vedette_reader_free(reader);
  vedette_processor_free(processor);
  vedette_detection_free(seen.copy);
}

/* A call that is stopped loses nothing; a packed stream that is damaged says so. */
static void TestStopAndDamage(const vedette_program* program) {
  static const char kLines[] = "a=needle b=1\na=needle b=2\na=needle b=3\n";
  Seen seen = {.stop_at = 1};
  vedette_processor* processor = ProcessorOf(program, NULL, &seen);
  vedette_reader* reader = ReaderOf("logfmt");
  vedette_reader_stats stats = {.struct_size = sizeof stats};
  const vedette_event_info info = AnyEvent();
  CHECK_STATUS(VEDETTE_STOPPED, vedette_processor_process_stream(processor, reader, kLines,
                                                                 strlen(kLines), 0, &info, &error));
  CHECK(seen.count == 1);
  seen.stop_at = 0;
  CHECK_OK(vedette_processor_process_stream(processor, reader, NULL, 0, 0, &info, &error));
  CHECK(seen.count == 3);
  vedette_reader_free(reader);

  reader = ReaderOf("");
  vedette_error* refused = NULL;
  CHECK(vedette_processor_process_stream(processor, reader, "\x1f\x8b\x08\x00xxxxxxxxxxxx", 16,
                                         VEDETTE_STREAM_END, &info, &refused) == VEDETTE_DATA_LOSS);
  CHECK(IsString(vedette_error_file(refused), "the stream"));
  vedette_error_free(refused);
  CHECK_OK(vedette_reader_get_stats(reader, &stats, &error));
  CHECK(stats.ended == 1 && stats.events == 0);
  vedette_reader_free(reader);
  vedette_processor_free(processor);
  vedette_detection_free(seen.copy);
}

typedef struct Inside {
  vedette_processor* processor;
  vedette_processor* other;
  vedette_reader* reader;
  int calls;
} Inside;

static int32_t CallBack(const vedette_detection* detection, void* user) {
  Inside* in = user;
  vedette_reader_stats stats = {.struct_size = sizeof stats};
  (void)detection;
  ++in->calls;
  CHECK_STATUS(VEDETTE_BUSY, vedette_processor_process_stream(in->processor, in->reader, "a", 1, 0,
                                                              NULL, &error));
  CHECK_STATUS(VEDETTE_BUSY,
               vedette_processor_process_stream(in->other, in->reader, "a", 1, 0, NULL, &error));
  CHECK_STATUS(VEDETTE_BUSY, vedette_reader_get_stats(in->reader, &stats, &error));
  vedette_reader_free(in->reader); /* nothing */
  return 0;
}

#define CHECK_INVALID(call) CHECK_STATUS(VEDETTE_INVALID_ARGUMENT, call)

static void TestMisuse(const vedette_program* program) {
  vedette_engine* engine = NULL;
  Inside in = {0};
  vedette_reader* none = NULL;
  vedette_reader_options options;
  vedette_reader_stats stats = {.struct_size = 8};
  const vedette_event_info info = AnyEvent();
  CHECK_OK(vedette_engine_new(program, &engine, &error));
  CHECK_OK(vedette_processor_new(engine, NULL, CallBack, &in, &in.processor, &error));
  CHECK_OK(vedette_processor_new(engine, NULL, NULL, NULL, &in.other, &error));
  CHECK_OK(vedette_reader_new(NULL, &in.reader, &error));
  CHECK_OK(vedette_processor_process_stream(in.processor, in.reader, "a=needle b=1\n", 13,
                                            VEDETTE_STREAM_END, &info, &error));
  CHECK(in.calls == 1);
  vedette_reader_free(NULL);
  vedette_reader_options_init(NULL, 0);
  CHECK_INVALID(vedette_reader_new(NULL, NULL, &error));
  CHECK_INVALID(vedette_reader_get_stats(NULL, &stats, &error));
  CHECK_INVALID(vedette_reader_get_stats(in.reader, NULL, &error));
  CHECK_INVALID(vedette_reader_get_stats(in.reader, &stats, &error));
  CHECK_INVALID(vedette_processor_process_stream(NULL, in.reader, "", 0, 0, NULL, &error));
  CHECK_INVALID(vedette_processor_process_stream(in.other, NULL, "", 0, 0, NULL, &error));
  CHECK_INVALID(vedette_processor_process_stream(in.other, in.reader, NULL, 1, 0, NULL, &error));
  CHECK_STATUS(VEDETTE_UNSUPPORTED,
               vedette_processor_process_stream(in.other, in.reader, "", 0, 2, NULL, &error));
  vedette_reader_options_init(&options, sizeof options);
  options.format = vedette_string_of("xml");
  CHECK_INVALID(vedette_reader_new(&options, &none, &error));
  vedette_reader_options_init(&options, sizeof options);
  options.shape = 8;
  CHECK_INVALID(vedette_reader_new(&options, &none, &error));
  options.shape = -1;
  options.csv_delimiter = 256;
  CHECK_INVALID(vedette_reader_new(&options, &none, &error));
  options.csv_delimiter = 0;
  options.max_record_bytes = UINT64_MAX;
  CHECK_INVALID(vedette_reader_new(&options, &none, &error));
  options.max_record_bytes = 1;
  options.struct_size = 8;
  CHECK_INVALID(vedette_reader_new(&options, &none, &error));
  CHECK(none == NULL);
  vedette_reader_free(in.reader);
  vedette_processor_free(in.other);
  vedette_processor_free(in.processor);
  vedette_engine_free(engine);
}

int main(void) {
  vedette_program* program = ProgramOf("any.yml", kAny);
  TestFormats(program);
  TestLive(program);
  TestZoneAndLimits(program);
  TestStopAndDamage(program);
  TestMisuse(program);
  vedette_program_free(program);
  return CheckResult();
}
